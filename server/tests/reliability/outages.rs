//! R9, R10, R15: the provider is down, wants a pause, does not know the client any more.

use crate::support::{
    Age, World,
    figures::{reduced, report},
    judge::{judge, stored},
    provider::{Registration, peak},
    readers::{Pace, Readers},
    server::Setup,
    wait::until,
};
use chrono::{DateTime, TimeDelta, Utc};
use model::status::Status;
use sandbox::{LedgerEntry, Outcome};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

/// R9: 503 for long, with many tokens due. What is good is served, nothing is given up, and the recovery keeps to the
/// bucket.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r9_an_outage_kills_nothing_and_recovery_keeps_to_the_rate() {
    let count: usize = reduced(1000, 100_000);
    let outage = Duration::from_secs(reduced(10, 300));
    // Below what the machine can do, so that it is the bucket that holds back.
    let rate: usize = 50;
    // A tenth of the rate at once; and what the bucket has let through may be held up by the database and come
    // together, but never more than may be under way.
    let concurrent = 16;
    let slack = rate / 10 + concurrent;
    let world = World::new().await;
    world
        .provider
        .behave(json!({"answer": {"status": 503}}))
        .await;
    let good_for = TimeDelta::minutes(reduced(20, 55));
    let age = Age {
        over: TimeDelta::hours(1) - good_for,
        next_refresh: Some(TimeDelta::zero()),
        ..Age::due()
    };
    let grants = world.seed(Registration::Legacy, count, age).await;
    let config =
        format!("refresh.requests_per_second = {rate}\nrefresh.concurrent_requests = {concurrent}");
    let mut server = world
        .serve(Setup {
            config: &config,
            ..Setup::default()
        })
        .await;
    let readers = Readers::start(&world, &server, &grants, Pace::default());
    until("the outage to be noticed", 60, || async {
        world.provider.requests().await > 0
    })
    .await;
    tokio::time::sleep(outage).await;
    let in_vain = world.provider.requests().await;
    world.provider.behave(json!({"answer": null})).await;

    let everything = u64::try_from(count).expect("a count");
    until("every grant's refresh", reduced(240, 7200), || async {
        world.provider.issued().await >= everything
    })
    .await;
    let tally = readers.end().await;
    server.process.end().await;
    let ledger = world.provider.ledger_since(in_vain).await;
    let (second, ten) = (peak(&ledger.entries, 1), peak(&ledger.entries, 10));
    let verdict = judge(&world, &grants).await;
    report(&format!(
        "R9: tokens={count} outage={}s requests_in_vain={in_vain} reads={} expired={} unavailable={} dead={} lost={} \
         recovery_peak={second}/s, {ten}/10s allowed={}/s, {}/10s",
        outage.as_secs(),
        tally.good,
        tally.expired,
        tally.unavailable,
        verdict.dead.len() + verdict.flagged.len(),
        verdict.lost.len(),
        rate + slack,
        10 * rate + slack,
    ));
    assert_eq!((tally.expired, tally.unavailable, tally.refused), (0, 0, 0));
    assert!(tally.odd.is_empty(), "{:?}", tally.odd);
    assert!(
        verdict.dead.is_empty() && verdict.flagged.is_empty(),
        "{verdict:?}"
    );
    assert!(verdict.lost.is_empty(), "{verdict:?}");
    assert!(second <= rate + slack, "{second} requests in one second");
    assert!(ten <= 10 * rate + slack, "{ten} requests in ten seconds");
}

/// R10: 429 with `Retry-After` in both forms (RFC 9110 §10.2.3). Nobody asks before its time.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r10_nobody_asks_before_retry_after_is_over() {
    const GRANTS: usize = 30;
    let mut figures = Vec::new();
    for form in ["seconds", "date"] {
        let world = World::shared().await;
        let grants = world.seed(Registration::Legacy, GRANTS, Age::due()).await;
        let pause = TimeDelta::seconds(5);
        // The date is a little further away: the server has to start first.
        let date = crate::support::now() + TimeDelta::seconds(12);
        let retry_after = match form {
            "seconds" => pause.num_seconds().to_string(),
            _ => date.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        };
        let busy =
            json!({"status": 429, "error": "slow_down", "headers": {"Retry-After": retry_after}});
        world.provider.behave(json!({"answer": busy})).await;
        let mut server = world.serve(Setup::default()).await;
        until("a first refusal", 30, || async {
            world.provider.requests().await > 0
        })
        .await;
        // Whoever asks too early is let in, and found out.
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.provider.behave(json!({"answer": null})).await;
        until("every grant's refresh", 120, || async {
            world.provider.issued().await >= GRANTS as u64
        })
        .await;
        server.process.end().await;
        let entries: Vec<_> = world.provider.ledger().await.entries.into();
        let ends = |refusal: &LedgerEntry| match form {
            "seconds" => refusal.time + pause,
            _ => date - TimeDelta::milliseconds(i64::from(date.timestamp_subsec_millis())),
        };
        let early = early(&entries, ends);
        let refusals = entries
            .iter()
            .filter(|entry| entry.result == Outcome::Canned)
            .count();
        let verdict = judge(&world, &grants).await;
        figures.push(format!(
            "{form}: refusals={refusals} early_requests={early}"
        ));
        assert_eq!(early, 0, "{form}: {entries:#?}");
        assert!(
            verdict.lost.is_empty() && verdict.dead.is_empty(),
            "{verdict:?}"
        );
    }
    report(&format!("R10: grants={GRANTS} {}", figures.join("; ")));
}

/// Requests of a grant before its own pause was over, and requests of anybody while a refusal that must have arrived
/// asked for a pause.
fn early(entries: &[LedgerEntry], ends: impl Fn(&LedgerEntry) -> DateTime<Utc>) -> usize {
    const ON_THE_WAY: TimeDelta = TimeDelta::milliseconds(500);
    let mut own: HashMap<&str, DateTime<Utc>> = HashMap::new();
    let mut everybody: Option<(DateTime<Utc>, DateTime<Utc>)> = None;
    let mut early = 0;
    for entry in entries {
        let family = entry.family.as_deref().unwrap_or_default();
        let too_early = own.get(family).is_some_and(|end| entry.time < *end)
            || everybody.is_some_and(|(known, end)| entry.time > known && entry.time < end);
        early += usize::from(too_early);
        if entry.status == 429 {
            own.insert(family, ends(entry));
            everybody.get_or_insert((entry.time + ON_THE_WAY, ends(entry)));
        }
    }
    early
}

/// R15: one registration is refused as a client. None of its authorizations is declared dead, the provider is not
/// asked for each of them, people are told once, and another registration at the same provider goes on.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r15_a_refused_client_is_one_alert_and_no_dead_authorization() {
    const OTHERS: usize = 20;
    let count = reduced(500, 5000);
    let world = World::new().await;
    let refused = world.seed(Registration::Entra, count, Age::due()).await;
    let others = world
        .seed(Registration::SingleTenant, OTHERS, Age::due())
        .await;
    world
        .provider
        .refuse_client(Registration::Entra, true)
        .await;
    let mut server = world.serve(Setup::default()).await;
    until("the other registration's refreshes", 60, || async {
        world.provider.issued().await >= OTHERS as u64
    })
    .await;
    until("the refusal", 60, || async {
        world.provider.ledger_since(u64::MAX).await.totals.refused > 0
    })
    .await;
    // Time in which each of them could ask.
    tokio::time::sleep(Duration::from_secs(8)).await;
    let mut answered = 0;
    for grant in &refused {
        let answer = server.token(grant.authorization).await.expect("an answer");
        answered += usize::from(answer.status == 200);
    }
    let alerts = alerts(
        &server
            .get("/api/v1/notifications")
            .await
            .expect("an answer")
            .json(),
    );
    server.process.end().await;

    let asked = world.provider.ledger_since(u64::MAX).await.totals.refused;
    let stored = stored(&world).await;
    let dead = refused
        .iter()
        .filter(|grant| {
            matches!(
                stored[&grant.id].status,
                Status::ReauthorizationNeeded(_) | Status::Cancelled(_)
            )
        })
        .count();
    let verdict = judge(&world, &others).await;
    report(&format!(
        "R15: authorizations={count} dead={dead} served={answered} alerts={} requests_refused={asked} \
         other_registration_lost={}",
        alerts.len(),
        verdict.lost.len() + verdict.dead.len(),
    ));
    assert_eq!(dead, 0);
    assert_eq!(answered, count, "tokens that are good are served");
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    assert!(asked <= 64, "{asked} requests of a client that is refused");
    assert!(
        verdict.lost.is_empty() && verdict.dead.is_empty(),
        "{verdict:?}"
    );
}

/// What people were told.
fn alerts(answer: &Value) -> Vec<Value> {
    let items = answer.get("items").unwrap_or(answer);
    items.as_array().cloned().unwrap_or_default()
}
