//! Revocations.
//!
//! There is no separate lease: whoever takes one moves its next attempt to where the lease would
//! end, and the number of the attempt is the fence.

use crate::{
    columns::{Millis, Word, sealed},
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, RevocationId, WorkspaceId, authorization::ProviderErrorInfo,
    revocation::RevocationState,
};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    Ciphertext, StorageError,
    revocations::{RevocationRecord, RevocationRepository},
};

pub(crate) struct Revocations<'c>(pub &'c mut SqliteConnection);

struct RevocationRow {
    id: Uuid,
    workspace_id: Uuid,
    authorization_id: Uuid,
    authorization_name: Option<String>,
    provider: String,
    account: Option<String>,
    request: Option<Vec<u8>>,
    state: Word<RevocationState>,
    attempts: u32,
    next_attempt_at: Option<Millis>,
    last_error: Option<Json<ProviderErrorInfo>>,
    token_ends_at: Option<Millis>,
    created_at: Millis,
    finished_at: Option<Millis>,
}

impl From<RevocationRow> for RevocationRecord {
    fn from(row: RevocationRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            authorization_id: row.authorization_id.into(),
            authorization_name: row.authorization_name,
            provider: row.provider,
            account: row.account,
            request: row.request.map(Ciphertext),
            state: row.state.0,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at.map(Into::into),
            last_error: row.last_error.map(|Json(error)| error),
            token_ends_at: row.token_ends_at.map(Into::into),
            created_at: row.created_at.into(),
            finished_at: row.finished_at.map(Into::into),
        }
    }
}

/// A statement that answers [`RevocationRow`]s: what stands before and after the list of columns.
macro_rules! revocations {
    ($before:literal, $after:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            RevocationRow,
            $before + r#" id AS "id!: Uuid", workspace_id AS "workspace_id!: Uuid",
                authorization_id AS "authorization_id!: Uuid", authorization_name,
                provider AS "provider!", account, request,
                state AS "state!: Word<RevocationState>", attempts AS "attempts!: u32",
                next_attempt_at AS "next_attempt_at: Millis",
                last_error AS "last_error: Json<ProviderErrorInfo>",
                token_ends_at AS "token_ends_at: Millis", created_at AS "created_at!: Millis",
                finished_at AS "finished_at: Millis" "# + $after
            $(, $argument)*
        )
    };
}

#[async_trait]
impl RevocationRepository for Revocations<'_> {
    async fn insert(&mut self, revocation: &RevocationRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO revocations (id, workspace_id, authorization_id, authorization_name, provider,
                                      account, request, state, attempts, next_attempt_at,
                                      last_error, token_ends_at, created_at, finished_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            revocation.id.0,
            revocation.workspace_id.0,
            revocation.authorization_id.0,
            revocation.authorization_name,
            revocation.provider,
            revocation.account,
            sealed(revocation.request.as_ref()),
            Word(revocation.state),
            revocation.attempts,
            revocation.next_attempt_at.map(Millis),
            revocation.last_error.as_ref().map(Json),
            revocation.token_ends_at.map(Millis),
            Millis(revocation.created_at),
            revocation.finished_at.map(Millis)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("revocation"))?;
        Ok(())
    }

    async fn claim(
        &mut self,
        now: DateTime<Utc>,
        lease_ends_at: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<RevocationRecord>, StorageError> {
        let rows = revocations!(
            "UPDATE revocations SET attempts = attempts + 1, next_attempt_at = ?
             WHERE id IN (SELECT id FROM revocations WHERE next_attempt_at <= ?
                          ORDER BY next_attempt_at, id LIMIT ?)
             RETURNING",
            "",
            Millis(lease_ends_at),
            Millis(now),
            limit
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("revocation"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn retry(
        &mut self,
        id: RevocationId,
        attempt: u32,
        next_attempt_at: DateTime<Utc>,
        error: &ProviderErrorInfo,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE revocations SET next_attempt_at = ?, last_error = ?
             WHERE id = ? AND attempts = ? AND state = 'pending'",
            Millis(next_attempt_at),
            Json(error),
            id.0,
            attempt
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("revocation"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn finish(
        &mut self,
        id: RevocationId,
        attempt: u32,
        state: RevocationState,
        error: Option<&ProviderErrorInfo>,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE revocations SET state = ?, request = NULL, next_attempt_at = NULL, last_error = ?,
                                    finished_at = ?
             WHERE id = ? AND attempts = ? AND state = 'pending'",
            Word(state),
            error.map(Json),
            Millis(at),
            id.0,
            attempt
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("revocation"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn of_authorization(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
        limit: u32,
    ) -> Result<Vec<RevocationRecord>, StorageError> {
        let rows = revocations!(
            "SELECT",
            "FROM revocations WHERE workspace_id = ? AND authorization_id = ?
             ORDER BY created_at DESC, id DESC LIMIT ?",
            workspace.0,
            authorization.0,
            limit
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("revocation"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn count_pending(&mut self) -> Result<u64, StorageError> {
        sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!: u64" FROM revocations WHERE next_attempt_at IS NOT NULL"#
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("revocation"))
    }

    async fn delete_finished(&mut self, before: DateTime<Utc>) -> Result<u64, StorageError> {
        let done = sqlx::query!(
            "DELETE FROM revocations WHERE finished_at < ?",
            Millis(before)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("revocation"))?;
        Ok(done.rows_affected())
    }
}
