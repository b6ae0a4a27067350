//! Cases of the leases of [`GrantRepository`](crate::grants::GrantRepository).

use super::fixture::{Db, Place, at, lease, new_id, race, read, saved_grant, tokens, write};
use crate::grants::RefreshLease;
use model::status::Status;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// While the first one's lease is running. The holder itself may take it again.
pub async fn a_second_taker_is_refused(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let first = lease(&grant, 1);
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    assert!(grants.take_lease(&first, at(0)).await.unwrap());
    assert!(!grants.take_lease(&lease(&grant, 2), at(59)).await.unwrap());
    let stored = grants.open_leases().await.unwrap();
    assert_eq!(stored, std::slice::from_ref(&first));

    let extended = RefreshLease {
        expires_at: at(120),
        ..first
    };
    assert!(grants.take_lease(&extended, at(59)).await.unwrap());
    assert_eq!(grants.open_leases().await.unwrap(), [extended]);
}

/// A holder that died does not block the grant for ever.
pub async fn an_expired_lease_is_replaced(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let (dead, mut next) = (lease(&grant, 1), lease(&grant, 2));
    (next.started_at, next.expires_at) = (at(60), at(120));
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    assert!(grants.take_lease(&dead, at(0)).await.unwrap());
    assert!(grants.take_lease(&next, dead.expires_at).await.unwrap());
    assert_eq!(grants.open_leases().await.unwrap(), [next]);
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
    assert!(!grants.take_lease(&late, at(0)).await.unwrap());
    late.generation = 2;
    assert!(grants.take_lease(&late, at(0)).await.unwrap());
    let mut nowhere = lease(&grant, 1);
    nowhere.grant_id = new_id();
    assert!(!grants.take_lease(&nowhere, at(0)).await.unwrap());
}

/// Once.
pub async fn only_the_holder_gives_it_back(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let held = lease(&grant, 1);
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    assert!(grants.take_lease(&held, at(0)).await.unwrap());
    let stranger = Uuid::from_u128(2);
    assert!(!grants.release_lease(grant.id, stranger).await.unwrap());
    assert!(grants.release_lease(grant.id, held.holder).await.unwrap());
    assert!(!grants.release_lease(grant.id, held.holder).await.unwrap());
    assert!(grants.take_lease(&lease(&grant, 2), at(1)).await.unwrap());
}

/// Expired or not: their outcome is not known until somebody looks.
pub async fn open_leases_are_listed(db: Db) {
    let place = Place::new(&db).await;
    let mut leases = Vec::new();
    for started in [20, 10] {
        let mut lease = lease(&saved_grant(&db, place).await, 1);
        lease.started_at = at(started);
        leases.push(lease);
    }
    let mut transaction = write(&db).await;
    for lease in &leases {
        assert!(transaction.grants().take_lease(lease, at(0)).await.unwrap());
    }
    transaction.save().await.unwrap();
    let mut listed = read(&db).await.grants().open_leases().await.unwrap();
    listed.sort_by_key(|lease| lease.started_at);
    leases.reverse();
    assert_eq!(listed, leases);
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
            let won = transaction
                .grants()
                .take_lease(&lease, at(0))
                .await
                .unwrap();
            (transaction, won)
        }
    })
    .await;
    assert_eq!(winners, 1);
}
