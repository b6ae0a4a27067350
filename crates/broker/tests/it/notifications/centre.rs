//! The notification centre.

use super::queued;
use crate::support::World;
use broker::{access::Actor, error::WriteError};
use chrono::TimeDelta;
use model::notification::PageQuery;

#[tokio::test]
async fn everybody_reads_for_themselves() {
    let world = World::new().await;
    let id = queued(&world).await;
    world.account_is_active(true);
    world.consent_again(id).await;
    let unread = async |actor: &Actor| {
        let query = PageQuery::default();
        let page = world.broker.notifications(actor, &query).await;
        page.unwrap().unread
    };
    assert_eq!(unread(&world.actor).await, 2);
    let oldest = world.told().await[1].id;
    let mark = |up_to| world.broker.mark_notifications_read(&world.actor, up_to);
    mark(Some(oldest)).await.unwrap();
    assert_eq!(unread(&world.actor).await, 1);
    let read: Vec<_> = world.told().await.iter().map(|one| one.read).collect();
    assert_eq!(read, [false, true]);
    mark(None).await.unwrap();
    assert_eq!(unread(&world.actor).await, 0);
    let unknown = mark(Some(uuid::Uuid::from_u128(1).into())).await;
    assert!(matches!(unknown, Err(WriteError::NotFound(_))));
    // A program that may not manage reads nothing.
    let reader = world.reader().await;
    let page = world
        .broker
        .notifications(&reader, &PageQuery::default())
        .await;
    assert!(page.is_err());
}

#[tokio::test]
async fn lists_go_on_where_a_page_ended() {
    let world = World::new().await;
    let id = queued(&world).await;
    for active in [true, false, true] {
        world.account_is_active(active);
        if active {
            world.consent_again(id).await;
        } else {
            world.refreshed(id).await;
        }
    }
    let mut query = PageQuery {
        cursor: None,
        limit: Some(3),
    };
    let first = world
        .broker
        .notifications(&world.actor, &query)
        .await
        .unwrap();
    assert_eq!(first.items.len(), 3);
    query.cursor = first.next;
    let last = world
        .broker
        .notifications(&world.actor, &query)
        .await
        .unwrap();
    assert_eq!((last.items.len(), last.next), (1, None));
    query.cursor = None;
    let log = world
        .broker
        .notification_deliveries(&world.actor, &query)
        .await
        .unwrap();
    query.cursor = log.next;
    let rest = world
        .broker
        .notification_deliveries(&world.actor, &query)
        .await
        .unwrap();
    assert_eq!((log.items.len(), rest.items.len()), (3, 1));
}

#[tokio::test]
async fn old_notifications_are_forgotten() {
    let world = World::new().await;
    queued(&world).await;
    world.clock.advance(TimeDelta::days(89));
    world.broker.sweep_notifications().await.unwrap();
    assert_eq!(world.told().await.len(), 1);
    world.clock.advance(TimeDelta::days(2));
    world.broker.sweep_notifications().await.unwrap();
    assert_eq!(world.told().await, []);
    assert_eq!(world.log().await, []);
}
