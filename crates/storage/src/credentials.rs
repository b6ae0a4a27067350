//! What requests prove themselves with: sessions of people, API keys of programs.

use crate::{Hash, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use model::{ApiKeyId, UserId, WorkspaceId, api_key::KeyScope};

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Hash of the cookie's value.
    pub hash: Hash,
    /// Whose.
    pub user_id: UserId,
    /// The workspace they are looking at.
    pub workspace_id: WorkspaceId,
    /// Time of sign-in.
    pub created_at: DateTime<Utc>,
    /// Last request, to the minute (idle limit).
    pub last_seen_at: DateTime<Utc>,
    /// Absolute end.
    pub expires_at: DateTime<Utc>,
}

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// Its id.
    pub id: ApiKeyId,
    /// The one workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// Hash of the key.
    pub hash: Hash,
    /// Its first characters, to tell keys apart.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<KeyScope>,
    /// Last day on which it works.
    pub expires_on: Option<NaiveDate>,
    /// Last use, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Who made it, in words.
    pub created_by: String,
}

/// Sessions and API keys.
#[async_trait]
pub trait CredentialRepository: Send {
    /// Adds a session.
    async fn insert_session(&mut self, session: &SessionRecord) -> Result<(), StorageError>;
    /// The session of that hash, expired or not.
    async fn session(&mut self, hash: &Hash) -> Result<Option<SessionRecord>, StorageError>;
    /// Notes that a session was used; `false` when there is none.
    async fn touch_session(
        &mut self,
        hash: &Hash,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Ends a session; `false` when there is none.
    async fn delete_session(&mut self, hash: &Hash) -> Result<bool, StorageError>;
    /// Ends all sessions of a person; answers how many.
    async fn delete_sessions_of(&mut self, user: UserId) -> Result<u64, StorageError>;
    /// Forgets sessions past their absolute end or idle since `idle_since`; answers how many.
    async fn delete_stale_sessions(
        &mut self,
        now: DateTime<Utc>,
        idle_since: DateTime<Utc>,
    ) -> Result<u64, StorageError>;

    /// Adds a key.
    async fn insert_api_key(&mut self, key: &ApiKeyRecord) -> Result<(), StorageError>;
    /// The key of that hash, expired or not, in any workspace.
    async fn api_key(&mut self, hash: &Hash) -> Result<Option<ApiKeyRecord>, StorageError>;
    /// Keys of a workspace, newest first.
    async fn api_keys(&mut self, workspace: WorkspaceId)
    -> Result<Vec<ApiKeyRecord>, StorageError>;
    /// Notes that a key was used; `false` when there is none.
    async fn touch_api_key(
        &mut self,
        id: ApiKeyId,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Deletes a key; `false` when the workspace has none of that id.
    async fn delete_api_key(
        &mut self,
        workspace: WorkspaceId,
        id: ApiKeyId,
    ) -> Result<bool, StorageError>;
}
