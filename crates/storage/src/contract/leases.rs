//! Cases of the leases of [`GrantRepository`](crate::grants::GrantRepository).

use super::fixture::{Db, Place, at, lease, new_id, race, read, saved_grant, tokens, write};
use crate::grants::RefreshLease;
use model::status::Status;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// While the first one's lease is there, running or expired. The holder itself may take it again.
pub async fn a_second_taker_is_refused(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let first = lease(&grant, 1);
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    assert_eq!(grants.lease(grant.id).await.unwrap(), None);
    assert!(grants.take_lease(&first, None).await.unwrap());
    assert!(!grants.take_lease(&lease(&grant, 2), None).await.unwrap());
    assert_eq!(grants.lease(grant.id).await.unwrap().as_ref(), Some(&first));

    let repeated = RefreshLease {
        sends: 2,
        expires_at: at(120),
        ..first.clone()
    };
    assert!(
        grants
            .take_lease(&repeated, Some(first.holder))
            .await
            .unwrap()
    );
    assert_eq!(grants.lease(grant.id).await.unwrap(), Some(repeated));
}

/// A holder that died does not block the grant for ever: whoever saw its lease may take it over, once.
pub async fn a_lease_is_taken_over_from_who_was_seen(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let (dead, mut next) = (lease(&grant, 1), lease(&grant, 2));
    (next.started_at, next.expires_at) = (at(60), at(120));
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    assert!(grants.take_lease(&dead, None).await.unwrap());
    assert!(grants.take_lease(&next, Some(dead.holder)).await.unwrap());
    let third = lease(&grant, 3);
    assert!(!grants.take_lease(&third, Some(dead.holder)).await.unwrap());
    assert_eq!(grants.lease(grant.id).await.unwrap(), Some(next));
    assert!(!grants.release_lease(grant.id, dead.holder).await.unwrap());
}

/// Whoever read an older generation has to read again (R4). There is none of an absent grant.
pub async fn a_lease_needs_the_generation(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    let refreshed = grants
        .commit_refresh(grant.id, 1, &tokens(2), &[], Status::Healthy)
        .await;
    assert!(refreshed.unwrap());
    let mut late = lease(&grant, 1);
    assert!(!grants.take_lease(&late, None).await.unwrap());
    late.generation = 2;
    assert!(grants.take_lease(&late, None).await.unwrap());
    let mut nowhere = lease(&grant, 1);
    nowhere.grant_id = new_id();
    assert!(!grants.take_lease(&nowhere, None).await.unwrap());
}

/// Once.
pub async fn only_the_holder_gives_it_back(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let held = lease(&grant, 1);
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    assert!(grants.take_lease(&held, None).await.unwrap());
    let stranger = Uuid::from_u128(2);
    assert!(!grants.release_lease(grant.id, stranger).await.unwrap());
    assert!(grants.release_lease(grant.id, held.holder).await.unwrap());
    assert!(!grants.release_lease(grant.id, held.holder).await.unwrap());
    assert!(grants.take_lease(&lease(&grant, 2), None).await.unwrap());
}

/// What a dead process left behind, and what nobody gave back in time: outcomes that are not known
/// until somebody looks.
pub async fn abandoned_leases_are_listed(db: Db) {
    let place = Place::new(&db).await;
    let mut leases = Vec::new();
    for (started, process) in [(20, 7), (10, 7), (0, 8)] {
        let mut lease = lease(&saved_grant(&db, place).await, 1);
        (lease.started_at, lease.expires_at) = (at(started), at(started + 60));
        lease.process = Uuid::from_u128(process);
        leases.push(lease);
    }
    let mut transaction = write(&db).await;
    for lease in &leases {
        assert!(transaction.grants().take_lease(lease, None).await.unwrap());
    }
    transaction.save().await.unwrap();
    leases.reverse();
    let mut transaction = read(&db).await;
    let mut grants = transaction.grants();
    let of_seven = grants.leases_of(Uuid::from_u128(7)).await.unwrap();
    assert_eq!(of_seven, leases[1..]);
    assert_eq!(grants.expired_leases(at(70), 9).await.unwrap(), leases[..2]);
    assert_eq!(grants.expired_leases(at(70), 1).await.unwrap(), leases[..1]);
    assert!(grants.expired_leases(at(59), 9).await.unwrap().is_empty());
}

/// Of several workers that want to refresh, one asks the provider (R3).
pub async fn one_of_many_gets_the_lease(db: Db) {
    static HOLDER: AtomicU64 = AtomicU64::new(1);
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let winners = race(&db, move |mut transaction| {
        let holder = HOLDER.fetch_add(1, Ordering::Relaxed);
        let lease = lease(&grant, holder.into());
        async move {
            let won = transaction.grants().take_lease(&lease, None).await.unwrap();
            (transaction, won)
        }
    })
    .await;
    assert_eq!(winners, 1);
}
