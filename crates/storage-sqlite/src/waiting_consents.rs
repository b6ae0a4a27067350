//! Consents that wait for a person's word. Used up is deleted, as in [`crate::flows`].

use crate::{
    columns::{HashBytes, Millis},
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::AuthorizationId;
use sqlx::{SqliteConnection, types::Uuid};
use storage::{
    Hash, StorageError,
    waiting_consents::{WaitingConsent, WaitingConsentRepository},
};

pub(crate) struct WaitingConsents<'c>(pub &'c mut SqliteConnection);

struct WaitingRow {
    hash: HashBytes,
    workspace_id: Uuid,
    authorization_id: Uuid,
    grant_id: Uuid,
    browser_hash: HashBytes,
    expires_at: Millis,
}

impl From<WaitingRow> for WaitingConsent {
    fn from(row: WaitingRow) -> Self {
        Self {
            hash: row.hash.0,
            workspace_id: row.workspace_id.into(),
            authorization_id: row.authorization_id.into(),
            grant_id: row.grant_id.into(),
            browser_hash: row.browser_hash.0,
            expires_at: row.expires_at.into(),
        }
    }
}

/// A statement that answers [`WaitingRow`]s: what stands before and after the list of columns.
macro_rules! waiting {
    ($before:literal, $after:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            WaitingRow,
            $before + r#" hash AS "hash!: HashBytes", workspace_id AS "workspace_id!: Uuid",
                authorization_id AS "authorization_id!: Uuid", grant_id AS "grant_id!: Uuid",
                browser_hash AS "browser_hash!: HashBytes", expires_at AS "expires_at!: Millis" "#
                + $after
            $(, $argument)*
        )
    };
}

#[async_trait]
impl WaitingConsentRepository for WaitingConsents<'_> {
    async fn insert(&mut self, waiting: &WaitingConsent) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO waiting_consents (hash, workspace_id, authorization_id, grant_id,
                                           browser_hash, expires_at)
             VALUES (?, ?, ?, ?, ?, ?)",
            HashBytes(waiting.hash),
            waiting.workspace_id.0,
            waiting.authorization_id.0,
            waiting.grant_id.0,
            HashBytes(waiting.browser_hash),
            Millis(waiting.expires_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("waiting consent"))?;
        Ok(())
    }

    async fn get(&mut self, hash: &Hash) -> Result<Option<WaitingConsent>, StorageError> {
        let row = waiting!(
            "SELECT",
            "FROM waiting_consents WHERE hash = ?",
            HashBytes(*hash)
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("waiting consent"))?;
        Ok(row.map(Into::into))
    }

    async fn consume(&mut self, hash: &Hash) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "DELETE FROM waiting_consents WHERE hash = ?",
            HashBytes(*hash)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("waiting consent"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn take_of(
        &mut self,
        authorization: AuthorizationId,
    ) -> Result<Vec<WaitingConsent>, StorageError> {
        let rows = waiting!(
            "DELETE FROM waiting_consents WHERE authorization_id = ? RETURNING",
            "",
            authorization.0
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("waiting consent"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn take_expired(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<WaitingConsent>, StorageError> {
        let rows = waiting!(
            "DELETE FROM waiting_consents
             WHERE hash IN (SELECT hash FROM waiting_consents WHERE expires_at <= ?
                            ORDER BY expires_at LIMIT ?)
             RETURNING",
            "",
            Millis(now),
            limit
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("waiting consent"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
