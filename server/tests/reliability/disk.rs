//! R7, R8: the database does not take writes, the journal cannot be written.

use crate::support::{
    Age, Grant, World,
    figures::{reduced, report},
    judge::{Verdict, judge},
    provider::Registration,
    server::{Server, Setup},
    wait::until,
};
use serde_json::json;
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use storage::Storage as _;

/// R7: the database takes no writes, from right after the provider answered on. The answers wait in the journal; no
/// spent refresh token is sent again.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r7_a_database_down_after_the_answer_loses_nothing() {
    const GRANTS: usize = 60;
    // Longer than the busy timeout of 5 s: commits fail, they do not only wait.
    let down = Duration::from_secs(reduced(12, 60));
    let world = World::shared().await;
    let grants = world.seed(Registration::Legacy, GRANTS, Age::due()).await;
    world.provider.behave(json!({"latency_ms": 2000})).await;
    let house = world.open().await;
    let mut server = world.serve(Setup::default()).await;
    // Known keys are answered from memory; a key that was never seen is looked up.
    server
        .token(grants[0].authorization)
        .await
        .expect("an answer");
    until("the first requests", 60, || async {
        world.provider.requests().await >= 8
    })
    .await;
    // They are with the provider for two seconds: the answers meet a locked database.
    let lock = house.storage.write().await.expect("the write lock");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let asked = world.provider.requests().await;
    tokio::time::sleep(down.saturating_sub(Duration::from_secs(3))).await;
    let asked_while_down = world.provider.requests().await - asked;
    let mut answered = 0;
    for grant in &grants {
        let answer = server.token(grant.authorization).await.expect("an answer");
        answered += usize::from(answer.status == 200);
    }
    lock.cancel().await.expect("the lock is given back");
    house.storage.close().await;
    world.provider.behave(json!({"latency_ms": 0})).await;

    until("every grant's refresh", 120, || async {
        world.provider.issued().await >= GRANTS as u64
    })
    .await;
    server.process.end().await;
    let verdict = judge(&world, &grants).await;
    let mut by_family: HashMap<Option<String>, usize> = HashMap::new();
    for entry in world.provider.ledger().await.entries {
        *by_family.entry(entry.family).or_default() += 1;
    }
    let repeated = by_family.values().filter(|requests| **requests > 1).count();
    report(&format!(
        "R7: down={}s grants={GRANTS} asked_while_down={asked_while_down} served_while_down={answered} lost={} \
         flagged={} repeated={repeated}",
        down.as_secs(),
        verdict.lost.len(),
        verdict.flagged.len(),
    ));
    assert!(
        verdict.lost.is_empty() && verdict.flagged.is_empty(),
        "{verdict:?}"
    );
    assert_eq!(repeated, 0);
    assert_eq!(verdict.totals.double_spends, 0);
    assert_eq!(
        asked_while_down, 0,
        "an intent that cannot be written is not carried out"
    );
    assert_eq!(answered, GRANTS, "tokens that are good are served");
}

/// R8: without a durable journal no refresh starts, and readiness says so. Here the writing and the syncing fail.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r8_a_failing_journal_stops_refreshing() {
    const GRANTS: usize = 20;
    let mut figures = Vec::new();
    for failpoint in ["journal.write=error", "journal.sync=error"] {
        let world = World::shared().await;
        let grants = world.seed(Registration::Legacy, GRANTS, Age::due()).await;
        let mut server = world
            .serve(Setup {
                failpoints: failpoint,
                ..Setup::default()
            })
            .await;
        until("readiness to say so", 30, || async {
            server.readiness().await == 503
        })
        .await;
        // Several rounds of the scheduler.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let requests = world.provider.requests().await;
        assert_eq!(server.readiness().await, 503, "{failpoint}");
        let token = server.token(grants[0].authorization).await;
        assert_eq!(token.expect("an answer").status, 200);
        server.process.end().await;

        let verdict = heal(&world, &grants).await;
        figures.push(format!(
            "{failpoint}: requests={requests} readiness=503 lost={}",
            verdict.lost.len() + verdict.flagged.len()
        ));
        assert_eq!(requests, 0, "{failpoint}");
        assert!(
            verdict.lost.is_empty() && verdict.flagged.is_empty(),
            "{verdict:?}"
        );
        assert_eq!(verdict.totals.double_spends, 0, "{failpoint}");
    }
    report(&format!("R8: grants={GRANTS} {}", figures.join("; ")));
}

/// R8, the disk failing once while refreshes are under way: what was answered is kept, and spent tokens stay spent.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r8_a_journal_that_fails_in_between_loses_nothing() {
    const GRANTS: usize = 40;
    let mut figures = Vec::new();
    for failpoint in ["journal.write=error@9", "journal.sync=error@9"] {
        let world = World::shared().await;
        let grants = world.seed(Registration::Legacy, GRANTS, Age::due()).await;
        let mut server = world
            .serve(Setup {
                failpoints: failpoint,
                config: "refresh.concurrent_requests = 2",
                ..Setup::default()
            })
            .await;
        until("the journal to fail", 60, || async {
            server.process.log().contains("injected by a failpoint")
        })
        .await;
        let verdict = {
            until("every grant's refresh", 120, || async {
                world.provider.issued().await >= GRANTS as u64
            })
            .await;
            let readiness = server.readiness().await;
            assert_eq!(readiness, 200, "it has a new journal");
            server.process.end().await;
            judge(&world, &grants).await
        };
        let lost = verdict.lost.len() + verdict.flagged.len();
        let repeated = verdict.totals.double_spends;
        figures.push(format!("{failpoint}: lost={lost} double_spends={repeated}"));
        assert_eq!((lost, repeated), (0, 0), "{failpoint}: {verdict:?}");
    }
    report(&format!(
        "R8 (fails once): grants={GRANTS} {}",
        figures.join("; ")
    ));
}

/// A server on the same data whose disk works again: it refreshes everything.
async fn heal(world: &World, grants: &[Grant]) -> Verdict {
    let mut healed = world.serve(Setup::default()).await;
    until("every grant's refresh", 60, || async {
        world.provider.issued().await >= grants.len() as u64
    })
    .await;
    assert_eq!(healed.readiness().await, 200);
    healed.process.end().await;
    judge(world, grants).await
}

/// R8 on a disk that is really full: the journal's folder is a small file system of its own. Where mounting is not
/// permitted, the failpoints above have to do.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r8_a_full_disk_stops_refreshing_until_there_is_room() {
    const GRANTS: usize = 200;
    let world = World::shared().await;
    let journal = world.data().join("journal");
    fs::create_dir_all(&journal).expect("the journal's folder");
    let Some(disk) = SmallDisk::mount(&journal) else {
        report("R8 (full disk): not shown, mounting is not permitted here");
        return;
    };
    let grants = world.seed(Registration::Legacy, GRANTS, Age::due()).await;
    disk.fill();
    let mut server = Server::launch(&world, Setup::default());
    server.wait_until_alive().await;
    until("readiness to say so", 30, || async {
        server.readiness().await == 503
    })
    .await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let requests = world.provider.requests().await;
    let token = server.token(grants[0].authorization).await;
    assert_eq!(
        token.expect("an answer").status,
        200,
        "good tokens are served"
    );

    disk.empty();
    until("readiness to come back", 60, || async {
        server.readiness().await == 200
    })
    .await;
    until("every grant's refresh", 120, || async {
        world.provider.issued().await >= GRANTS as u64
    })
    .await;
    server.process.end().await;
    let verdict = judge(&world, &grants).await;
    report(&format!(
        "R8 (full disk): grants={GRANTS} requests_while_full={requests} readiness=503 lost={} double_spends={}",
        verdict.lost.len() + verdict.flagged.len(),
        verdict.totals.double_spends
    ));
    assert_eq!(requests, 0);
    assert!(
        verdict.lost.is_empty() && verdict.flagged.is_empty(),
        "{verdict:?}"
    );
    assert_eq!(verdict.totals.double_spends, 0);
}

/// A file system of four mebibytes in memory.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it; `None` where that is not permitted.
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(at)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self(at.to_owned()))
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let full = fs::write(self.ballast(), vec![0; 8 << 20]);
        assert!(full.is_err(), "the disk is larger than it should be");
    }

    fn empty(&self) {
        fs::remove_file(self.ballast()).expect("the ballast can be removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that a failed test left running may hold a file there.
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
    }
}
