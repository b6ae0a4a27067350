//! Token reads.

use crate::support::{ENTRA, LEGACY, World};
use broker::runtime::TokenError;
use model::status::{CancelReason, Status, StatusLabel};
use sandbox::{AccountPatch, Behaviour, CannedAnswer};

#[tokio::test]
async fn only_what_is_published_has_a_token() {
    for provider in [ENTRA, LEGACY] {
        let world = World::new().await;
        let id = world.authorized(provider, "Contoso").await.id;
        let reader = world.reader().await;
        let early = world.broker.token(&reader, id).await;
        assert!(matches!(early, Err(TokenError::NotPublished)));
        world.broker.publish(&world.actor).await.unwrap();
        let token = world.broker.token(&reader, id).await.unwrap();
        assert_eq!(token.token_type, "Bearer");
        assert!(token.scopes.contains(&"vso.work".to_owned()));
        // A person does not read tokens, whatever their role.
        assert!(world.broker.token(&world.actor, id).await.is_err());
    }
}

#[tokio::test]
async fn an_organization_that_lets_no_app_in_is_told_at_once() {
    let world = World::new().await;
    world.sandbox.set_behaviour(Behaviour {
        organization_policy: false,
        ..Behaviour::default()
    });
    let authorized = world.authorized(ENTRA, "Contoso").await;
    let warning = authorized.grant.unwrap().warning.unwrap();
    assert!(
        warning.contains("Third-party application access"),
        "{warning}"
    );
}

// R3, within one process
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_thousand_readers_of_an_expired_token_cause_one_token_request() {
    for provider in [ENTRA, LEGACY] {
        let world = World::new().await;
        let id = world.authorized(provider, "Contoso").await.id;
        world.broker.publish(&world.actor).await.unwrap();
        let reader = world.reader().await;
        let old = world.broker.token(&reader, id).await.unwrap().access_token;
        world.wait(61);
        let before = world.token_requests();
        let reads = (0..1000).map(|_| {
            let (broker, reader) = (world.broker.clone(), reader.clone());
            tokio::spawn(async move { broker.token(&reader, id).await.unwrap().access_token })
        });
        let tokens = futures::future::join_all(reads).await;
        assert_eq!(world.token_requests() - before, 1, "{provider}");
        let first = tokens[0].as_ref().unwrap();
        assert_ne!(*first, old);
        assert!(tokens.iter().all(|token| token.as_ref().unwrap() == first));
        assert_eq!(world.sandbox.ledger().totals.double_spends, 0);
    }
}

#[tokio::test]
async fn a_refreshed_token_survives_a_restart() {
    let mut world = World::new().await;
    let id = world.authorized(LEGACY, "Contoso").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    let reader = world.reader().await;
    for _ in 0..3 {
        world.wait(61);
        let token = world.broker.token(&reader, id).await.unwrap();
        world.restart().await;
        let same = world.broker.token(&reader, id).await.unwrap();
        assert_eq!(token.access_token, same.access_token);
    }
    assert_eq!(world.sandbox.ledger().totals.families_revoked, 0);
}

#[tokio::test]
async fn a_provider_in_trouble_fails_only_expired_tokens_and_kills_nothing() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    let reader = world.reader().await;
    let down: CannedAnswer = serde_json::from_value(serde_json::json!({"status": 503})).unwrap();
    world.sandbox.set_behaviour(Behaviour {
        answer: Some(down),
        ..Behaviour::default()
    });
    // Half a minute before the end: a refresh is tried, and the valid token is served all the same.
    world.clock.advance(chrono::TimeDelta::seconds(3570));
    assert!(world.broker.token(&reader, id).await.is_ok());
    world.wait(2);
    let expired = world.broker.token(&reader, id).await;
    assert!(matches!(expired, Err(TokenError::Failing { .. })));
    assert_eq!(world.get(id).await.state, Status::RefreshFailing);

    world.sandbox.set_behaviour(Behaviour::default());
    // Readers do not shorten the pause after a failure.
    let early = world.broker.token(&reader, id).await;
    assert!(matches!(early, Err(TokenError::Failing { .. })));
    world.wait(1);
    assert!(world.broker.token(&reader, id).await.is_ok());
    assert_eq!(world.get(id).await.state, Status::Healthy);
}

#[tokio::test]
async fn a_disabled_account_cancels_the_authorization_and_asks_for_publish() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    world.sandbox.set_account(
        "service",
        AccountPatch {
            active: Some(false),
            ..AccountPatch::default()
        },
    );
    let after = world.broker.refresh(&world.actor, id).await.unwrap();
    assert_eq!(after.status, StatusLabel::NotAuthorized);
    assert_eq!(
        after.state,
        Status::Cancelled(CancelReason::AccountDisabled)
    );
    assert!(
        world
            .broker
            .publish_state(&world.actor)
            .await
            .unwrap()
            .needed
    );
    let reader = world.reader().await;
    let read = world.broker.token(&reader, id).await;
    assert!(matches!(
        read,
        Err(TokenError::NotAuthorized(Status::Cancelled(_)))
    ));
}
