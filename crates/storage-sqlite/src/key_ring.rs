//! Wrapped data keys.

use crate::{columns::Millis, error::failed};
use async_trait::async_trait;
use sqlx::SqliteConnection;
use storage::{
    StorageError,
    key_ring::{KeyRecord, KeyRingRepository},
};

pub(crate) struct KeyRing<'c>(pub &'c mut SqliteConnection);

struct KeyRow {
    version: u32,
    wrapped: Vec<u8>,
    created_at: Millis,
}

impl From<KeyRow> for KeyRecord {
    fn from(row: KeyRow) -> Self {
        Self {
            version: row.version,
            wrapped: row.wrapped,
            created_at: row.created_at.into(),
        }
    }
}

#[async_trait]
impl KeyRingRepository for KeyRing<'_> {
    async fn list(&mut self) -> Result<Vec<KeyRecord>, StorageError> {
        let rows = sqlx::query_as!(
            KeyRow,
            r#"SELECT version AS "version: u32", wrapped, created_at AS "created_at: Millis"
               FROM key_ring ORDER BY version"#
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("data key"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn insert(&mut self, key: &KeyRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO key_ring (version, wrapped, created_at) VALUES (?, ?, ?)",
            key.version,
            key.wrapped,
            Millis(key.created_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("data key"))?;
        Ok(())
    }

    async fn ciphertext_exists(&mut self) -> Result<bool, StorageError> {
        sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM client_secrets)
                   OR EXISTS (SELECT 1 FROM drafts)
                   OR EXISTS (SELECT 1 FROM flows)
                   OR EXISTS (SELECT 1 FROM grants
                              WHERE access_token IS NOT NULL OR refresh_token IS NOT NULL)
                   OR EXISTS (SELECT 1 FROM revocations WHERE request IS NOT NULL)
                   OR EXISTS (SELECT 1 FROM notification_channels WHERE secret IS NOT NULL)
               AS "exists!: bool""#
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("ciphertext"))
    }
}
