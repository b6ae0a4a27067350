//! What connectors are pointed at, and that nobody's change is lost.

use crate::support::World;
use broker::error::WriteError;
use model::connector::ConnectorInput;

/// Somebody deletes what they have seen, and somebody else has saved meanwhile.
#[tokio::test]
async fn a_connector_that_changed_meanwhile_is_not_deleted() {
    let world = World::new().await;
    let seen = world.connector("Contoso").await;
    let change = ConnectorInput {
        name: "Contoso 2".to_owned(),
        config: seen.config.clone(),
    };
    let changed = world
        .broker
        .update_connector(&world.actor, seen.id, seen.version, change)
        .await
        .unwrap();

    let delete = |version| {
        world
            .broker
            .delete_connector(&world.actor, seen.id, version)
    };
    let refused = delete(Some(seen.version)).await;
    assert!(matches!(refused, Err(WriteError::Stale)), "{refused:?}");
    let kept = world.broker.connector(&world.actor, seen.id).await.unwrap();
    assert_eq!(kept.unwrap().name, "Contoso 2");
    assert!(delete(Some(changed.version)).await.unwrap());
    assert!(!delete(None).await.unwrap(), "it is gone");
}
