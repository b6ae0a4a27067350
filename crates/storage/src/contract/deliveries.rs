//! Cases of [`NotificationRepository`](crate::notifications::NotificationRepository): the queue of
//! deliveries.

use super::{
    fixture::{Db, Place, at, new_id, race, write},
    notifications::{channel, delivery, notification},
};
use crate::notifications::{AttemptOutcome, ChannelRecord, DeliveryRecord};
use model::notification::{ChannelKind, DeliveryState};
use uuid::Uuid;

const HOLDER: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

/// A channel with deliveries that are due at these times, saved.
async fn queue(db: &Db, due: &[i64]) -> (ChannelRecord, Vec<DeliveryRecord>) {
    let place = Place::new(db).await;
    let channel = channel(place.workspace, ChannelKind::Webhook);
    let told = notification(place.workspace, 1);
    let mut tx = write(db).await;
    let mut notifications = tx.notifications();
    notifications.insert(&told).await.expect("inserted");
    notifications
        .insert_channel(&channel)
        .await
        .expect("inserted");
    let mut records = Vec::new();
    for &seconds in due {
        let mut record = delivery(&channel, &told);
        record.next_attempt_at = Some(at(seconds));
        notifications
            .insert_delivery(&record)
            .await
            .expect("inserted");
        records.push(record);
    }
    drop(notifications);
    tx.save().await.expect("saved");
    (channel, records)
}

/// A claim brings all that sending needs.
pub async fn the_due_ones_are_claimed_soonest_first(db: Db) {
    let (channel, records) = queue(&db, &[20, 10, 99]).await;
    let mut tx = write(&db).await;
    let claimed = tx
        .notifications()
        .claim(HOLDER, at(50), at(110), 10)
        .await
        .expect("claimed");
    let ids: Vec<_> = claimed.iter().map(|one| one.record.id).collect();
    assert_eq!(ids, [records[1].id, records[0].id]);
    let first = &claimed[0];
    assert_eq!(first.channel, channel);
    assert_eq!(first.notification.id, records[1].notification_id);
    assert_eq!(first.record.attempts, 1);
    assert_eq!(first.record.last_attempt_at, Some(at(50)));
}

/// Two processes do not send the same at once.
pub async fn a_claim_lasts_until_its_lease_ends(db: Db) {
    let (_, records) = queue(&db, &[10]).await;
    let id = records[0].id;
    let mut tx = write(&db).await;
    let mut notifications = tx.notifications();
    assert_eq!(
        notifications
            .claim(HOLDER, at(10), at(60), 10)
            .await
            .expect("claimed")
            .len(),
        1
    );
    assert_eq!(
        notifications
            .claim(OTHER, at(59), at(99), 10)
            .await
            .expect("claimed"),
        []
    );
    let one = notifications.claim_one(id, OTHER, at(59), at(99)).await;
    assert_eq!(one.expect("claimed"), None);
    // The process died: somebody else takes over, and the late one settles nothing.
    let again = notifications
        .claim(OTHER, at(60), at(99), 10)
        .await
        .expect("claimed");
    assert_eq!(again[0].record.attempts, 2);
    let outcome = AttemptOutcome {
        state: DeliveryState::Delivered,
        next_attempt_at: None,
        http_status: Some(204),
        error: None,
    };
    assert!(
        !notifications
            .settle(id, HOLDER, &outcome)
            .await
            .expect("settled")
    );
    assert!(
        notifications
            .settle(id, OTHER, &outcome)
            .await
            .expect("settled")
    );
    assert_eq!(
        notifications
            .claim(HOLDER, at(999), at(1000), 10)
            .await
            .expect("claimed"),
        []
    );
}

/// The log shows how an attempt went.
pub async fn a_failed_attempt_is_due_again(db: Db) {
    let (channel, records) = queue(&db, &[10]).await;
    let id = records[0].id;
    let mut tx = write(&db).await;
    let mut notifications = tx.notifications();
    notifications
        .claim(HOLDER, at(10), at(60), 10)
        .await
        .expect("claimed");
    let outcome = AttemptOutcome {
        state: DeliveryState::Pending,
        next_attempt_at: Some(at(15)),
        http_status: Some(500),
        error: Some("answered 500".to_owned()),
    };
    assert!(
        notifications
            .settle(id, HOLDER, &outcome)
            .await
            .expect("settled")
    );
    let log = notifications
        .deliveries(channel.workspace_id, None, 10)
        .await
        .expect("read");
    let shown = &log[0];
    assert_eq!(shown.record.next_attempt_at, Some(at(15)));
    assert_eq!(shown.record.http_status, Some(500));
    assert_eq!(shown.record.last_error.as_deref(), Some("answered 500"));
    assert_eq!(
        (shown.target.as_str(), shown.channel_kind),
        (channel.target.as_str(), channel.kind)
    );
    assert_eq!(
        notifications
            .claim(HOLDER, at(14), at(60), 10)
            .await
            .expect("claimed"),
        []
    );
    assert_eq!(
        notifications
            .claim(HOLDER, at(15), at(60), 10)
            .await
            .expect("claimed")
            .len(),
        1
    );
}

/// One of many processes gets it.
pub async fn one_of_many_gets_a_delivery(db: Db) {
    let (_, records) = queue(&db, &[10]).await;
    let id = records[0].id;
    let won = race(&db, move |mut tx| async move {
        let holder = new_id();
        let claimed = tx
            .notifications()
            .claim_one(id, holder, at(10), at(60))
            .await;
        let won = claimed.expect("claimed").is_some();
        (tx, won)
    })
    .await;
    assert_eq!(won, 1);
}

/// The log goes on where a page ended.
pub async fn deliveries_are_listed_newest_first(db: Db) {
    let (channel, records) = queue(&db, &[30, 10, 20]).await;
    let mut tx = write(&db).await;
    let mut notifications = tx.notifications();
    let page = notifications
        .deliveries(channel.workspace_id, None, 2)
        .await
        .expect("read");
    let ids: Vec<_> = page.iter().map(|one| one.record.id).collect();
    assert_eq!(ids, [records[2].id, records[1].id]);
    let rest = notifications
        .deliveries(channel.workspace_id, Some(records[1].id), 2)
        .await
        .expect("read");
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].record, records[0]);
}

/// Nothing is sent to a channel that was turned off.
pub async fn a_disabled_channel_gives_up_what_waits(db: Db) {
    let (channel, _) = queue(&db, &[10, 20]).await;
    let mut tx = write(&db).await;
    let mut notifications = tx.notifications();
    assert!(
        notifications
            .disable_channel(channel.id, at(5))
            .await
            .expect("disabled")
    );
    assert_eq!(
        notifications
            .claim(HOLDER, at(99), at(100), 10)
            .await
            .expect("claimed"),
        []
    );
    let (after, last) = notifications
        .channels(channel.workspace_id)
        .await
        .expect("read")
        .remove(0);
    assert_eq!(after.disabled_at, Some(at(5)));
    assert_eq!(last.expect("one").state, DeliveryState::Failed);
}
