//! Cases of [`WaitingConsentRepository`](crate::waiting_consents::WaitingConsentRepository).

use super::fixture::{Db, Place, at, hash, race, saved_authorization, write};
use crate::{
    authorizations::AuthorizationRecord, grants::GrantRecord, waiting_consents::WaitingConsent,
};

async fn saved(db: &Db, place: Place, of: &AuthorizationRecord, seed: u8) -> WaitingConsent {
    let grant: GrantRecord = place.grant(of.id);
    let waiting = WaitingConsent {
        hash: hash(seed),
        workspace_id: place.workspace,
        authorization_id: of.id,
        grant_id: grant.id,
        browser_hash: hash(seed.wrapping_add(100)),
        expires_at: at(600),
    };
    let mut transaction = write(db).await;
    transaction.grants().insert(&grant).await.unwrap();
    transaction
        .waiting_consents()
        .insert(&waiting)
        .await
        .unwrap();
    transaction.save().await.unwrap();
    waiting
}

/// Found by its hash, and used up by one of several that answer at the same time.
pub async fn a_word_is_taken_once(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "A").await;
    let waiting = saved(&db, place, &authorization, 1).await;
    let mut transaction = write(&db).await;
    let mut consents = transaction.waiting_consents();
    assert_eq!(consents.get(&hash(1)).await.unwrap(), Some(waiting));
    assert_eq!(consents.get(&hash(2)).await.unwrap(), None);
    drop(consents);
    drop(transaction);
    let winners = race(&db, |mut transaction| async move {
        let won = transaction.waiting_consents().consume(&hash(1)).await;
        (transaction, won.unwrap())
    })
    .await;
    assert_eq!(winners, 1);
}

/// Those of one authorization, and those whose time is over; the others stay.
pub async fn overtaken_and_expired_ones_are_taken(db: Db) {
    let place = Place::new(&db).await;
    let one = saved_authorization(&db, place, "A").await;
    let other = saved_authorization(&db, place, "B").await;
    let first = saved(&db, place, &one, 1).await;
    let second = saved(&db, place, &other, 2).await;
    let third = saved(&db, place, &other, 3).await;
    let mut transaction = write(&db).await;
    let mut consents = transaction.waiting_consents();
    assert_eq!(consents.take_of(one.id).await.unwrap(), [first]);
    assert!(consents.take_of(one.id).await.unwrap().is_empty());
    assert!(consents.take_expired(at(599), 9).await.unwrap().is_empty());
    assert_eq!(consents.take_expired(at(600), 1).await.unwrap().len(), 1);
    let left = consents.take_expired(at(600), 9).await.unwrap();
    assert!(left == [second] || left == [third]);
}

/// They go with their authorization.
pub async fn deleting_the_authorization_forgets_them(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "A").await;
    saved(&db, place, &authorization, 1).await;
    let mut transaction = write(&db).await;
    transaction
        .authorizations()
        .delete(place.workspace, authorization.id)
        .await
        .unwrap();
    let found = transaction.waiting_consents().get(&hash(1)).await.unwrap();
    assert_eq!(found, None);
    transaction.save().await.unwrap();
}
