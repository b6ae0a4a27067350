//! Processes that keep a journal.

use crate::{columns::Millis, error::failed};
use async_trait::async_trait;
use sqlx::{SqliteConnection, types::Uuid};
use storage::{
    StorageError,
    processes::{ProcessRecord, ProcessRepository},
};

pub(crate) struct Processes<'c>(pub &'c mut SqliteConnection);

struct ProcessRow {
    id: Uuid,
    journal: String,
    started_at: Millis,
}

impl From<ProcessRow> for ProcessRecord {
    fn from(row: ProcessRow) -> Self {
        Self {
            id: row.id,
            journal: row.journal,
            started_at: row.started_at.into(),
        }
    }
}

#[async_trait]
impl ProcessRepository for Processes<'_> {
    async fn insert(&mut self, process: &ProcessRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO processes (id, journal, started_at) VALUES (?, ?, ?)",
            process.id,
            process.journal,
            Millis(process.started_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("process"))?;
        Ok(())
    }

    async fn all(&mut self) -> Result<Vec<ProcessRecord>, StorageError> {
        let rows = sqlx::query_as!(
            ProcessRow,
            r#"SELECT id AS "id: Uuid", journal, started_at AS "started_at: Millis"
               FROM processes ORDER BY started_at, id"#
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("process"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn delete(&mut self, id: Uuid) -> Result<bool, StorageError> {
        let done = sqlx::query!("DELETE FROM processes WHERE id = ?", id)
            .execute(&mut *self.0)
            .await
            .map_err(failed("process"))?;
        Ok(done.rows_affected() == 1)
    }
}
