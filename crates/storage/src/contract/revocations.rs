//! Cases of [`RevocationRepository`](crate::revocations::RevocationRepository).

use super::fixture::{Db, Place, at, new_id, provider_error, race, read, write};
use crate::revocations::RevocationRecord;
use model::{AuthorizationId, WorkspaceId, revocation::RevocationState};

async fn saved(db: &Db, records: &[RevocationRecord]) {
    let mut transaction = write(db).await;
    for record in records {
        transaction.revocations().insert(record).await.unwrap();
    }
    transaction.save().await.unwrap();
}

/// Of an authorization that need not be there, newest first; not another workspace's.
pub async fn a_revocation_round_trips(db: Db) {
    let place = Place::new(&db).await;
    let authorization: AuthorizationId = new_id();
    let old = place.revocation(authorization);
    let mut over = place.revocation(authorization);
    (over.state, over.request) = (RevocationState::NotOffered, None);
    (over.next_attempt_at, over.last_error) = (None, None);
    (over.authorization_name, over.account, over.token_ends_at) = (None, None, None);
    (over.created_at, over.finished_at) = (at(20), Some(at(20)));
    let other = place.revocation(new_id());
    saved(&db, &[old.clone(), over.clone(), other]).await;

    let mut transaction = read(&db).await;
    let mut revocations = transaction.revocations();
    let all = revocations
        .of_authorization(place.workspace, authorization, 9)
        .await;
    assert_eq!(all.unwrap(), [over.clone(), old]);
    let newest = revocations
        .of_authorization(place.workspace, authorization, 1)
        .await;
    assert_eq!(newest.unwrap(), [over]);
    let elsewhere: WorkspaceId = new_id();
    let absent = revocations
        .of_authorization(elsewhere, authorization, 9)
        .await;
    assert!(absent.unwrap().is_empty());
    assert_eq!(revocations.count_pending().await.unwrap(), 2);
}

/// Not before it is due, and not while somebody else has it; the longest waiting first.
pub async fn the_due_ones_are_claimed_for_a_while(db: Db) {
    let place = Place::new(&db).await;
    let (mut first, mut second) = (place.revocation(new_id()), place.revocation(new_id()));
    (first.next_attempt_at, second.next_attempt_at) = (Some(at(5)), Some(at(10)));
    saved(&db, &[second.clone(), first.clone()]).await;

    let mut transaction = write(&db).await;
    let mut revocations = transaction.revocations();
    assert!(
        revocations
            .claim(at(4), at(64), 9)
            .await
            .unwrap()
            .is_empty()
    );
    let claimed = revocations.claim(at(10), at(70), 1).await.unwrap();
    (first.attempts, first.next_attempt_at) = (1, Some(at(70)));
    assert_eq!(claimed, [first.clone()]);
    let claimed = revocations.claim(at(10), at(70), 9).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].id, second.id);
    assert!(
        revocations
            .claim(at(69), at(99), 9)
            .await
            .unwrap()
            .is_empty()
    );
    let again = revocations.claim(at(70), at(130), 9).await.unwrap();
    assert_eq!(again.len(), 2, "a lease that ran out is given to the next");
    assert!(again.iter().all(|one| one.attempts == 2));
}

/// Of several processes, one sends it.
pub async fn one_of_many_gets_it(db: Db) {
    let place = Place::new(&db).await;
    saved(&db, &[place.revocation(new_id())]).await;
    let winners = race(&db, |mut transaction| async move {
        let claimed = transaction.revocations().claim(at(10), at(70), 9).await;
        let won = !claimed.unwrap().is_empty();
        (transaction, won)
    })
    .await;
    assert_eq!(winners, 1);
}

/// Whoever came too late writes nothing, and what is over stays over without its secrets.
pub async fn an_outcome_needs_the_last_attempt(db: Db) {
    let place = Place::new(&db).await;
    let record = place.revocation(new_id());
    let id = record.id;
    saved(&db, std::slice::from_ref(&record)).await;
    let mut transaction = write(&db).await;
    let mut revocations = transaction.revocations();
    revocations.claim(at(10), at(20), 9).await.unwrap();
    revocations.claim(at(20), at(30), 9).await.unwrap();
    let error = provider_error();
    assert!(!revocations.retry(id, 1, at(99), &error).await.unwrap());
    let done = RevocationState::Done;
    assert!(!revocations.finish(id, 1, done, None, at(25)).await.unwrap());
    assert!(revocations.retry(id, 2, at(40), &error).await.unwrap());
    assert!(
        revocations
            .claim(at(39), at(99), 9)
            .await
            .unwrap()
            .is_empty()
    );

    revocations.claim(at(40), at(50), 9).await.unwrap();
    assert!(revocations.finish(id, 3, done, None, at(45)).await.unwrap());
    assert!(!revocations.finish(id, 3, done, None, at(46)).await.unwrap());
    assert!(!revocations.retry(id, 3, at(60), &error).await.unwrap());
    let all = revocations
        .of_authorization(place.workspace, record.authorization_id, 9)
        .await
        .unwrap();
    let over = RevocationRecord {
        request: None,
        state: done,
        attempts: 3,
        next_attempt_at: None,
        last_error: None,
        finished_at: Some(at(45)),
        ..record
    };
    assert_eq!(all, [over]);
    assert_eq!(revocations.count_pending().await.unwrap(), 0);
}

/// What is pending stays, however old.
pub async fn finished_ones_are_forgotten(db: Db) {
    let place = Place::new(&db).await;
    let over = |finished_at| RevocationRecord {
        request: None,
        state: RevocationState::Failed,
        next_attempt_at: None,
        finished_at: Some(at(finished_at)),
        ..place.revocation(new_id())
    };
    let kept = over(100);
    let pending = place.revocation(new_id());
    saved(&db, &[over(99), kept.clone(), pending.clone()]).await;
    let mut transaction = write(&db).await;
    let mut revocations = transaction.revocations();
    assert_eq!(revocations.delete_finished(at(100)).await.unwrap(), 1);
    for record in [kept, pending] {
        let found = revocations
            .of_authorization(place.workspace, record.authorization_id, 9)
            .await;
        assert_eq!(found.unwrap(), [record]);
    }
}
