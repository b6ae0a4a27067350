//! Drafts: unsaved forms, one for each person and authorization.

use crate::{Ciphertext, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{AuthorizationId, GrantId, UserId, WorkspaceId, authorization::FlowError};

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRecord {
    /// Where.
    pub workspace_id: WorkspaceId,
    /// What it edits, or will create.
    pub authorization_id: AuthorizationId,
    /// Whose.
    pub user_id: UserId,
    /// Version of the stored authorization it started from; 0 for a new one.
    pub base_version: i64,
    /// The form, secrets included.
    pub form: Ciphertext,
    /// A consent that Save will store.
    pub grant_id: Option<GrantId>,
    /// The person said that the account of that consent may take the place of the one before.
    pub account_confirmed: bool,
    /// How the last trip to the provider ended, when it ended badly.
    pub flow_error: Option<FlowError>,
    /// When it was last kept.
    pub updated_at: DateTime<Utc>,
}

/// Drafts.
#[async_trait]
pub trait DraftRepository: Send {
    /// One person's draft of one authorization.
    async fn get(
        &mut self,
        workspace: WorkspaceId,
        user: UserId,
        authorization: AuthorizationId,
    ) -> Result<Option<DraftRecord>, StorageError>;
    /// Keeps a draft, in place of an earlier one.
    async fn put(&mut self, draft: &DraftRecord) -> Result<(), StorageError>;
    /// Forgets a draft; answers what it was.
    async fn take(
        &mut self,
        workspace: WorkspaceId,
        user: UserId,
        authorization: AuthorizationId,
    ) -> Result<Option<DraftRecord>, StorageError>;
    /// Forgets and answers drafts last kept before `before`, at most `limit`.
    async fn take_older_than(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<DraftRecord>, StorageError>;
}
