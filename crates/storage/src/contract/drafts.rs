//! Cases of [`DraftRepository`](crate::drafts::DraftRepository).

use super::fixture::{Db, Place, at, ciphertext, new_id, race, read, user, write};
use model::{AuthorizationId, WorkspaceId};

/// One for each person and authorization, which need not be saved yet.
pub async fn a_draft_replaces_the_last_one(db: Db) {
    let place = Place::new(&db).await;
    let authorization: AuthorizationId = new_id();
    let first = place.draft(authorization);
    let mut second = first.clone();
    let grant = place.grant(authorization);
    (second.base_version, second.form) = (4, ciphertext(2));
    (second.grant_id, second.flow_error) = (Some(grant.id), None);
    second.account_confirmed = false;
    second.updated_at = at(60);

    let mut transaction = write(&db).await;
    transaction.grants().insert(&grant).await.unwrap();
    for draft in [&first, &second] {
        transaction.drafts().put(draft).await.unwrap();
        let stored = transaction
            .drafts()
            .get(place.workspace, place.user, authorization)
            .await;
        assert_eq!(stored.unwrap().as_ref(), Some(draft));
    }
    transaction.save().await.unwrap();
    let mut transaction = read(&db).await;
    let mut drafts = transaction.drafts();
    let stored = drafts.get(place.workspace, place.user, authorization).await;
    assert_eq!(stored.unwrap(), Some(second));
    let elsewhere: WorkspaceId = new_id();
    let absent = drafts.get(elsewhere, place.user, authorization).await;
    assert_eq!(absent.unwrap(), None);
}

/// Two people can edit the same authorization.
pub async fn everybody_has_a_draft_of_their_own(db: Db) {
    let place = Place::new(&db).await;
    let colleague = user("colleague@example.com");
    let mine = place.draft(new_id());
    let mut theirs = mine.clone();
    (theirs.user_id, theirs.form) = (colleague.id, ciphertext(2));
    let mut transaction = write(&db).await;
    transaction.users().insert(&colleague).await.unwrap();
    let mut drafts = transaction.drafts();
    drafts.put(&mine).await.unwrap();
    drafts.put(&theirs).await.unwrap();
    let taken = drafts
        .take(place.workspace, colleague.id, mine.authorization_id)
        .await;
    assert_eq!(taken.unwrap(), Some(theirs));
    let left = drafts
        .get(place.workspace, place.user, mine.authorization_id)
        .await;
    assert_eq!(left.unwrap(), Some(mine));
}

/// Of several who save or discard at the same time, one gets it.
pub async fn a_draft_is_taken_once(db: Db) {
    let place = Place::new(&db).await;
    let draft = place.draft(new_id());
    let mut transaction = write(&db).await;
    transaction.drafts().put(&draft).await.unwrap();
    transaction.save().await.unwrap();
    let winners = race(&db, move |mut transaction| {
        let draft = draft.clone();
        async move {
            let taken = transaction
                .drafts()
                .take(place.workspace, place.user, draft.authorization_id)
                .await
                .unwrap();
            let won = taken.is_some_and(|taken| taken == draft);
            (transaction, won)
        }
    })
    .await;
    assert_eq!(winners, 1);
}

/// Oldest first, so many at a time, until none is left.
pub async fn old_drafts_are_taken(db: Db) {
    let place = Place::new(&db).await;
    let drafts = [30, 10, 20, 100].map(|age| {
        let mut draft = place.draft(new_id());
        draft.updated_at = at(age);
        draft
    });
    let mut transaction = write(&db).await;
    for draft in &drafts {
        transaction.drafts().put(draft).await.unwrap();
    }
    let [third, first, second, young] = drafts;
    let mut repository = transaction.drafts();
    let mut taken = repository.take_older_than(at(100), 2).await.unwrap();
    taken.sort_by_key(|draft| draft.updated_at);
    assert_eq!(taken, [first, second]);
    assert_eq!(
        repository.take_older_than(at(100), 2).await.unwrap(),
        [third]
    );
    assert!(
        repository
            .take_older_than(at(100), 2)
            .await
            .unwrap()
            .is_empty()
    );
    let kept = repository
        .get(place.workspace, place.user, young.authorization_id)
        .await;
    assert_eq!(kept.unwrap(), Some(young));
}
