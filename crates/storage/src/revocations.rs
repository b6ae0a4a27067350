//! Revocations: what is to be ended at a provider, and what came of it.

use crate::{Ciphertext, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, RevocationId, WorkspaceId, authorization::ProviderErrorInfo,
    revocation::RevocationState,
};

/// One ended consent, on its way to the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationRecord {
    /// Its id; the row its ciphertext is bound to.
    pub id: RevocationId,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Whose consent it was. The authorization may be gone.
    pub authorization_id: AuthorizationId,
    /// What it was called; `None` when it was never saved.
    pub authorization_name: Option<String>,
    /// Provider id.
    pub provider: String,
    /// Who had consented.
    pub account: Option<String>,
    /// Token, client and its secrets; `None` once it is over.
    pub request: Option<Ciphertext>,
    /// How far it has come.
    pub state: RevocationState,
    /// Attempts made. Also the fence: an outcome is noted by whoever made the last attempt.
    pub attempts: u32,
    /// When to try next, or until when somebody is trying; `None` once it is over.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub last_error: Option<ProviderErrorInfo>,
    /// End of the last access token, when known.
    pub token_ends_at: Option<DateTime<Utc>>,
    /// When the consent ended here.
    pub created_at: DateTime<Utc>,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Revocations.
#[async_trait]
pub trait RevocationRepository: Send {
    /// Adds one.
    async fn insert(&mut self, revocation: &RevocationRecord) -> Result<(), StorageError>;
    /// Takes the pending ones that are due, longest waiting first, at most `limit`: counts an attempt
    /// for each, and gives it to nobody else before `lease_ends_at`.
    async fn claim(
        &mut self,
        now: DateTime<Utc>,
        lease_ends_at: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<RevocationRecord>, StorageError>;
    /// Notes that attempt number `attempt` failed and when to try again; `false` when another
    /// attempt was made since, or it is over.
    async fn retry(
        &mut self,
        id: RevocationId,
        attempt: u32,
        next_attempt_at: DateTime<Utc>,
        error: &ProviderErrorInfo,
    ) -> Result<bool, StorageError>;
    /// Notes how it ended and forgets the request, which holds secrets; `false` when another attempt
    /// than number `attempt` was made since, or it is over.
    async fn finish(
        &mut self,
        id: RevocationId,
        attempt: u32,
        state: RevocationState,
        error: Option<&ProviderErrorInfo>,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Those of one authorization, newest first, at most `limit`.
    async fn of_authorization(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
        limit: u32,
    ) -> Result<Vec<RevocationRecord>, StorageError>;
    /// How many are not over yet, in all workspaces.
    async fn count_pending(&mut self) -> Result<u64, StorageError>;
    /// Forgets those that were over before `before`; answers how many.
    async fn delete_finished(&mut self, before: DateTime<Utc>) -> Result<u64, StorageError>;
}
