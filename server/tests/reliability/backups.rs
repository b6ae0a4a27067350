//! R13, R17: the root key is missing, yesterday's backup comes back.

use crate::support::{
    Age, World,
    figures::report,
    judge::{judge, stored},
    provider::Registration,
    server::Setup,
    wait::until,
};
use model::status::{ReauthorizationReason, Status};
use serde_json::json;
use std::{fs, path::Path, process::Command, time::Duration};

/// R13: without its root key the server seals itself. It makes no new one, asks nobody, and works again with the old.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r13_a_missing_root_key_seals_and_is_not_replaced() {
    const GRANTS: usize = 10;
    let world = World::shared().await;
    let grants = world.seed(Registration::Legacy, GRANTS, Age::due()).await;
    let key = world.data().join("root.key");
    let hidden = world.folder().join("root.key.hidden");
    fs::rename(&key, &hidden).expect("the key can be moved");

    let mut server = world.serve(Setup::default()).await;
    let readiness = server.readiness().await;
    let answer = server.token(grants[0].authorization).await;
    let answer = answer.expect("an answer");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let requests = world.provider.requests().await;
    server.process.end().await;
    let new_key = key.exists();

    fs::rename(&hidden, &key).expect("the key can be moved back");
    let mut opened = world.serve(Setup::default()).await;
    until("every grant's refresh", 60, || async {
        world.provider.issued().await >= GRANTS as u64
    })
    .await;
    opened.process.end().await;
    let verdict = judge(&world, &grants).await;
    report(&format!(
        "R13: readiness={readiness} token_read={} new_key={new_key} requests_while_sealed={requests} \
         lost_after_unsealing={}",
        answer.status.as_u16(),
        verdict.lost.len() + verdict.dead.len(),
    ));
    assert_eq!(readiness, 503);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(answer.json()["code"], "sealed");
    assert!(
        !new_key,
        "a new key would make the old data unreadable for ever"
    );
    assert_eq!(requests, 0);
    assert!(
        verdict.lost.is_empty() && verdict.dead.is_empty(),
        "{verdict:?}"
    );
}

/// What comes back.
#[derive(Clone, Copy, Debug)]
enum Backup {
    /// The database file, beside a data folder that has gone on.
    Database,
    /// Database, journal and root key: everything, copied while no server ran.
    Folder,
    /// Everything, copied under a running server.
    FolderOfARunningServer,
}

/// S38, R17: yesterday's backup comes back. The provider has replaced the refresh tokens since: none of them is sent by
/// itself, since that would look like theft and end every grant.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r17_a_restored_backup_refreshes_nothing_by_itself() {
    let mut figures = Vec::new();
    for backup in [
        Backup::Database,
        Backup::Folder,
        Backup::FolderOfARunningServer,
    ] {
        let (requests, flagged, grants) = restore(backup).await;
        figures.push(format!(
            "{backup:?}: automatic_refreshes={requests} flagged={flagged}/{grants}"
        ));
        assert_eq!(requests, 0, "{backup:?}");
        assert_eq!(flagged, grants, "{backup:?}");
    }
    report(&format!("R17: {}", figures.join("; ")));
}

/// Refreshes, takes a backup, refreshes on, brings the backup back; gives the requests since, and how many of how many
/// grants say what has happened.
async fn restore(backup: Backup) -> (u64, usize, usize) {
    const EACH: usize = 15;
    let world = World::shared().await;
    world
        .provider
        .behave(json!({"token_lifetime_seconds": 6}))
        .await;
    let mut grants = world.seed(Registration::Legacy, EACH, Age::due()).await;
    grants.extend(world.seed(Registration::Entra, EACH, Age::due()).await);
    let round = grants.len() as u64;
    let data = world.data();
    let copy = world.folder().join("backup");

    let mut server = world.serve(Setup::default()).await;
    until("a round of refreshes", 60, || async {
        world.provider.issued().await >= round
    })
    .await;
    if matches!(backup, Backup::FolderOfARunningServer) {
        copy_folder(&data, &copy);
        server.process.end().await;
    } else {
        server.process.end().await;
        copy_folder(&data, &copy);
    }

    let mut server = world.serve(Setup::default()).await;
    let before = world.provider.issued().await;
    until("another round of refreshes", 60, || async {
        world.provider.issued().await >= before + round
    })
    .await;
    server.process.end().await;

    match backup {
        Backup::Database => {
            for beside in ["tokenry.db-wal", "tokenry.db-shm"] {
                drop(fs::remove_file(data.join(beside)));
            }
            fs::copy(copy.join("tokenry.db"), data.join("tokenry.db")).expect("a copy");
        }
        Backup::Folder | Backup::FolderOfARunningServer => {
            fs::remove_dir_all(&data).expect("the data can be removed");
            copy_folder(&copy, &data);
        }
    }
    let before = world.provider.requests().await;
    let mut server = world.serve(Setup::default()).await;
    // Every token of the backup is due by now.
    tokio::time::sleep(Duration::from_secs(6)).await;
    server.process.end().await;
    let requests = world.provider.requests().await - before;
    let stored = stored(&world).await;
    // A refresh that was under way when a running server was copied is told of as such.
    let flags = [
        ReauthorizationReason::DatabaseRestored,
        ReauthorizationReason::AnswerLost,
    ]
    .map(Status::ReauthorizationNeeded);
    let flagged = grants
        .iter()
        .filter(|grant| flags.contains(&stored[&grant.id].status))
        .count();
    (requests, flagged, grants.len())
}

/// As an operator's backup does it.
fn copy_folder(from: &Path, to: &Path) {
    let status = Command::new("cp")
        .arg("-a")
        .arg(from)
        .arg(to)
        .status()
        .expect("cp");
    assert!(status.success(), "cp: {status}");
}
