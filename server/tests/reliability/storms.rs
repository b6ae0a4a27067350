//! R1, R2, R6: processes killed while thousands of tokens are being refreshed.

use crate::support::{
    Age, Grant, World,
    figures::{reduced, report},
    judge::{Verdict, judge},
    process::free_address,
    provider::Registration,
    readers::{Pace, Readers},
    server::{Server, Setup},
    wait::until,
};
use serde_json::json;
use std::time::Duration;

/// Authorizations of a storm.
const STORM: usize = 2000;
/// Short lives keep a storm going: every grant is due again after some seconds.
const LIFETIME: u32 = 60;
/// A restarted server answers tokens within this time.
const BACK: Duration = Duration::from_secs(2);

/// As quickly as the machine can.
const FAST: &str = "refresh.requests_per_second = 1000";
/// One at a time: a kill at a failpoint hits one refresh and no other.
const ONE_BY_ONE: &str = "refresh.requests_per_second = 1000\nrefresh.concurrent_requests = 1";

/// R1: kill -9, many times, during a storm, at a provider that forgives a repeated refresh for 60 s.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r1_kills_during_a_storm_lose_nothing() {
    let kills = reduced(6, 40);
    let world = World::new().await;
    world
        .provider
        .behave(
            json!({"rotation": "strict", "grace_seconds": 60, "token_lifetime_seconds": LIFETIME}),
        )
        .await;
    let grants = world.seed(Registration::Entra, STORM, Age::due()).await;
    let address = free_address();
    let setup = || Setup {
        listen: Some(address),
        config: FAST,
        ..Setup::default()
    };

    let mut back = Vec::new();
    for _ in 0..kills {
        let mut server = Server::launch(&world, setup());
        back.push(server.wait_until_back(grants[0].authorization).await);
        let before = world.provider.requests().await;
        // Well into the storm, at a different point of it each time.
        let further = 100 + 37 * u64::try_from(back.len() % 8).expect("a count");
        until("the storm to rage", 60, || async {
            world.provider.requests().await >= before + further
        })
        .await;
        server.process.kill();
    }
    let verdict = settle(&world, setup, &grants).await;

    let gone = verdict.lost.len() + verdict.flagged.len() + verdict.dead.len();
    back.sort_unstable();
    let (median, slowest) = (back[back.len() / 2], back[back.len() - 1]);
    report(&format!(
        "R1: authorizations={STORM} kills={kills} requests={} repeated_within_grace={} lost={gone} \
         families_revoked={} back_median={}ms back_slowest={}ms",
        verdict.totals.requests,
        verdict.totals.double_spends,
        verdict.totals.families_revoked,
        median.as_millis(),
        slowest.as_millis(),
    ));
    assert_eq!(gone, 0, "{verdict:?}");
    assert_eq!(verdict.totals.families_revoked, 0);
    // The slowest says more about what else the machine was doing.
    assert!(median < BACK, "back after {median:?}");
}

/// Where R2 kills, and whether the provider has spent the token by then while its answer is nowhere but in memory.
const FAILPOINTS: [(&str, bool); 5] = [
    ("refresh.before_send", false),
    ("refresh.after_send", true),
    ("refresh.after_journal", false),
    ("refresh.after_commit", false),
    ("refresh.after_publish", false),
];

/// R2: killed between any two steps of the protocol, at a provider that forgives nothing. Nobody can tell from
/// outside whether a request that was about to be sent has been sent; so a kill right before flags its grant as well,
/// but its token is good: trying once brings it back.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r2_kills_at_failpoints_lose_at_most_the_answer_that_was_in_memory() {
    let kills = reduced(2, 20);
    let world = World::new().await;
    world
        .provider
        .behave(json!({"token_lifetime_seconds": LIFETIME}))
        .await;
    let grants = world.seed(Registration::Legacy, STORM, Age::due()).await;
    let setup = || Setup {
        config: ONE_BY_ONE,
        ..Setup::default()
    };
    let mut figures = Vec::new();
    let mut spent = 0;
    for (point, spends) in FAILPOINTS {
        for kill in 0..kills {
            kill_at(&world, &format!("{point}=abort@{}", 20 + 7 * kill)).await;
        }
        let verdict = settle(&world, setup, &grants).await;
        let gone = verdict.flagged.len() - verdict.flagged_but_good - spent;
        spent += gone;
        figures.push(format!("{point}={gone}"));
        assert!(verdict.lost.is_empty(), "{point}: {verdict:?}");
        assert!(verdict.dead.is_empty(), "{point}: {verdict:?}");
        assert_eq!(verdict.totals.families_revoked, 0, "{point}");
        assert_eq!(verdict.totals.double_spends, 0, "{point}");
        let allowed = if spends { kills } else { 0 };
        assert!(gone <= allowed, "{point}: {gone} of {kills} kills");
    }
    let before = judge(&world, &grants).await;
    let mut server = world.serve(setup()).await;
    revive(&server, &grants, &before).await;
    server.process.end().await;
    let after = judge(&world, &grants).await;
    report(&format!(
        "R2: authorizations={STORM} kills_per_failpoint={kills} lost_unflagged=0 double_spends=0 families_revoked=0 \
         lost_and_flagged: {}; flagged_but_good={} of which {} after one try",
        figures.join(" "),
        before.flagged_but_good,
        after.flagged_but_good,
    ));
    assert_eq!(after.flagged_but_good, 0, "{after:?}");
    assert!(after.lost.is_empty(), "{after:?}");
}

/// Starts a server that dies at a failpoint.
async fn kill_at(world: &World, failpoint: &str) {
    let setup = Setup {
        config: ONE_BY_ONE,
        failpoints: failpoint,
        ..Setup::default()
    };
    let mut server = Server::launch(world, setup);
    server.process.wait(Duration::from_mins(2)).await;
    assert!(server.process.was_killed(), "{failpoint} did not kill it");
}

/// What a person does who is told that an answer was lost: try it once.
async fn revive(server: &Server, grants: &[Grant], verdict: &Verdict) {
    for grant in grants {
        if verdict.flagged.contains(&grant.id) {
            let path = format!("/api/v1/authorizations/{}/refresh", grant.authorization);
            server.post(&path).await.expect("an answer");
        }
    }
}

/// R6: the run-time cache that readers are answered from lives in each process; there is no cache server. What it
/// comes to here: the process that serves the readers is killed mid-storm, again and again, while another one on the
/// same data refreshes on. No refresh token is spent twice.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r6_a_killed_run_time_causes_no_double_rotation() {
    let kills = reduced(4, 20);
    let world = World::new().await;
    world
        .provider
        .behave(json!({"token_lifetime_seconds": LIFETIME}))
        .await;
    let grants = world.seed(Registration::Legacy, STORM, Age::due()).await;
    let config = FAST;
    let mut refresher = world
        .serve(Setup {
            name: "refresher",
            config,
            ..Setup::default()
        })
        .await;
    let mut reads = 0;
    for _ in 0..kills {
        let mut serving = world
            .serve(Setup {
                name: "serving",
                config,
                ..Setup::default()
            })
            .await;
        let before = world.provider.requests().await;
        let readers = Readers::start(&world, &serving, &grants, Pace::default());
        until("the storm to rage", 60, || async {
            world.provider.requests().await >= before + 100 && readers.tally().good >= 20
        })
        .await;
        serving.process.kill();
        reads += readers.end().await.good;
    }
    refresher.process.end().await;
    let verdict = settle(&world, Setup::default, &grants).await;
    report(&format!(
        "R6: authorizations={STORM} kills={kills} requests={} reads={reads} double_rotations={} lost={} \
         flagged={}",
        verdict.totals.requests,
        verdict.totals.double_spends,
        verdict.lost.len(),
        verdict.flagged.len(),
    ));
    assert_eq!(verdict.totals.double_spends, 0);
    assert_eq!(verdict.totals.families_revoked, 0);
    assert!(verdict.lost.is_empty(), "{verdict:?}");
}

/// Lets a server clear up after its predecessors, then judges. What counts as lost is given the time in which it
/// could be found again: an uncertain refresh is repeated at the start, or after a pause.
async fn settle(world: &World, setup: impl Fn() -> Setup<'static>, grants: &[Grant]) -> Verdict {
    const PATIENCE: [u64; 4] = [0, 5, 20, 60];
    let mut verdict = Verdict::default();
    for seconds in PATIENCE {
        let mut server = world.serve(setup()).await;
        let before = world.provider.issued().await;
        until("the journals of the dead to be worked off", 60, || async {
            world.journals() == 1
        })
        .await;
        until("the storm to rage on", 120, || async {
            world.provider.issued().await >= before + 50
        })
        .await;
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        server.process.end().await;
        verdict = judge(world, grants).await;
        if verdict.lost.is_empty() {
            break;
        }
    }
    verdict
}
