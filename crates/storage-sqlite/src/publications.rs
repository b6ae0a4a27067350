//! Publications.

use crate::{
    columns::{Millis, Word},
    error::failed,
};
use async_trait::async_trait;
use model::{
    WorkspaceId,
    publish::{Change, Issue, PublishResult},
};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    StorageError,
    publications::{PublicationRecord, PublicationRepository, Snapshot},
};

pub(crate) struct Publications<'c>(pub &'c mut SqliteConnection);

struct PublicationRow {
    workspace_id: Uuid,
    number: i64,
    published_at: Millis,
    published_by: String,
    result: Word<PublishResult>,
    issues: Json<Vec<Issue>>,
    changes: Json<Vec<Change>>,
    restored_from: Option<i64>,
    snapshot: Json<Snapshot>,
}

impl From<PublicationRow> for PublicationRecord {
    fn from(row: PublicationRow) -> Self {
        Self {
            workspace_id: row.workspace_id.into(),
            number: row.number,
            published_at: row.published_at.into(),
            published_by: row.published_by,
            result: row.result.0,
            issues: row.issues.0,
            changes: row.changes.0,
            restored_from: row.restored_from,
            snapshot: row.snapshot.0,
        }
    }
}

/// Selects [`PublicationRow`]s.
macro_rules! publications {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            PublicationRow,
            r#"SELECT workspace_id AS "workspace_id: Uuid", number,
                      published_at AS "published_at: Millis", published_by,
                      result AS "result: Word<PublishResult>", issues AS "issues: Json<Vec<Issue>>",
                      changes AS "changes: Json<Vec<Change>>", restored_from,
                      snapshot AS "snapshot: Json<Snapshot>"
               FROM publications "# + $rest
            $(, $argument)*
        )
    };
}

#[async_trait]
impl PublicationRepository for Publications<'_> {
    async fn insert(&mut self, publication: &PublicationRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO publications (workspace_id, number, published_at, published_by, result,
                                       issues, changes, restored_from, snapshot)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            publication.workspace_id.0,
            publication.number,
            Millis(publication.published_at),
            publication.published_by,
            Word(publication.result),
            Json(&publication.issues),
            Json(&publication.changes),
            publication.restored_from,
            Json(&publication.snapshot)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("publication"))?;
        Ok(())
    }

    async fn latest(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<PublicationRecord>, StorageError> {
        let row = publications!(
            "WHERE workspace_id = ? ORDER BY number DESC LIMIT 1",
            workspace.0
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("publication"))?;
        Ok(row.map(Into::into))
    }

    async fn get(
        &mut self,
        workspace: WorkspaceId,
        number: i64,
    ) -> Result<Option<PublicationRecord>, StorageError> {
        let row = publications!("WHERE workspace_id = ? AND number = ?", workspace.0, number)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(failed("publication"))?;
        Ok(row.map(Into::into))
    }

    async fn list(
        &mut self,
        workspace: WorkspaceId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PublicationRecord>, StorageError> {
        let rows = publications!(
            "WHERE workspace_id = ? AND number < ? ORDER BY number DESC LIMIT ?",
            workspace.0,
            before.unwrap_or(i64::MAX),
            limit
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("publication"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
