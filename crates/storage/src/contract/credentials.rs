//! Cases of [`CredentialRepository`](crate::credentials::CredentialRepository).

use super::fixture::{Db, Place, at, day, hash, new_id, read, write};
use crate::credentials::{ApiKeyRecord, SessionRecord};
use model::{UserId, WorkspaceId, api_key::KeyScope};

fn session(place: Place, seed: u8) -> SessionRecord {
    SessionRecord {
        hash: hash(seed),
        user_id: place.user,
        workspace_id: place.workspace,
        created_at: at(0),
        last_seen_at: at(10),
        expires_at: at(1000),
    }
}

fn api_key(workspace: WorkspaceId, seed: u8) -> ApiKeyRecord {
    ApiKeyRecord {
        id: new_id(),
        workspace_id: workspace,
        name: format!("Key {seed}"),
        hash: hash(seed),
        prefix: "tky_3fK2".to_owned(),
        scopes: vec![KeyScope::TokensRead, KeyScope::Call],
        expires_on: Some(day()),
        last_used_at: None,
        created_at: at(i64::from(seed)),
        created_by: "Ada".to_owned(),
    }
}

/// It is there, expired or not, notes its use, and is gone once it is deleted.
pub async fn a_session_lives_until_it_is_deleted(db: Db) {
    let place = Place::new(&db).await;
    let mut record = session(place, 1);
    let mut transaction = write(&db).await;
    let mut credentials = transaction.credentials();
    credentials.insert_session(&record).await.unwrap();
    let stored = credentials.session(&record.hash).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&record));

    record.last_seen_at = at(60);
    assert!(
        credentials
            .touch_session(&record.hash, at(60))
            .await
            .unwrap()
    );
    let stored = credentials.session(&record.hash).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&record));

    assert!(credentials.delete_session(&record.hash).await.unwrap());
    assert_eq!(credentials.session(&record.hash).await.unwrap(), None);
    assert!(!credentials.delete_session(&record.hash).await.unwrap());
    assert!(
        !credentials
            .touch_session(&record.hash, at(61))
            .await
            .unwrap()
    );
}

/// All of one person's, none of another's.
pub async fn sessions_of_one_person_end_together(db: Db) {
    let mut transaction = write(&db).await;
    let one = Place::within(&mut *transaction, "one").await;
    let two = Place::within(&mut *transaction, "two").await;
    let mut credentials = transaction.credentials();
    for record in [session(one, 1), session(one, 2), session(two, 3)] {
        credentials.insert_session(&record).await.unwrap();
    }
    assert_eq!(credentials.delete_sessions_of(one.user).await.unwrap(), 2);
    assert!(credentials.session(&hash(1)).await.unwrap().is_none());
    assert!(credentials.session(&hash(3)).await.unwrap().is_some());
    let nobody: UserId = new_id();
    assert_eq!(credentials.delete_sessions_of(nobody).await.unwrap(), 0);
}

/// Past their absolute end, or idle for too long.
pub async fn stale_sessions_are_forgotten(db: Db) {
    let place = Place::new(&db).await;
    let (mut expired, mut idle, mut fresh) =
        (session(place, 1), session(place, 2), session(place, 3));
    (expired.last_seen_at, expired.expires_at) = (at(100), at(100));
    (idle.last_seen_at, idle.expires_at) = (at(49), at(101));
    (fresh.last_seen_at, fresh.expires_at) = (at(50), at(101));
    let mut transaction = write(&db).await;
    let mut credentials = transaction.credentials();
    for record in [&expired, &idle, &fresh] {
        credentials.insert_session(record).await.unwrap();
    }
    let gone = credentials.delete_stale_sessions(at(100), at(50)).await;
    assert_eq!(gone.unwrap(), 2);
    assert_eq!(credentials.session(&hash(3)).await.unwrap(), Some(fresh));
}

/// Found by hash; its use is noted.
pub async fn api_keys_round_trip(db: Db) {
    let place = Place::new(&db).await;
    let (mut full, mut bare) = (api_key(place.workspace, 1), api_key(place.workspace, 2));
    bare.expires_on = None;
    bare.scopes = Vec::new();
    let mut transaction = write(&db).await;
    transaction
        .credentials()
        .insert_api_key(&full)
        .await
        .unwrap();
    transaction
        .credentials()
        .insert_api_key(&bare)
        .await
        .unwrap();
    full.last_used_at = Some(at(120));
    assert!(
        transaction
            .credentials()
            .touch_api_key(full.id, at(120))
            .await
            .unwrap()
    );
    assert!(
        !transaction
            .credentials()
            .touch_api_key(new_id(), at(120))
            .await
            .unwrap()
    );
    transaction.save().await.unwrap();

    let mut transaction = read(&db).await;
    let mut credentials = transaction.credentials();
    assert_eq!(credentials.api_key(&hash(1)).await.unwrap(), Some(full));
    assert_eq!(credentials.api_key(&hash(2)).await.unwrap(), Some(bare));
    assert_eq!(credentials.api_key(&hash(3)).await.unwrap(), None);
}

/// By time of creation, backwards.
pub async fn api_keys_are_listed_newest_first(db: Db) {
    let place = Place::new(&db).await;
    let keys = [2, 3, 1].map(|seed| api_key(place.workspace, seed));
    let mut transaction = write(&db).await;
    for key in &keys {
        transaction.credentials().insert_api_key(key).await.unwrap();
    }
    let listed = transaction
        .credentials()
        .api_keys(place.workspace)
        .await
        .unwrap();
    let [second, third, first] = keys;
    assert_eq!(listed, [third, second, first]);
}

/// No other workspace lists or deletes it.
pub async fn api_keys_belong_to_one_workspace(db: Db) {
    let place = Place::new(&db).await;
    let elsewhere: WorkspaceId = new_id();
    let key = api_key(place.workspace, 1);
    let mut transaction = write(&db).await;
    let mut credentials = transaction.credentials();
    credentials.insert_api_key(&key).await.unwrap();
    assert!(credentials.api_keys(elsewhere).await.unwrap().is_empty());
    assert!(!credentials.delete_api_key(elsewhere, key.id).await.unwrap());
    assert!(
        credentials
            .delete_api_key(place.workspace, key.id)
            .await
            .unwrap()
    );
    assert!(
        !credentials
            .delete_api_key(place.workspace, key.id)
            .await
            .unwrap()
    );
    assert_eq!(credentials.api_key(&key.hash).await.unwrap(), None);
}
