//! Consents over a connect link by another account than before, which wait for the person's word.

use crate::{Hash, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{AuthorizationId, GrantId, WorkspaceId};

/// A consent that nothing points to yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingConsent {
    /// Hash of the token in the address of the page that asks.
    pub hash: Hash,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// What it would be stored with.
    pub authorization_id: AuthorizationId,
    /// What the consent brought.
    pub grant_id: GrantId,
    /// Hash of the flow cookie of the browser that may answer (S2).
    pub browser_hash: Hash,
    /// Until when it waits.
    pub expires_at: DateTime<Utc>,
}

/// Waiting consents.
#[async_trait]
pub trait WaitingConsentRepository: Send {
    /// Adds one.
    async fn insert(&mut self, waiting: &WaitingConsent) -> Result<(), StorageError>;
    /// The one with this hash, expired or not.
    async fn get(&mut self, hash: &Hash) -> Result<Option<WaitingConsent>, StorageError>;
    /// Uses one up. Exactly one caller gets `true`.
    async fn consume(&mut self, hash: &Hash) -> Result<bool, StorageError>;
    /// Uses up and answers those of an authorization: another consent has overtaken them.
    async fn take_of(
        &mut self,
        authorization: AuthorizationId,
    ) -> Result<Vec<WaitingConsent>, StorageError>;
    /// Uses up and answers those that nobody answered in time, at most `limit`.
    async fn take_expired(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<WaitingConsent>, StorageError>;
}
