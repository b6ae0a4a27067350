//! Sessions and API keys.

use crate::{
    columns::{HashBytes, Millis},
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use model::{ApiKeyId, UserId, WorkspaceId, api_key::KeyScope};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    Hash, StorageError,
    credentials::{ApiKeyRecord, CredentialRepository, SessionRecord},
};

pub(crate) struct Credentials<'c>(pub &'c mut SqliteConnection);

struct SessionRow {
    hash: HashBytes,
    user_id: Uuid,
    workspace_id: Uuid,
    created_at: Millis,
    last_seen_at: Millis,
    expires_at: Millis,
}

impl From<SessionRow> for SessionRecord {
    fn from(row: SessionRow) -> Self {
        Self {
            hash: row.hash.0,
            user_id: row.user_id.into(),
            workspace_id: row.workspace_id.into(),
            created_at: row.created_at.into(),
            last_seen_at: row.last_seen_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}

struct ApiKeyRow {
    id: Uuid,
    workspace_id: Uuid,
    name: String,
    hash: HashBytes,
    prefix: String,
    scopes: Json<Vec<KeyScope>>,
    expires_on: Option<NaiveDate>,
    last_used_at: Option<Millis>,
    created_at: Millis,
    created_by: String,
}

impl From<ApiKeyRow> for ApiKeyRecord {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            name: row.name,
            hash: row.hash.0,
            prefix: row.prefix,
            scopes: row.scopes.0,
            expires_on: row.expires_on,
            last_used_at: row.last_used_at.map(Into::into),
            created_at: row.created_at.into(),
            created_by: row.created_by,
        }
    }
}

/// Selects [`ApiKeyRow`]s.
macro_rules! api_keys {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            ApiKeyRow,
            r#"SELECT id AS "id: Uuid", workspace_id AS "workspace_id: Uuid", name,
                      hash AS "hash: HashBytes", prefix, scopes AS "scopes: Json<Vec<KeyScope>>",
                      expires_on AS "expires_on: NaiveDate", last_used_at AS "last_used_at: Millis",
                      created_at AS "created_at: Millis", created_by
               FROM api_keys "# + $rest
            $(, $argument)*
        )
    };
}

#[async_trait]
impl CredentialRepository for Credentials<'_> {
    async fn insert_session(&mut self, session: &SessionRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO sessions (hash, user_id, workspace_id, created_at, last_seen_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?)",
            HashBytes(session.hash),
            session.user_id.0,
            session.workspace_id.0,
            Millis(session.created_at),
            Millis(session.last_seen_at),
            Millis(session.expires_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("session"))?;
        Ok(())
    }

    async fn session(&mut self, hash: &Hash) -> Result<Option<SessionRecord>, StorageError> {
        let row = sqlx::query_as!(
            SessionRow,
            r#"SELECT hash AS "hash: HashBytes", user_id AS "user_id: Uuid",
                      workspace_id AS "workspace_id: Uuid", created_at AS "created_at: Millis",
                      last_seen_at AS "last_seen_at: Millis", expires_at AS "expires_at: Millis"
               FROM sessions WHERE hash = ?"#,
            HashBytes(*hash)
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("session"))?;
        Ok(row.map(Into::into))
    }

    async fn touch_session(
        &mut self,
        hash: &Hash,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE sessions SET last_seen_at = ? WHERE hash = ?",
            Millis(now),
            HashBytes(*hash)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("session"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_session(&mut self, hash: &Hash) -> Result<bool, StorageError> {
        let done = sqlx::query!("DELETE FROM sessions WHERE hash = ?", HashBytes(*hash))
            .execute(&mut *self.0)
            .await
            .map_err(failed("session"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_sessions_of(&mut self, user: UserId) -> Result<u64, StorageError> {
        let done = sqlx::query!("DELETE FROM sessions WHERE user_id = ?", user.0)
            .execute(&mut *self.0)
            .await
            .map_err(failed("session"))?;
        Ok(done.rows_affected())
    }

    async fn delete_stale_sessions(
        &mut self,
        now: DateTime<Utc>,
        idle_since: DateTime<Utc>,
    ) -> Result<u64, StorageError> {
        let done = sqlx::query!(
            "DELETE FROM sessions WHERE expires_at <= ? OR last_seen_at < ?",
            Millis(now),
            Millis(idle_since)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("session"))?;
        Ok(done.rows_affected())
    }

    async fn insert_api_key(&mut self, key: &ApiKeyRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO api_keys (id, workspace_id, name, hash, prefix, scopes, expires_on,
                                   last_used_at, created_at, created_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            key.id.0,
            key.workspace_id.0,
            key.name,
            HashBytes(key.hash),
            key.prefix,
            Json(&key.scopes),
            key.expires_on,
            key.last_used_at.map(Millis),
            Millis(key.created_at),
            key.created_by
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("API key"))?;
        Ok(())
    }

    async fn api_key(&mut self, hash: &Hash) -> Result<Option<ApiKeyRecord>, StorageError> {
        let row = api_keys!("WHERE hash = ?", HashBytes(*hash))
            .fetch_optional(&mut *self.0)
            .await
            .map_err(failed("API key"))?;
        Ok(row.map(Into::into))
    }

    async fn api_keys(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<ApiKeyRecord>, StorageError> {
        let rows = api_keys!(
            "WHERE workspace_id = ? ORDER BY created_at DESC, id DESC",
            workspace.0
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("API key"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn touch_api_key(
        &mut self,
        id: ApiKeyId,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE api_keys SET last_used_at = ? WHERE id = ?",
            Millis(now),
            id.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("API key"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_api_key(
        &mut self,
        workspace: WorkspaceId,
        id: ApiKeyId,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "DELETE FROM api_keys WHERE workspace_id = ? AND id = ?",
            workspace.0,
            id.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("API key"))?;
        Ok(done.rows_affected() == 1)
    }
}
