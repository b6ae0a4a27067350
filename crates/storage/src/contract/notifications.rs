//! Cases of [`NotificationRepository`](crate::notifications::NotificationRepository): what people
//! were told, who has read it, and channels. Deliveries and alerts have modules of their own.

use super::fixture::{Db, Place, at, ciphertext, new_id, read, saved_authorization, texts, write};
use crate::notifications::{ChannelRecord, DeliveryRecord, NotificationRecord, Reader};
use model::{
    WorkspaceId,
    authorization::AuthorizationRef,
    notification::{
        ChannelKind, DeliveryState, LastDelivery, NotificationKind, NotificationSeverity,
    },
};

pub(super) fn notification(workspace: WorkspaceId, seconds: i64) -> NotificationRecord {
    NotificationRecord {
        id: new_id(),
        workspace_id: workspace,
        at: at(seconds),
        kind: NotificationKind::Cancelled,
        severity: NotificationSeverity::Error,
        title: "Boards was cancelled (account disabled)".to_owned(),
        text: "The account svc@contoso.example was disabled.".to_owned(),
        connectors: texts(&["REST", "Reports"]),
        next_action: "Re-authorize it.".to_owned(),
        authorization: Some(AuthorizationRef {
            id: new_id(),
            name: "Boards".to_owned(),
        }),
    }
}

pub(super) fn channel(workspace: WorkspaceId, kind: ChannelKind) -> ChannelRecord {
    ChannelRecord {
        id: new_id(),
        workspace_id: workspace,
        kind,
        target: match kind {
            ChannelKind::Email => "ops@contoso.example".to_owned(),
            ChannelKind::Webhook => "https://hooks.contoso.example/".to_owned(),
        },
        secret: (kind == ChannelKind::Webhook).then(|| ciphertext(40)),
        disabled_at: None,
        created_at: at(1),
        created_by: "ada@contoso.example".to_owned(),
    }
}

pub(super) fn delivery(channel: &ChannelRecord, of: &NotificationRecord) -> DeliveryRecord {
    DeliveryRecord {
        id: new_id(),
        workspace_id: channel.workspace_id,
        channel_id: channel.id,
        notification_id: of.id,
        state: DeliveryState::Pending,
        attempts: 0,
        at: at(2),
        last_attempt_at: None,
        next_attempt_at: Some(at(2)),
        http_status: None,
        last_error: None,
    }
}

/// Saves notifications of these times, and answers them.
async fn saved(db: &Db, place: Place, seconds: &[i64]) -> Vec<NotificationRecord> {
    let mut tx = write(db).await;
    let mut records = Vec::new();
    for &seconds in seconds {
        let record = notification(place.workspace, seconds);
        tx.notifications().insert(&record).await.expect("inserted");
        records.push(record);
    }
    tx.save().await.expect("saved");
    records
}

/// What is written comes out the same, about one authorization or about none.
pub async fn a_notification_round_trips(db: Db) {
    let place = Place::new(&db).await;
    let mut general = notification(place.workspace, 1);
    general.authorization = None;
    let mut tx = write(&db).await;
    tx.notifications().insert(&general).await.expect("inserted");
    tx.save().await.expect("saved");
    let about = saved(&db, place, &[2]).await;
    let mut tx = read(&db).await;
    let listed = tx.notifications().list(place.workspace, None, 10).await;
    let records: Vec<_> = listed
        .expect("read")
        .into_iter()
        .map(|one| one.record)
        .collect();
    assert_eq!(records, [about[0].clone(), general]);
}

/// The clock may go back; the order is that of writing.
pub async fn notifications_come_newest_first_in_pages(db: Db) {
    let place = Place::new(&db).await;
    let written = saved(&db, place, &[30, 10, 20]).await;
    let mut tx = read(&db).await;
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = tx.notifications().list(place.workspace, before, 2).await;
        let page = page.expect("read");
        let Some(last) = page.last() else { break };
        before = Some(last.number);
        seen.extend(page.into_iter().map(|one| one.record.id));
    }
    let newest_first: Vec<_> = written.iter().rev().map(|one| one.id).collect();
    assert_eq!(seen, newest_first);
}

/// Everybody has a place of their own up to which they have read.
pub async fn everybody_reads_for_themselves(db: Db) {
    let place = Place::new(&db).await;
    let written = saved(&db, place, &[1, 2, 3]).await;
    let (ada, program) = (Reader::User(place.user), Reader::ApiKey(new_id()));
    let mut tx = write(&db).await;
    let middle = Some(written[1].id);
    let workspace = place.workspace;
    let mut notifications = tx.notifications();
    assert!(
        notifications
            .mark_read(workspace, ada, middle)
            .await
            .expect("marked")
    );
    let position = notifications
        .read_up_to(workspace, ada)
        .await
        .expect("read");
    assert_eq!(
        notifications
            .unread(workspace, position)
            .await
            .expect("read"),
        1
    );
    // What was read stays read.
    let first = Some(written[0].id);
    assert!(
        notifications
            .mark_read(workspace, ada, first)
            .await
            .expect("marked")
    );
    assert_eq!(
        notifications
            .read_up_to(workspace, ada)
            .await
            .expect("read"),
        position
    );

    assert_eq!(
        notifications
            .read_up_to(workspace, program)
            .await
            .expect("read"),
        0
    );
    assert!(
        notifications
            .mark_read(workspace, program, None)
            .await
            .expect("marked")
    );
    let all = notifications
        .read_up_to(workspace, program)
        .await
        .expect("read");
    assert_eq!(notifications.unread(workspace, all).await.expect("read"), 0);
    let unknown = Some(new_id());
    assert!(
        !notifications
            .mark_read(workspace, ada, unknown)
            .await
            .expect("marked")
    );
}

/// Nobody reads tests in the notification centre, and they are not unread there.
pub async fn tests_of_channels_are_not_listed(db: Db) {
    let place = Place::new(&db).await;
    let mut test = notification(place.workspace, 1);
    test.kind = NotificationKind::Test;
    let mut tx = write(&db).await;
    tx.notifications().insert(&test).await.expect("inserted");
    let listed = tx.notifications().list(place.workspace, None, 10).await;
    assert_eq!(listed.expect("read"), []);
    assert_eq!(
        tx.notifications()
            .unread(place.workspace, 0)
            .await
            .expect("read"),
        0
    );
}

/// Forgetting goes by time.
pub async fn old_notifications_are_forgotten(db: Db) {
    let place = Place::new(&db).await;
    let written = saved(&db, place, &[1, 2, 3]).await;
    let mut tx = write(&db).await;
    assert_eq!(
        tx.notifications()
            .delete_before(at(3))
            .await
            .expect("deleted"),
        2
    );
    let left = tx
        .notifications()
        .list(place.workspace, None, 10)
        .await
        .expect("read");
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].record, written[2]);
}

/// Channels come with how their last delivery went.
pub async fn channels_round_trip_oldest_first(db: Db) {
    let place = Place::new(&db).await;
    let webhook = channel(place.workspace, ChannelKind::Webhook);
    let mut email = channel(place.workspace, ChannelKind::Email);
    email.created_at = at(0);
    let told = saved(&db, place, &[1]).await;
    let mut tx = write(&db).await;
    for channel in [&webhook, &email] {
        tx.notifications()
            .insert_channel(channel)
            .await
            .expect("inserted");
    }
    tx.notifications()
        .insert_delivery(&delivery(&webhook, &told[0]))
        .await
        .expect("inserted");
    let last = LastDelivery {
        state: DeliveryState::Pending,
        at: at(2),
    };
    assert_eq!(
        tx.notifications()
            .channels(place.workspace)
            .await
            .expect("read"),
        [(email, None), (webhook, Some(last))]
    );
}

/// Another workspace neither sees nor deletes; with the channel goes its queue.
pub async fn a_channel_belongs_to_one_workspace(db: Db) {
    let place = Place::new(&db).await;
    let channel = channel(place.workspace, ChannelKind::Email);
    let told = saved(&db, place, &[1]).await;
    let mut tx = write(&db).await;
    let other = Place::within(&mut *tx, "other").await;
    let mut notifications = tx.notifications();
    notifications
        .insert_channel(&channel)
        .await
        .expect("inserted");
    notifications
        .insert_delivery(&delivery(&channel, &told[0]))
        .await
        .expect("inserted");
    assert!(
        !notifications
            .delete_channel(other.workspace, channel.id)
            .await
            .expect("asked")
    );
    assert_eq!(
        notifications.channels(other.workspace).await.expect("read"),
        []
    );
    assert_eq!(
        notifications
            .list(other.workspace, None, 10)
            .await
            .expect("read"),
        []
    );
    assert_eq!(
        notifications
            .deliveries(other.workspace, None, 10)
            .await
            .expect("read"),
        []
    );

    assert!(
        notifications
            .delete_channel(place.workspace, channel.id)
            .await
            .expect("deleted")
    );
    assert_eq!(
        notifications
            .deliveries(place.workspace, None, 10)
            .await
            .expect("read"),
        []
    );
}

/// A notification names what may be gone.
pub async fn what_was_told_outlives_its_authorization(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "Boards").await;
    let mut told = notification(place.workspace, 1);
    told.authorization = Some(AuthorizationRef {
        id: authorization.id,
        name: authorization.name,
    });
    let mut tx = write(&db).await;
    tx.notifications().insert(&told).await.expect("inserted");
    tx.authorizations()
        .delete(place.workspace, authorization.id)
        .await
        .expect("deleted");
    let listed = tx
        .notifications()
        .list(place.workspace, None, 10)
        .await
        .expect("read");
    assert_eq!(listed[0].record, told);
}
