//! Revocation from the queue, and what can be seen of it (S16). The sandbox's ledger is the judge.

use crate::support::{ENTRA, PLAIN, World, callback_of, input};
use chrono::TimeDelta;
use model::{
    AuthorizationId,
    revocation::{Revocation, RevocationState},
};
use sandbox::{Behaviour, Decision, LedgerTotals};
use std::sync::atomic::Ordering;
use storage::{Ciphertext, Storage as _, grants::TokenSet};

async fn newest(world: &World, id: AuthorizationId) -> Revocation {
    let all = world.broker.revocations(&world.actor, id).await.unwrap();
    all.unwrap().into_iter().next().unwrap()
}

fn totals(world: &World) -> LedgerTotals {
    world.sandbox.ledger().totals
}

fn answering(world: &World, status: u16) {
    world.sandbox.set_behaviour(Behaviour {
        revocation_status: Some(status),
        ..Behaviour::default()
    });
}

// S16
#[tokio::test]
async fn s16_deauthorize_revokes_and_says_so() {
    let world = World::new().await;
    let id = world.authorized(PLAIN, "Contoso").await.id;
    world.broker.deauthorize(&world.actor, id).await.unwrap();
    let pending = newest(&world, id).await;
    assert_eq!(pending.state, RevocationState::Pending);
    assert_eq!(pending.authorization_name.as_deref(), Some("Contoso"));
    assert_eq!(
        totals(&world).revocations,
        0,
        "the request is answered first"
    );

    assert_eq!(world.broker.deliver_revocations().await.unwrap(), 1);
    let done = newest(&world, id).await;
    assert_eq!(done.state, RevocationState::Done);
    assert_eq!((done.attempts, done.advice.as_str()), (1, ""));
    assert_eq!(totals(&world).revocations, 1);
    assert_eq!(world.broker.deliver_revocations().await.unwrap(), 0, "once");
}

/// A refresh that is under way brings tokens of a consent that is over by then: they end as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s16_what_a_refresh_brings_after_the_end_is_revoked_too() {
    let world = World::new().await;
    let id = world.authorized(PLAIN, "Contoso").await.id;
    world.sandbox.set_behaviour(Behaviour {
        latency_ms: 1000,
        ..Behaviour::default()
    });
    let requests = || world.http.requests.load(Ordering::SeqCst);
    let before = requests();
    let refreshing = {
        let (broker, actor) = (world.broker.clone(), world.actor.clone());
        tokio::spawn(async move { broker.refresh(&actor, id).await })
    };
    while requests() == before {
        tokio::task::yield_now().await;
    }
    world.broker.deauthorize(&world.actor, id).await.unwrap();
    refreshing.await.unwrap().unwrap();
    world.sandbox.set_behaviour(Behaviour::default());
    assert_eq!(world.broker.deliver_revocations().await.unwrap(), 2);
    assert_eq!(newest(&world, id).await.state, RevocationState::Done);
    assert_eq!(totals(&world).revocations, 2);
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_later_even_after_a_restart_and_a_deletion() {
    let mut world = World::new().await;
    let id = world.authorized(PLAIN, "Contoso").await.id;
    answering(&world, 503);
    assert!(
        world
            .broker
            .delete_authorization(&world.actor, id, None)
            .await
            .unwrap()
    );
    world.broker.deliver_revocations().await.unwrap();
    let pending = newest(&world, id).await;
    assert_eq!(
        (pending.state, pending.attempts),
        (RevocationState::Pending, 1)
    );
    assert!(pending.last_error.is_some());
    assert_eq!(
        world.broker.deliver_revocations().await.unwrap(),
        0,
        "not yet"
    );

    world.sandbox.set_behaviour(Behaviour::default());
    world.restart().await;
    world.clock.advance(TimeDelta::seconds(5));
    assert_eq!(world.broker.deliver_revocations().await.unwrap(), 1);
    assert_eq!(newest(&world, id).await.state, RevocationState::Done);
    assert_eq!(totals(&world).revocations, 1);

    world.clock.advance(TimeDelta::days(31));
    world.broker.sweep().await.unwrap();
    let forgotten = world.broker.revocations(&world.actor, id).await.unwrap();
    assert!(forgotten.is_none(), "the authorization is gone too");
}

#[tokio::test]
async fn a_refusal_is_final_and_a_week_is_enough() {
    let world = World::new().await;
    for (status, later, attempts) in [(400, TimeDelta::zero(), 1), (503, TimeDelta::days(7), 2)] {
        let id = world
            .authorized(PLAIN, &format!("Status {status}"))
            .await
            .id;
        answering(&world, status);
        world.broker.deauthorize(&world.actor, id).await.unwrap();
        world.broker.deliver_revocations().await.unwrap();
        world.clock.advance(later);
        world.broker.deliver_revocations().await.unwrap();
        let failed = newest(&world, id).await;
        assert_eq!(failed.state, RevocationState::Failed, "{status}");
        assert_eq!(failed.attempts, attempts);
        assert!(failed.last_error.is_some() && !failed.advice.is_empty());
        world.sandbox.set_behaviour(Behaviour::default());
    }
}

#[tokio::test]
async fn where_apps_cannot_revoke_the_person_is_told_what_to_do() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.broker.deauthorize(&world.actor, id).await.unwrap();
    let told = newest(&world, id).await;
    assert_eq!(told.state, RevocationState::NotOffered);
    assert!(
        told.advice.contains("myapps.microsoft.com"),
        "{}",
        told.advice
    );
    assert!(told.advice.contains("ends by itself at"), "{}", told.advice);
}

/// The secret that was typed and never saved goes along with the request.
#[tokio::test]
async fn a_discarded_draft_revokes_its_consent() {
    let world = World::new().await;
    let editor = world.broker.new_draft(&world.user, PLAIN).await.unwrap();
    let id = editor.id;
    let begun = world
        .broker
        .begin(
            &world.user,
            id,
            input(PLAIN, "Never saved"),
            0,
            "settings",
            None,
        )
        .await
        .unwrap();
    world
        .come_back(
            &begun,
            "service",
            Decision::Accept,
            &format!("{PLAIN}/{id}"),
        )
        .await
        .unwrap();
    world.broker.discard_draft(&world.user, id).await.unwrap();
    world.broker.deliver_revocations().await.unwrap();
    assert_eq!(totals(&world).revocations, 1);
    let told = newest(&world, id).await;
    assert_eq!(
        (told.state, told.authorization_name),
        (RevocationState::Done, None)
    );
}

/// A published consent is in use until the next publish.
#[tokio::test]
async fn what_is_published_is_revoked_when_nothing_means_it_any_more() {
    let world = World::new().await;
    let authorization = world.authorized(PLAIN, "Contoso").await;
    let id = authorization.id;
    world.broker.publish(&world.actor).await.unwrap();
    let begun = world.open_link(id).await;
    world
        .come_back(
            &begun,
            "service",
            Decision::Accept,
            &callback_of(&authorization),
        )
        .await
        .unwrap();
    world.broker.deliver_revocations().await.unwrap();
    assert_eq!(totals(&world).revocation_requests, 0);
    world.broker.publish(&world.actor).await.unwrap();
    world.broker.deliver_revocations().await.unwrap();
    assert_eq!(totals(&world).revocations, 1);
}

// R16
#[tokio::test]
async fn r16_a_token_that_was_altered_keeps_nobody_from_deauthorizing() {
    let world = World::new().await;
    let id = world.authorized(PLAIN, "Contoso").await.id;
    let workspace = world.actor.workspace();
    let mut tx = world.storage.write().await.unwrap();
    let record = tx.authorizations().get(workspace, id).await.unwrap();
    let grant = record.unwrap().grant_id.unwrap();
    let grant = tx.grants().get(grant).await.unwrap().unwrap();
    let altered = TokenSet {
        generation: grant.tokens.generation + 1,
        refresh_token: Some(Ciphertext(vec![7; 64])),
        ..grant.tokens.clone()
    };
    let (generation, scopes) = (grant.tokens.generation, &grant.granted_scopes);
    tx.grants()
        .commit_refresh(grant.id, generation, &altered, scopes, grant.status)
        .await
        .unwrap();
    tx.save().await.unwrap();

    world.broker.deauthorize(&world.actor, id).await.unwrap();
    let told = newest(&world, id).await;
    assert_eq!(told.state, RevocationState::Failed);
    assert_eq!(told.last_error.unwrap().code, "not_sent");
    assert_eq!(totals(&world).revocation_requests, 0);
}
