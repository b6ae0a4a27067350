//! Publishing, and what the run time serves until then.

use crate::support::{ENTRA, World, input};
use broker::{publish::PublishError, runtime::TokenError};
use model::{
    publish::{ChangeKind, IssueCode, PublishResult},
    status::{CancelReason, Status},
};

#[tokio::test]
async fn empty_then_published_then_unchanged() {
    let world = World::new().await;
    assert!(matches!(
        world.broker.publish(&world.actor).await,
        Err(PublishError::Empty)
    ));
    world.authorized(ENTRA, "Contoso").await;
    let state = world.broker.publish_state(&world.actor).await.unwrap();
    assert!(state.needed);
    assert_eq!(state.changes.len(), 2);
    assert!(state.issues.is_empty(), "{:?}", state.issues);

    let published = world.broker.publish(&world.actor).await.unwrap();
    assert_eq!(
        (published.number, published.result),
        (1, PublishResult::Success)
    );
    assert!(matches!(
        world.broker.publish(&world.actor).await,
        Err(PublishError::Unchanged)
    ));
    assert!(
        !world
            .broker
            .publish_state(&world.actor)
            .await
            .unwrap()
            .needed
    );
}

#[tokio::test]
async fn what_does_not_stop_it_working_is_a_warning_about_its_entity() {
    let world = World::new().await;
    let created = world
        .broker
        .create_authorization(&world.actor, input(ENTRA, "Not consented"))
        .await
        .unwrap();
    let published = world.broker.publish(&world.actor).await.unwrap();
    assert_eq!(published.result, PublishResult::Warning);
    let codes: Vec<_> = published.issues.iter().map(|issue| issue.code).collect();
    assert_eq!(
        codes,
        [
            IssueCode::AuthorizationNotAuthorized,
            IssueCode::AuthorizationWithoutConnectors
        ]
    );
    let entity = published.issues[0].entity.as_ref().unwrap();
    assert_eq!(entity.id, created.id.0);
}

#[tokio::test]
async fn deauthorize_takes_effect_at_run_time_with_the_next_publish() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    let reader = world.reader().await;
    let token = world.broker.token(&reader, id).await.unwrap().access_token;

    let after = world.broker.deauthorize(&world.actor, id).await.unwrap();
    assert_eq!(after.state, Status::Cancelled(CancelReason::Deauthorized));
    assert!(
        after.grant.unwrap().account.is_some(),
        "who had consented is still told"
    );
    assert_eq!(
        world.broker.token(&reader, id).await.unwrap().access_token,
        token
    );
    let serving = world
        .broker
        .serving(&world.actor, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(serving.state, Status::Healthy);
    let changes = world
        .broker
        .publish_state(&world.actor)
        .await
        .unwrap()
        .changes;
    assert_eq!(changes[0].kind, ChangeKind::Changed);
    assert_eq!(changes[0].fields, ["consent"]);

    world.broker.publish(&world.actor).await.unwrap();
    let refused = world.broker.token(&reader, id).await;
    assert!(matches!(
        refused,
        Err(TokenError::NotAuthorized(Status::Cancelled(
            CancelReason::Deauthorized
        )))
    ));
}

#[tokio::test]
async fn an_earlier_publication_comes_back_under_a_new_number() {
    let mut world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    world
        .broker
        .set_active(&world.actor, id, false)
        .await
        .unwrap();
    world.broker.publish(&world.actor).await.unwrap();
    let reader = world.reader().await;
    let gone = world.broker.token(&reader, id).await;
    assert!(matches!(gone, Err(TokenError::NotPublished)));

    let restored = world.broker.restore(&world.actor, 1).await.unwrap();
    assert_eq!(restored.number, 3);
    assert!(world.broker.token(&reader, id).await.is_ok());
    world.restart().await;
    assert!(
        world.broker.token(&reader, id).await.is_ok(),
        "loaded at start"
    );
    let history = world
        .broker
        .publications(&world.actor, None, 10)
        .await
        .unwrap();
    assert_eq!(history[0].restored_from, Some(1));
    assert!(history[0].current && !history[1].current);
}
