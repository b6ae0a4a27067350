//! Cases of [`StatisticsRepository`](crate::statistics::StatisticsRepository).

use super::fixture::{Db, Place, at, new_id, read, write};
use super::notifications::{channel, delivery, notification};
use crate::{
    Transaction,
    statistics::{GrantCount, Overdue, Unsent},
};
use chrono::TimeDelta;
use model::{
    notification::{ChannelKind, DeliveryState},
    status::{CancelReason, Status},
};

/// Saves an authorization with a grant in this state.
async fn authorized(
    transaction: &mut dyn Transaction,
    place: Place,
    name: &str,
    (provider, status, active): (&str, Status, bool),
) {
    let mut authorization = place.authorization(name);
    let mut grant = place.grant(authorization.id);
    provider.clone_into(&mut grant.client.provider);
    grant.status = status;
    authorization.active = active;
    authorization.grant_id = Some(grant.id);
    transaction.grants().insert(&grant).await.expect("inserted");
    let inserted = transaction.authorizations().insert(&authorization).await;
    inserted.expect("inserted");
}

/// What nobody points to any more does not count, and neither does what was put aside.
pub async fn consents_in_use_are_counted(db: Db) {
    let place = Place::new(&db).await;
    let over = Status::Cancelled(CancelReason::AccountDisabled);
    let mut transaction = write(&db).await;
    for (name, kind) in [
        ("A", ("azure-devops", Status::Healthy, true)),
        ("B", ("azure-devops", Status::Healthy, true)),
        ("C", ("azure-devops", over, true)),
        ("D", ("oauth2", Status::Healthy, true)),
        ("E", ("oauth2", Status::Healthy, false)),
    ] {
        authorized(&mut *transaction, place, name, kind).await;
    }
    let replaced = place.grant(new_id());
    transaction.grants().insert(&replaced).await.unwrap();
    transaction.save().await.unwrap();

    let mut counts = read(&db).await.statistics().grants().await.unwrap();
    counts.sort_by_key(|one| (one.provider.clone(), one.count));
    let count = |provider: &str, status, count| GrantCount {
        provider: provider.to_owned(),
        status,
        count,
    };
    assert_eq!(
        counts,
        [
            count("azure-devops", over, 1),
            count("azure-devops", Status::Healthy, 2),
            count("oauth2", Status::Healthy, 1),
        ]
    );
}

/// Those that are never refreshed are never late.
pub async fn late_refreshes_are_counted(db: Db) {
    let place = Place::new(&db).await;
    let mut transaction = write(&db).await;
    for due in [Some(at(10)), Some(at(20)), Some(at(30)), None] {
        let mut grant = place.grant(new_id());
        grant.tokens.next_refresh_at = due;
        transaction.grants().insert(&grant).await.unwrap();
    }
    transaction.save().await.unwrap();

    let mut transaction = read(&db).await;
    let mut statistics = transaction.statistics();
    let before = at(10) - TimeDelta::milliseconds(1);
    assert_eq!(
        statistics.overdue(before).await.unwrap(),
        Overdue::default()
    );
    let some = Overdue {
        count: 2,
        since: Some(at(10)),
    };
    assert_eq!(statistics.overdue(at(20)).await.unwrap(), some);
}

/// Due or not; what was sent, or given up, no longer counts.
pub async fn what_waits_to_be_sent_is_counted(db: Db) {
    let place = Place::new(&db).await;
    let mut transaction = write(&db).await;
    let unsent = transaction.statistics().unsent().await.unwrap();
    assert_eq!(unsent, Unsent::default());

    let told = notification(place.workspace, 1);
    let email = channel(place.workspace, ChannelKind::Email);
    let mut notifications = transaction.notifications();
    notifications.insert(&told).await.unwrap();
    notifications.insert_channel(&email).await.unwrap();
    let waiting = delivery(&email, &told);
    let mut sent = delivery(&email, &told);
    (sent.state, sent.next_attempt_at) = (DeliveryState::Delivered, None);
    for delivery in [&waiting, &sent] {
        notifications.insert_delivery(delivery).await.unwrap();
    }
    drop(notifications);
    for _ in 0..2 {
        let revocation = place.revocation(new_id());
        let inserted = transaction.revocations().insert(&revocation).await;
        inserted.unwrap();
    }
    let unsent = transaction.statistics().unsent().await.unwrap();
    assert_eq!((unsent.deliveries, unsent.revocations), (1, 2));
}
