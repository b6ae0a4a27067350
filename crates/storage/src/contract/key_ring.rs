//! Cases of [`KeyRingRepository`](crate::key_ring::KeyRingRepository).

use super::fixture::{
    Db, Place, assert_taken, at, new_id, read, saved_authorization, secret, write,
};
use super::notifications::channel;
use crate::{Transaction, key_ring::KeyRecord};
use model::{
    notification::ChannelKind,
    status::{CancelReason, Status},
};

fn key(version: u32) -> KeyRecord {
    KeyRecord {
        version,
        wrapped: vec![0xfe, 0x00, 0x01],
        created_at: at(i64::from(version)),
    }
}

/// All versions, ordered by version whatever the order they came in.
pub async fn keys_round_trip_oldest_first(db: Db) {
    let mut transaction = write(&db).await;
    for version in [2, 10, 1] {
        transaction.key_ring().insert(&key(version)).await.unwrap();
    }
    transaction.save().await.unwrap();
    let keys = read(&db).await.key_ring().list().await.unwrap();
    assert_eq!(keys, [key(1), key(2), key(10)]);
}

/// A version cannot be replaced (S19).
pub async fn a_version_is_added_once(db: Db) {
    let mut transaction = write(&db).await;
    transaction.key_ring().insert(&key(1)).await.unwrap();
    assert_taken(transaction.key_ring().insert(&key(1)).await, "version");
}

/// A new ring is refused as long as any table holds what the old one sealed (S20).
pub async fn every_ciphertext_counts(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "A").await;
    assert!(!exists(&mut *write(&db).await).await);

    let mut secrets = write(&db).await;
    secrets
        .authorizations()
        .replace_secrets(
            authorization.id,
            "s",
            &[secret(authorization.id, "s", 0, 1)],
        )
        .await
        .unwrap();
    assert!(exists(&mut *secrets).await, "client secrets");
    drop(secrets);

    let mut drafts = write(&db).await;
    drafts.drafts().put(&place.draft(new_id())).await.unwrap();
    assert!(exists(&mut *drafts).await, "drafts");
    drop(drafts);

    let mut flows = write(&db).await;
    flows
        .flows()
        .insert(&place.flow(new_id(), 1))
        .await
        .unwrap();
    assert!(exists(&mut *flows).await, "flows");
    drop(flows);

    let mut revocations = write(&db).await;
    revocations
        .revocations()
        .insert(&place.revocation(new_id()))
        .await
        .unwrap();
    assert!(exists(&mut *revocations).await, "revocations");
    drop(revocations);

    let mut channels = write(&db).await;
    let email = channel(place.workspace, ChannelKind::Email);
    let webhook = channel(place.workspace, ChannelKind::Webhook);
    channels
        .notifications()
        .insert_channel(&email)
        .await
        .unwrap();
    assert!(!exists(&mut *channels).await, "a channel without a secret");
    channels
        .notifications()
        .insert_channel(&webhook)
        .await
        .unwrap();
    assert!(exists(&mut *channels).await, "webhooks");
    drop(channels);

    for (access, refresh) in [(true, false), (false, true)] {
        let mut grant = place.grant(new_id());
        grant.tokens.access_token = grant.tokens.access_token.filter(|_| access);
        grant.tokens.refresh_token = grant.tokens.refresh_token.filter(|_| refresh);
        let mut grants = write(&db).await;
        grants.grants().insert(&grant).await.unwrap();
        assert!(exists(&mut *grants).await, "grants");
        let over = Status::Cancelled(CancelReason::Revoked);
        assert!(grants.grants().end(grant.id, over).await.unwrap());
        assert!(!exists(&mut *grants).await, "a grant without tokens");
    }
}

async fn exists(transaction: &mut dyn Transaction) -> bool {
    transaction.key_ring().ciphertext_exists().await.unwrap()
}
