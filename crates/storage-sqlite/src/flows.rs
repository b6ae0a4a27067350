//! Consent flows and connect links.
//!
//! What is used up is deleted, and the deletion is what tells the one who used it up: of several
//! callers, one has deleted a row.

use crate::{
    columns::{HashBytes, Millis, Word},
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{AuthorizationId, FlowId, UserId, WorkspaceId};
use sqlx::{SqliteConnection, types::Uuid};
use storage::{
    Ciphertext, Hash, StorageError,
    flows::{ConnectLinkRecord, FlowRecord, FlowRepository, FlowTarget},
};

pub(crate) struct Flows<'c>(pub &'c mut SqliteConnection);

struct FlowRow {
    id: Uuid,
    workspace_id: Uuid,
    authorization_id: Uuid,
    target: Word<FlowTarget>,
    user_id: Option<Uuid>,
    state_hash: HashBytes,
    browser_hash: HashBytes,
    callback: String,
    details: Vec<u8>,
    return_to: String,
    created_at: Millis,
    expires_at: Millis,
}

impl From<FlowRow> for FlowRecord {
    fn from(row: FlowRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            authorization_id: row.authorization_id.into(),
            target: row.target.0,
            user_id: row.user_id.map(Into::into),
            state_hash: row.state_hash.0,
            browser_hash: row.browser_hash.0,
            callback: row.callback,
            details: Ciphertext(row.details),
            return_to: row.return_to,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}

#[async_trait]
impl FlowRepository for Flows<'_> {
    async fn insert(&mut self, flow: &FlowRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO flows (id, workspace_id, authorization_id, target, user_id, state_hash,
                                browser_hash, callback, details, return_to, created_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            flow.id.0,
            flow.workspace_id.0,
            flow.authorization_id.0,
            Word(flow.target),
            flow.user_id.map(|id| id.0),
            HashBytes(flow.state_hash),
            HashBytes(flow.browser_hash),
            flow.callback,
            flow.details.0,
            flow.return_to,
            Millis(flow.created_at),
            Millis(flow.expires_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("flow"))?;
        Ok(())
    }

    async fn get_by_state(
        &mut self,
        state_hash: &Hash,
    ) -> Result<Option<FlowRecord>, StorageError> {
        let row = sqlx::query_as!(
            FlowRow,
            r#"SELECT id AS "id: Uuid", workspace_id AS "workspace_id: Uuid",
                      authorization_id AS "authorization_id: Uuid",
                      target AS "target: Word<FlowTarget>", user_id AS "user_id: Uuid",
                      state_hash AS "state_hash: HashBytes",
                      browser_hash AS "browser_hash: HashBytes", callback, details, return_to,
                      created_at AS "created_at: Millis", expires_at AS "expires_at: Millis"
               FROM flows WHERE state_hash = ?"#,
            HashBytes(*state_hash)
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("flow"))?;
        Ok(row.map(Into::into))
    }

    async fn consume(&mut self, id: FlowId) -> Result<bool, StorageError> {
        let done = sqlx::query!("DELETE FROM flows WHERE id = ?", id.0)
            .execute(&mut *self.0)
            .await
            .map_err(failed("flow"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn open(
        &mut self,
        workspace: WorkspaceId,
        now: DateTime<Utc>,
    ) -> Result<Vec<AuthorizationId>, StorageError> {
        let ids = sqlx::query_scalar!(
            r#"SELECT DISTINCT authorization_id AS "id!: Uuid"
               FROM flows WHERE workspace_id = ? AND expires_at > ?"#,
            workspace.0,
            Millis(now)
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("flow"))?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    async fn close(
        &mut self,
        authorization: AuthorizationId,
        user: Option<UserId>,
    ) -> Result<u64, StorageError> {
        let done = sqlx::query!(
            "DELETE FROM flows WHERE authorization_id = ?1 AND (?2 IS NULL OR user_id = ?2)",
            authorization.0,
            user.map(|id| id.0)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("flow"))?;
        Ok(done.rows_affected())
    }

    async fn insert_link(&mut self, link: &ConnectLinkRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO connect_links (hash, workspace_id, authorization_id, expires_at)
             VALUES (?, ?, ?, ?)",
            HashBytes(link.hash),
            link.workspace_id.0,
            link.authorization_id.0,
            Millis(link.expires_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("connect link"))?;
        Ok(())
    }

    async fn take_link(
        &mut self,
        hash: &Hash,
        now: DateTime<Utc>,
    ) -> Result<Option<ConnectLinkRecord>, StorageError> {
        let row = sqlx::query!(
            r#"DELETE FROM connect_links WHERE hash = ? AND expires_at > ?
               RETURNING workspace_id AS "workspace_id!: Uuid",
                         authorization_id AS "authorization_id!: Uuid",
                         expires_at AS "expires_at!: Millis""#,
            HashBytes(*hash),
            Millis(now)
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("connect link"))?;
        Ok(row.map(|row| ConnectLinkRecord {
            hash: *hash,
            workspace_id: row.workspace_id.into(),
            authorization_id: row.authorization_id.into(),
            expires_at: row.expires_at.into(),
        }))
    }

    async fn delete_ended(&mut self, before: DateTime<Utc>) -> Result<u64, StorageError> {
        let flows = sqlx::query!("DELETE FROM flows WHERE expires_at < ?", Millis(before))
            .execute(&mut *self.0)
            .await
            .map_err(failed("flow"))?;
        let links = sqlx::query!(
            "DELETE FROM connect_links WHERE expires_at < ?",
            Millis(before)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("connect link"))?;
        Ok(flows.rows_affected() + links.rows_affected())
    }
}
