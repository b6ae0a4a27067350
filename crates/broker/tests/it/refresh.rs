//! Refreshes: what failures mean, and that no token is lost or spent twice.

use crate::support::{ENTRA, LEGACY, World};
use broker::{access::Actor, ports::Clock as _, runtime::TokenError};
use chrono::TimeDelta;
use model::{
    AuthorizationId,
    status::{MisconfigurationReason, ReauthorizationReason, Status},
};
use sandbox::{Behaviour, CannedAnswer};
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// An authorization that is published, and a program that reads its token.
async fn published(world: &World, provider: &str) -> (AuthorizationId, Actor) {
    let id = world.authorized(provider, "Contoso").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    (id, world.reader().await)
}

fn answering(answer: serde_json::Value) -> Behaviour {
    let answer: CannedAnswer = serde_json::from_value(answer).unwrap();
    Behaviour {
        answer: Some(answer),
        ..Behaviour::default()
    }
}

/// Lets the broker refresh what is due until `done`, or for as long as a slow machine takes.
async fn keep_fresh_until(world: &World, mut done: impl AsyncFnMut() -> bool) {
    let stop = Arc::new(tokio::sync::Notify::new());
    let (broker, stopped) = (world.broker.clone(), Arc::clone(&stop));
    let keeping = tokio::spawn(async move { broker.keep_fresh(stopped.notified()).await });
    let mut reached = false;
    for _ in 0..1000 {
        reached = done().await;
        if reached {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.notify_one();
    keeping.await.unwrap();
    assert!(reached, "it did not come to that");
}

#[tokio::test]
async fn an_idle_grant_is_refreshed_within_the_hour() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    let before = world.token_requests();
    world.clock.advance(TimeDelta::minutes(32));
    assert!(
        tokio::time::timeout(
            Duration::from_secs(2),
            keep_fresh_until(&world, async || world.token_requests() > before)
        )
        .await
        .is_err(),
        "not before its time"
    );
    world.clock.advance(TimeDelta::minutes(14));
    keep_fresh_until(&world, async || {
        world.get(id).await.grant.unwrap().refreshed_at.is_some()
    })
    .await;
    assert_eq!(world.token_requests() - before, 1);
}

#[tokio::test]
async fn a_refusal_without_a_reason_is_confirmed_once() {
    let world = World::new().await;
    let (id, reader) = published(&world, LEGACY).await;
    world
        .sandbox
        .set_behaviour(answering(json!({"status": 400, "error": "invalid_grant"})));
    let before = world.token_requests();
    let suspected = world.broker.refresh(&world.actor, id).await.unwrap();
    assert_eq!(suspected.state, Status::RefreshFailing);
    // Asking again at once confirms nothing.
    let still = world.broker.refresh(&world.actor, id).await.unwrap();
    assert_eq!(still.state, Status::RefreshFailing);
    assert!(world.broker.token(&reader, id).await.is_ok(), "still valid");

    world.clock.advance(TimeDelta::seconds(31));
    let refused = Status::ReauthorizationNeeded(ReauthorizationReason::Refused);
    keep_fresh_until(&world, async || world.get(id).await.state == refused).await;
    assert_eq!(world.token_requests() - before, 3);
    let read = world.broker.token(&reader, id).await;
    assert!(matches!(read, Err(TokenError::NotAuthorized(_))));
}

#[tokio::test]
async fn a_suspicion_that_is_not_confirmed_is_forgotten() {
    let world = World::new().await;
    let (id, _) = published(&world, LEGACY).await;
    world.sandbox.set_behaviour(answering(
        json!({"status": 400, "error": "invalid_grant", "count": 1}),
    ));
    world.broker.refresh(&world.actor, id).await.unwrap();
    world.clock.advance(TimeDelta::seconds(31));
    keep_fresh_until(&world, async || {
        world.get(id).await.state == Status::Healthy
    })
    .await;
}

/// The kept refresh token is wiped when nobody came back for a month.
#[tokio::test]
async fn a_refused_token_is_kept_for_thirty_days() {
    let world = World::new().await;
    let (id, _) = published(&world, LEGACY).await;
    world
        .sandbox
        .set_behaviour(answering(json!({"status": 400, "error": "invalid_grant"})));
    world.broker.refresh(&world.actor, id).await.unwrap();
    world.clock.advance(TimeDelta::seconds(11));
    world.broker.refresh(&world.actor, id).await.unwrap();
    for (days, kept) in [(29, true), (2, false)] {
        world.clock.advance(TimeDelta::days(days));
        world.broker.sweep().await.unwrap();
        let grant = world.get(id).await.grant.unwrap();
        assert_eq!(grant.refreshable, kept);
    }
}

// R15: one probe for all, and nobody is declared dead
#[tokio::test]
async fn r15_a_refused_client_opens_a_circuit_for_all_its_authorizations() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(
            world
                .authorized(ENTRA, &format!("Contoso {number}"))
                .await
                .id,
        );
    }
    world
        .sandbox
        .set_behaviour(answering(json!({"status": 401, "error": "invalid_client"})));
    let before = world.token_requests();
    world.clock.advance(TimeDelta::minutes(46));
    keep_fresh_until(&world, async || {
        for id in &ids {
            if !matches!(world.get(*id).await.state, Status::Misconfigured(_)) {
                return false;
            }
        }
        true
    })
    .await;
    // What was under way before the first answer came may have asked too.
    assert!(world.token_requests() - before <= ids.len() as u64);
    let asked = world.token_requests();
    for id in &ids {
        let state = world.get(*id).await.state;
        assert!(matches!(state, Status::Misconfigured(_)), "{state:?}");
        assert!(state.can_refresh());
        world.broker.refresh(&world.actor, *id).await.unwrap();
    }
    assert_eq!(world.token_requests(), asked, "the circuit is open");

    world.sandbox.set_behaviour(Behaviour::default());
    world.clock.advance(TimeDelta::minutes(20));
    keep_fresh_until(&world, async || {
        world.clock.advance(TimeDelta::seconds(2));
        for id in &ids {
            if world.get(*id).await.state != Status::Healthy {
                return false;
            }
        }
        true
    })
    .await;
}

/// The one that is let through to find out may meet an outage: that leaves nothing closed for good.
#[tokio::test]
async fn r15_a_circuit_survives_a_probe_that_nobody_answered() {
    let world = World::new().await;
    let (id, _) = published(&world, ENTRA).await;
    for answer in [
        json!({"status": 401, "error": "invalid_client"}),
        json!({"status": 503}),
    ] {
        world.sandbox.set_behaviour(answering(answer));
        let before = world.token_requests();
        world.broker.refresh(&world.actor, id).await.unwrap();
        assert_eq!(world.token_requests(), before + 1);
        world.clock.advance(TimeDelta::minutes(20));
    }
    world.sandbox.set_behaviour(Behaviour::default());
    let after = world.broker.refresh(&world.actor, id).await.unwrap();
    assert_eq!(after.state, Status::Healthy);
}

/// R10: those who wait for their turn hear of the pause as well.
#[tokio::test]
async fn r10_nobody_asks_who_has_waited_when_the_pause_began() {
    const MANY: usize = 120;
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..MANY {
        let one = world.authorized(ENTRA, &format!("Contoso {number}")).await;
        ids.push(one.id);
    }
    let busy = json!({"status": 429, "headers": {"Retry-After": "120"}});
    world.sandbox.set_behaviour(Behaviour {
        latency_ms: 150,
        ..answering(busy)
    });
    let before = world.token_requests();
    let all = ids.iter().map(|id| world.broker.refresh(&world.actor, *id));
    for refreshed in futures::future::join_all(all).await {
        refreshed.unwrap();
    }
    // Ten may ask at once, and a hundred a second until the first answer is there.
    let asked = world.token_requests() - before;
    assert!(asked < MANY as u64 * 3 / 4, "{asked} of {MANY} asked");
}

/// R12: pauses do not grow when the clock is set back.
#[tokio::test]
async fn r12_a_clock_that_is_set_back_makes_no_pause_longer() {
    let world = World::new().await;
    let (id, _) = published(&world, ENTRA).await;
    world
        .sandbox
        .set_behaviour(answering(json!({"status": 503})));
    world.broker.refresh(&world.actor, id).await.unwrap();
    world.sandbox.set_behaviour(Behaviour::default());
    let mut looks = 0;
    keep_fresh_until(&world, async || {
        looks += 1;
        if looks == 100 {
            world.clock.set(TimeDelta::minutes(-10));
        }
        if looks > 100 {
            world.clock.advance(TimeDelta::milliseconds(100));
        }
        world.get(id).await.state == Status::Healthy
    })
    .await;
}

/// A page of a proxy, or of maintenance, passes.
#[tokio::test]
async fn a_redirect_is_not_followed_and_not_the_end() {
    let world = World::new().await;
    let (id, _) = published(&world, ENTRA).await;
    world.sandbox.set_behaviour(answering(
        json!({"status": 302, "headers": {"Location": "http://127.0.0.1:3100/"}}),
    ));
    let refused = world.broker.refresh(&world.actor, id).await.unwrap();
    assert_eq!(
        refused.state,
        Status::Misconfigured(MisconfigurationReason::RequestRefused)
    );
    world.sandbox.set_behaviour(Behaviour::default());
    world.clock.advance(TimeDelta::minutes(61));
    keep_fresh_until(&world, async || {
        world.get(id).await.state == Status::Healthy
    })
    .await;
}

/// A token that is good for a moment is better than none.
#[tokio::test]
async fn nobody_waits_long_for_a_better_token_than_one_that_is_good() {
    let world = World::new().await;
    let (id, reader) = published(&world, ENTRA).await;
    world.clock.advance(TimeDelta::seconds(3600 - 30));
    world.sandbox.set_behaviour(Behaviour {
        latency_ms: 15_000,
        ..Behaviour::default()
    });
    let began = tokio::time::Instant::now();
    let token = world.broker.token(&reader, id).await.unwrap();
    assert_eq!(token.generation, 1);
    assert!(began.elapsed() < Duration::from_secs(12));
}

// R10, in both forms
#[tokio::test]
async fn r10_a_client_that_was_asked_to_wait_waits() {
    for date in [false, true] {
        let world = World::new().await;
        let first = world.authorized(ENTRA, "First").await.id;
        let second = world.authorized(ENTRA, "Second").await.id;
        let until = world.clock.now() + TimeDelta::seconds(120);
        let wait = if date {
            until.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
        } else {
            "120".to_owned()
        };
        world.sandbox.set_behaviour(answering(
            json!({"status": 429, "headers": {"Retry-After": wait}, "count": 1}),
        ));
        world.broker.refresh(&world.actor, first).await.unwrap();
        let asked = world.token_requests();
        world.clock.advance(TimeDelta::seconds(119));
        for id in [first, second] {
            // Another authorization of the same client waits too.
            world.broker.refresh(&world.actor, id).await.unwrap();
        }
        assert_eq!(world.token_requests(), asked);
        world.clock.advance(TimeDelta::seconds(2));
        world.broker.refresh(&world.actor, second).await.unwrap();
        assert_eq!(world.token_requests(), asked + 1);
        assert_eq!(world.get(second).await.state, Status::Healthy);
    }
}

#[tokio::test]
async fn a_lost_answer_flags_a_grant_whose_token_may_be_spent() {
    let world = World::new().await;
    let (id, reader) = published(&world, LEGACY).await;
    world.sandbox.set_behaviour(answering(
        json!({"status": 500, "count": 1, "after_processing": false}),
    ));
    let after = world.broker.refresh(&world.actor, id).await.unwrap();
    let lost = Status::ReauthorizationNeeded(ReauthorizationReason::AnswerLost);
    assert_eq!(after.state, lost);
    assert!(after.next_action.starts_with("Refresh it once"));
    // Nothing is wrong with the access token, and publishing takes it from nobody.
    assert!(world.broker.token(&reader, id).await.is_ok());
    world.authorized(ENTRA, "Fabrikam").await;
    world.broker.publish(&world.actor).await.unwrap();
    assert!(world.broker.token(&reader, id).await.is_ok());
    let asked = world.token_requests();
    world.clock.advance(TimeDelta::minutes(61));
    let expired = world.broker.token(&reader, id).await;
    assert!(matches!(expired, Err(TokenError::NotAuthorized(state)) if state == lost));
    assert_eq!(world.token_requests(), asked, "never by itself");

    // A person may try, and this time the provider had not got the request.
    let tried = world.broker.refresh(&world.actor, id).await.unwrap();
    assert_eq!(tried.state, Status::Healthy);
    assert_eq!(world.sandbox.ledger().totals.families_revoked, 0);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_where_replaced_tokens_are_honoured() {
    let world = World::new().await;
    let (id, _) = published(&world, ENTRA).await;
    world.sandbox.set_behaviour(answering(
        json!({"status": 502, "count": 2, "after_processing": true}),
    ));
    let after = world.broker.refresh(&world.actor, id).await.unwrap();
    assert_eq!(after.state, Status::RefreshFailing);
    for _ in 0..2 {
        world.clock.advance(TimeDelta::seconds(10));
        world.broker.refresh(&world.actor, id).await.unwrap();
    }
    assert_eq!(world.get(id).await.state, Status::Healthy);
}

#[tokio::test]
async fn settings_that_are_refused_rest_until_they_are_corrected() {
    let world = World::new().await;
    let (id, _) = published(&world, ENTRA).await;
    world
        .sandbox
        .set_behaviour(answering(json!({"status": 400, "error": "invalid_scope"})));
    let after = world.broker.refresh(&world.actor, id).await.unwrap();
    assert_eq!(
        after.state,
        Status::Misconfigured(MisconfigurationReason::ScopeInvalid)
    );
    let error = after.grant.unwrap().last_error.unwrap();
    assert_eq!(error.code, "invalid_scope");
}

#[tokio::test]
async fn a_token_that_is_reported_is_refreshed_once() {
    let world = World::new().await;
    let (id, reader) = published(&world, LEGACY).await;
    let token = world.broker.token(&reader, id).await.unwrap();
    let report = || world.broker.token_rejected(&reader, id, token.generation);
    // It is a few seconds old: another one would not fare better.
    assert_eq!(report().await.unwrap().generation, token.generation);
    world.clock.advance(TimeDelta::minutes(5));
    let before = world.token_requests();
    let (one, two) = tokio::join!(report(), report());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.generation, token.generation + 1);
    assert!(one == two);
    assert_eq!(world.token_requests() - before, 1);
    // Reported late by somebody else.
    assert!(report().await.unwrap() == one);
    assert_eq!(world.token_requests() - before, 1);
}

/// Those who waited for the same refresh leave nothing that would keep the grant from the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_that_many_waited_for_is_refreshed_by_itself_again() {
    let world = World::new().await;
    let (id, reader) = published(&world, ENTRA).await;
    world.clock.advance(TimeDelta::minutes(61));
    let reads = (0..50).map(|_| {
        let (broker, reader) = (world.broker.clone(), reader.clone());
        tokio::spawn(async move { broker.token(&reader, id).await.is_ok() })
    });
    for read in futures::future::join_all(reads).await {
        assert!(read.unwrap());
    }
    let before = world.token_requests();
    world.clock.advance(TimeDelta::minutes(46));
    keep_fresh_until(&world, async || world.token_requests() > before).await;
}

/// A caller that goes away (a connector that gives up) does not cut a refresh off.
#[tokio::test]
async fn a_reader_that_leaves_loses_nothing() {
    let world = World::new().await;
    let (id, reader) = published(&world, LEGACY).await;
    world.clock.advance(TimeDelta::minutes(61));
    world.sandbox.set_behaviour(Behaviour {
        latency_ms: 300,
        ..Behaviour::default()
    });
    let read = world.broker.token(&reader, id);
    assert!(
        tokio::time::timeout(Duration::from_millis(100), read)
            .await
            .is_err()
    );
    let token = world.broker.token(&reader, id).await.unwrap();
    assert_eq!(token.generation, 2);
    let totals = world.sandbox.ledger().totals;
    assert_eq!((totals.double_spends, totals.families_revoked), (0, 0));
}

// R17, in its smallest form: what is beside the database is a copy
#[tokio::test]
async fn r17_a_restored_database_refreshes_nothing_by_itself() {
    let mut world = World::new().await;
    let (id, reader) = published(&world, LEGACY).await;
    world.broker.refresh(&world.actor, id).await.unwrap();
    world.end().await;
    world.restart().await;
    assert_eq!(world.get(id).await.state, Status::Healthy, "only stopped");

    world.end().await;
    world.copy_journals();
    world.restart().await;
    let restored = Status::ReauthorizationNeeded(ReauthorizationReason::DatabaseRestored);
    assert_eq!(world.get(id).await.state, restored);
    assert!(
        world.broker.token(&reader, id).await.is_ok(),
        "until it expires"
    );
    assert_eq!(world.broker.resume_refreshes().await.unwrap(), 1);
    assert_eq!(world.get(id).await.state, Status::Healthy);
    world.end().await;
    world.restart().await;
    assert_eq!(world.get(id).await.state, Status::Healthy, "told once");
}
