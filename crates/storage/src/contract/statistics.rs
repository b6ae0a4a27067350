//! Cases of [`StatisticsRepository`](crate::statistics::StatisticsRepository).

use super::fixture::{Db, Place, at, read, write};
use crate::{
    Transaction,
    statistics::{GrantCount, Overdue},
};
use chrono::TimeDelta;
use model::status::{CancelReason, Status};

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
    let replaced = place.grant(super::fixture::new_id());
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
        let mut grant = place.grant(super::fixture::new_id());
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
