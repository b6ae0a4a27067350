//! Drafts.

use crate::{columns::Millis, error::failed};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{AuthorizationId, UserId, WorkspaceId, authorization::FlowError};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    Ciphertext, StorageError,
    drafts::{DraftRecord, DraftRepository},
};

pub(crate) struct Drafts<'c>(pub &'c mut SqliteConnection);

struct DraftRow {
    workspace_id: Uuid,
    authorization_id: Uuid,
    user_id: Uuid,
    base_version: i64,
    form: Vec<u8>,
    grant_id: Option<Uuid>,
    account_confirmed: bool,
    flow_error: Option<Json<FlowError>>,
    updated_at: Millis,
}

impl From<DraftRow> for DraftRecord {
    fn from(row: DraftRow) -> Self {
        Self {
            workspace_id: row.workspace_id.into(),
            authorization_id: row.authorization_id.into(),
            user_id: row.user_id.into(),
            base_version: row.base_version,
            form: Ciphertext(row.form),
            grant_id: row.grant_id.map(Into::into),
            account_confirmed: row.account_confirmed,
            flow_error: row.flow_error.map(|Json(error)| error),
            updated_at: row.updated_at.into(),
        }
    }
}

/// A statement that answers [`DraftRow`]s: what stands before and after the list of columns.
macro_rules! drafts {
    ($before:literal, $after:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            DraftRow,
            $before + r#" workspace_id AS "workspace_id!: Uuid",
                authorization_id AS "authorization_id!: Uuid", user_id AS "user_id!: Uuid",
                base_version AS "base_version!", form AS "form!", grant_id AS "grant_id: Uuid",
                account_confirmed AS "account_confirmed!: bool",
                flow_error AS "flow_error: Json<FlowError>",
                updated_at AS "updated_at!: Millis" "# + $after
            $(, $argument)*
        )
    };
}

#[async_trait]
impl DraftRepository for Drafts<'_> {
    async fn get(
        &mut self,
        workspace: WorkspaceId,
        user: UserId,
        authorization: AuthorizationId,
    ) -> Result<Option<DraftRecord>, StorageError> {
        let row = drafts!(
            "SELECT",
            "FROM drafts WHERE workspace_id = ? AND user_id = ? AND authorization_id = ?",
            workspace.0,
            user.0,
            authorization.0
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("draft"))?;
        Ok(row.map(Into::into))
    }

    async fn put(&mut self, draft: &DraftRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO drafts (workspace_id, authorization_id, user_id, base_version, form,
                                 grant_id, account_confirmed, flow_error, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (authorization_id, user_id, workspace_id) DO UPDATE
             SET base_version = excluded.base_version, form = excluded.form,
                 grant_id = excluded.grant_id,
                 account_confirmed = excluded.account_confirmed,
                 flow_error = excluded.flow_error, updated_at = excluded.updated_at",
            draft.workspace_id.0,
            draft.authorization_id.0,
            draft.user_id.0,
            draft.base_version,
            draft.form.0,
            draft.grant_id.map(|id| id.0),
            draft.account_confirmed,
            draft.flow_error.as_ref().map(Json),
            Millis(draft.updated_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("draft"))?;
        Ok(())
    }

    async fn take(
        &mut self,
        workspace: WorkspaceId,
        user: UserId,
        authorization: AuthorizationId,
    ) -> Result<Option<DraftRecord>, StorageError> {
        let row = drafts!(
            "DELETE FROM drafts WHERE workspace_id = ? AND user_id = ? AND authorization_id = ?
             RETURNING",
            "",
            workspace.0,
            user.0,
            authorization.0
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("draft"))?;
        Ok(row.map(Into::into))
    }

    async fn take_older_than(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<DraftRecord>, StorageError> {
        let rows = drafts!(
            "DELETE FROM drafts
             WHERE rowid IN (SELECT rowid FROM drafts WHERE updated_at < ?
                             ORDER BY updated_at LIMIT ?)
             RETURNING",
            "",
            Millis(before),
            limit
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("draft"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
