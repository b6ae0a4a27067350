//! R14: asked to end, under load.

use crate::support::{
    Age, World, figures::report, judge::judge, provider::Registration, server::Setup, wait::until,
};
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// After this container platforms kill.
const PATIENCE: Duration = Duration::from_secs(30);

/// R14: SIGTERM while readers wait for their tokens' refreshes and others read without a pause.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r14_sigterm_under_load_drops_no_request() {
    const WAITING: usize = 300;
    let world = World::new().await;
    let expired = Age {
        over: TimeDelta::minutes(61),
        next_refresh: Some(TimeDelta::days(1)),
        ..Age::due()
    };
    let grants = world.seed(Registration::Legacy, WAITING, expired).await;
    world.provider.behave(json!({"latency_ms": 4000})).await;
    let mut server = world
        .serve(Setup {
            config: "refresh.requests_per_second = 1000",
            ..Setup::default()
        })
        .await;
    let urls: Vec<String> = grants
        .iter()
        .map(|grant| server.token_url(grant.authorization))
        .collect();
    let (http, key) = (world.http.clone(), world.key.clone());
    let reads =
        tokio::spawn(
            async move { join_all(urls.iter().map(|url| http.get(url, Some(&key)))).await },
        );
    until("every reader's refresh to be under way", 30, || async {
        world.provider.requests().await >= WAITING as u64
    })
    .await;

    let asked = Instant::now();
    server.process.terminate();
    let status = server.process.wait(PATIENCE).await;
    let took = asked.elapsed();
    let answers = reads.await.expect("the readers");
    let dropped = answers
        .iter()
        .filter(|answer| !answer.as_ref().is_ok_and(|answer| answer.status == 200))
        .count();
    let verdict = judge(&world, &grants).await;
    report(&format!(
        "R14: requests_under_way={WAITING} dropped={dropped} exit_after={}ms lost={}",
        took.as_millis(),
        verdict.lost.len() + verdict.flagged.len(),
    ));
    assert_eq!(dropped, 0);
    assert!(status.success(), "{status}");
    assert!(took < PATIENCE);
    assert!(
        verdict.lost.is_empty() && verdict.flagged.is_empty(),
        "{verdict:?}"
    );
}
