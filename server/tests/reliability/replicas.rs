//! R3, R4, R5: several servers on one database.

use crate::support::{
    Age, World,
    figures::report,
    judge::{judge, stored},
    provider::Registration,
    server::Setup,
    text,
    wait::until,
};
use chrono::TimeDelta;
use futures::future::join_all;
use sandbox::fingerprint;
use serde_json::json;
use std::{collections::HashSet, time::Duration};

/// Names of replicas.
const NAMES: [&str; 3] = ["first", "second", "third"];
/// The provider may take this long; a lease lasts 20 s longer.
const TIMEOUT: u64 = 2;
/// The end of a lease, with time for somebody to notice.
const LEASE_OVER: Duration = Duration::from_secs(TIMEOUT + 20 + 6);

fn patient() -> String {
    format!("refresh.request_timeout_seconds = {TIMEOUT}")
}

/// R3: 1,000 readers of one expired token, over three replicas, at once: the provider is asked once.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r3_a_thousand_readers_make_one_request() {
    const READERS: usize = 1000;
    let world = World::new().await;
    let expired = Age {
        over: TimeDelta::minutes(61),
        // The scheduler leaves it alone: it is for the readers to find.
        next_refresh: Some(TimeDelta::days(1)),
        ..Age::due()
    };
    let grants = world.seed(Registration::Legacy, 1, expired).await;
    world.provider.behave(json!({"latency_ms": 1000})).await;
    let mut replicas = Vec::new();
    for name in NAMES {
        let setup = Setup {
            name,
            ..Setup::default()
        };
        replicas.push(world.serve(setup).await);
    }

    let reads = (0..READERS).map(|number| {
        let replica = &replicas[number % replicas.len()];
        replica.token(grants[0].authorization)
    });
    let answers = join_all(reads).await;

    let mut tokens = HashSet::new();
    let mut served = 0;
    for answer in answers {
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
        served += 1;
        tokens.insert(
            answer.json()["access_token"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    let requests = world.provider.requests().await;
    report(&format!(
        "R3: readers={READERS} replicas={} served={served} token_requests={requests}",
        NAMES.len()
    ));
    assert_eq!(requests, 1);
    assert_eq!(tokens.len(), 1, "everybody got the new one");
}

/// R4: the provider answers after the lease has ended. What was sent is spent: nobody sends it again.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r4_a_provider_slower_than_the_lease_sees_no_token_twice() {
    const GRANTS: usize = 12;
    let world = World::shared().await;
    let grants = world.seed(Registration::Legacy, GRANTS, Age::due()).await;
    world
        .provider
        .behave(json!({"latency_ms": (TIMEOUT + 20 + 2) * 1000}))
        .await;
    let config = patient();
    let mut replicas = Vec::new();
    for name in &NAMES[..2] {
        let setup = Setup {
            name,
            config: &config,
            ..Setup::default()
        };
        replicas.push(world.serve(setup).await);
    }
    until("every grant's request", 60, || async {
        world.provider.requests().await >= GRANTS as u64
    })
    .await;
    tokio::time::sleep(LEASE_OVER).await;
    for replica in &mut replicas {
        replica.process.end().await;
    }
    let verdict = judge(&world, &grants).await;
    report(&format!(
        "R4: grants={GRANTS} requests={} double_spends={} lost={} flagged={}",
        verdict.totals.requests,
        verdict.totals.double_spends,
        verdict.lost.len(),
        verdict.flagged.len(),
    ));
    assert_eq!(verdict.totals.double_spends, 0);
    assert_eq!(verdict.totals.families_revoked, 0);
    assert_eq!(verdict.flagged.len(), GRANTS, "{verdict:?}");
    assert!(verdict.lost.is_empty(), "{verdict:?}");
}

/// R5: the holder of the lease stands still past its end, another replica refreshes, the holder goes on with its old
/// answer in hand. The old answer goes nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r5_a_holder_stopped_past_its_lease_writes_nothing_stale() {
    let world = World::shared().await;
    let grants = world.seed(Registration::Entra, 1, Age::due()).await;
    world.provider.behave(json!({"latency_ms": 1500})).await;
    let config = patient();
    let setup = |name| Setup {
        name,
        config: &config,
        ..Setup::default()
    };
    let mut holder = world.serve(setup("holder")).await;
    until("the holder's request", 30, || async {
        world.provider.requests().await == 1
    })
    .await;
    // Its request is at the provider; the answer comes while it stands still.
    holder.process.stop();
    world.provider.behave(json!({"latency_ms": 0})).await;
    let mut other = world.serve(setup("other")).await;
    until("the other's request", 60, || async {
        world.provider.requests().await >= 2
    })
    .await;
    let newest = newest_refresh(&world).await;
    until("the other's answer to be stored", 30, || async {
        stored_refresh(&world, &grants[0]).await == newest
    })
    .await;

    holder.process.go_on();
    let token = |answer: Result<crate::support::http::Answer, _>| {
        let answer = answer.expect("an answer");
        answer.json()["access_token"].as_str().map(str::to_owned)
    };
    let fresh = token(other.token(grants[0].authorization).await);
    until("the holder to serve the other's token", 30, || async {
        token(holder.token(grants[0].authorization).await) == fresh
    })
    .await;
    // Time for a late write.
    tokio::time::sleep(Duration::from_secs(TIMEOUT + 1)).await;

    let requests = world.provider.requests().await;
    let kept = newest_refresh(&world).await == newest
        && stored_refresh(&world, &grants[0]).await == newest;
    holder.process.end().await;
    other.process.end().await;
    let verdict = judge(&world, &grants).await;
    let stale = usize::from(!kept) + verdict.lost.len();
    report(&format!(
        "R5: requests={requests} stale_writes={stale} lost={}",
        verdict.lost.len()
    ));
    assert_eq!(stale, 0, "{verdict:?}");
    assert!(verdict.flagged.is_empty(), "{verdict:?}");
}

/// Fingerprint of the refresh token that the provider gave out last.
async fn newest_refresh(world: &World) -> Option<String> {
    let ledger = world.provider.ledger().await;
    ledger
        .entries
        .iter()
        .rev()
        .find_map(|entry| entry.got_refresh.clone())
}

/// Fingerprint of the refresh token that is stored.
async fn stored_refresh(world: &World, grant: &crate::support::Grant) -> Option<String> {
    let stored = stored(world).await;
    text(stored[&grant.id].refresh_token.as_ref()).map(|token| fingerprint(&token))
}
