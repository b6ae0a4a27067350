//! Consent flows under way, and the one-time links that begin one.

use crate::{Ciphertext, Hash, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{AuthorizationId, FlowId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// What the flow's consent is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowTarget {
    /// The draft of the person who began it; Save stores the grant.
    Draft,
    /// The stored authorization itself (connect links).
    Stored,
}

/// One trip of one browser to the provider and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRecord {
    /// Its id; the row its ciphertext is bound to.
    pub id: FlowId,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// What it consents to.
    pub authorization_id: AuthorizationId,
    /// What the grant is stored with.
    pub target: FlowTarget,
    /// Who began it; `None` when a connect link did.
    pub user_id: Option<UserId>,
    /// Hash of `state` (S1).
    pub state_hash: Hash,
    /// Hash of the flow cookie of the browser that began it (S2).
    pub browser_hash: Hash,
    /// Path segment of the callback it must come back to (S3): `azure-devops` or `oauth2/{authorization_id}`.
    pub callback: String,
    /// Verifier, nonce, client registration with its endpoints (S6), scopes asked.
    pub details: Ciphertext,
    /// Where the browser goes afterwards, a path on this host (S11).
    pub return_to: String,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// End of its life (10 minutes).
    pub expires_at: DateTime<Utc>,
}

/// A link that begins a flow in the browser that opens it, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectLinkRecord {
    /// Hash of the link's token.
    pub hash: Hash,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// What it consents to.
    pub authorization_id: AuthorizationId,
    /// End of its life.
    pub expires_at: DateTime<Utc>,
}

/// Flows and connect links.
#[async_trait]
pub trait FlowRepository: Send {
    /// Adds a flow.
    async fn insert(&mut self, flow: &FlowRecord) -> Result<(), StorageError>;
    /// The flow of that state, not yet consumed, expired or not.
    async fn get_by_state(&mut self, state_hash: &Hash)
    -> Result<Option<FlowRecord>, StorageError>;
    /// Uses a flow up. Exactly one caller gets `true`.
    async fn consume(&mut self, id: FlowId) -> Result<bool, StorageError>;
    /// Authorizations of a workspace that somebody is consenting to right now.
    async fn open(
        &mut self,
        workspace: WorkspaceId,
        now: DateTime<Utc>,
    ) -> Result<Vec<AuthorizationId>, StorageError>;
    /// Uses up all open flows of an authorization and its draft (of this person, when given).
    async fn close(
        &mut self,
        authorization: AuthorizationId,
        user: Option<UserId>,
    ) -> Result<u64, StorageError>;
    /// Adds a link.
    async fn insert_link(&mut self, link: &ConnectLinkRecord) -> Result<(), StorageError>;
    /// Uses a link up; `None` when it is unknown, used or expired.
    async fn take_link(
        &mut self,
        hash: &Hash,
        now: DateTime<Utc>,
    ) -> Result<Option<ConnectLinkRecord>, StorageError>;
    /// Forgets flows and links that ended before `before`; answers how many.
    async fn delete_ended(&mut self, before: DateTime<Utc>) -> Result<u64, StorageError>;
}
