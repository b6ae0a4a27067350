//! The memory of what was told.

use crate::{columns::Millis, error::failed};
use chrono::{DateTime, Utc};
use model::{AuthorizationId, WorkspaceId};
use sqlx::{SqliteConnection, types::Uuid};
use storage::{
    StorageError,
    notifications::{AlertRecord, FailingGrant},
};

struct AlertRow {
    subject: String,
    told: String,
    since: Millis,
}

impl From<AlertRow> for AlertRecord {
    fn from(row: AlertRow) -> Self {
        Self {
            subject: row.subject,
            told: row.told,
            since: row.since.into(),
        }
    }
}

pub(super) async fn get(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    subject: &str,
) -> Result<Option<AlertRecord>, StorageError> {
    let row = sqlx::query_as!(
        AlertRow,
        r#"SELECT subject, told, since AS "since: Millis" FROM alerts
           WHERE workspace_id = ? AND subject = ?"#,
        workspace.0,
        subject
    )
    .fetch_optional(connection)
    .await
    .map_err(failed("alert"))?;
    Ok(row.map(Into::into))
}

pub(super) async fn with_prefix(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    prefix: &str,
) -> Result<Vec<AlertRecord>, StorageError> {
    let rows = sqlx::query_as!(
        AlertRow,
        r#"SELECT subject, told, since AS "since: Millis" FROM alerts
           WHERE workspace_id = ? AND substr(subject, 1, length(?2)) = ?2 ORDER BY subject"#,
        workspace.0,
        prefix
    )
    .fetch_all(connection)
    .await
    .map_err(failed("alert"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn put(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    alert: &AlertRecord,
) -> Result<(), StorageError> {
    sqlx::query!(
        "INSERT INTO alerts (workspace_id, subject, told, since) VALUES (?, ?, ?, ?)
         ON CONFLICT (workspace_id, subject) DO UPDATE
         SET told = excluded.told, since = excluded.since",
        workspace.0,
        alert.subject,
        alert.told,
        Millis(alert.since)
    )
    .execute(connection)
    .await
    .map_err(failed("alert"))?;
    Ok(())
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    subject: &str,
) -> Result<bool, StorageError> {
    let done = sqlx::query!(
        "DELETE FROM alerts WHERE workspace_id = ? AND subject = ?",
        workspace.0,
        subject
    )
    .execute(connection)
    .await
    .map_err(failed("alert"))?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn join(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    subject: &str,
    authorization: AuthorizationId,
) -> Result<(), StorageError> {
    sqlx::query!(
        "INSERT INTO alert_authorizations (workspace_id, subject, authorization_id)
         VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        workspace.0,
        subject,
        authorization.0
    )
    .execute(connection)
    .await
    .map_err(failed("alert"))?;
    Ok(())
}

pub(super) async fn joined(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    subject: &str,
) -> Result<u64, StorageError> {
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM alert_authorizations WHERE workspace_id = ? AND subject = ?",
        workspace.0,
        subject
    )
    .fetch_one(connection)
    .await
    .map_err(failed("alert"))?;
    Ok(count.unsigned_abs())
}

pub(super) async fn leave(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    authorization: AuthorizationId,
) -> Result<Vec<(String, u64)>, StorageError> {
    let subjects = sqlx::query_scalar!(
        "DELETE FROM alert_authorizations WHERE authorization_id = ? AND workspace_id = ?
         RETURNING subject",
        authorization.0,
        workspace.0
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed("alert"))?;
    let mut left = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let remaining = joined(connection, workspace, &subject).await?;
        left.push((subject, remaining));
    }
    Ok(left)
}

pub(super) async fn failing_untold(
    connection: &mut SqliteConnection,
    before: DateTime<Utc>,
) -> Result<Vec<FailingGrant>, StorageError> {
    // The index on `failing_since` leaves few rows; only of these the status is looked into.
    let rows = sqlx::query!(
        r#"SELECT g.id AS "grant_id: Uuid", g.workspace_id AS "workspace_id: Uuid",
                  g.authorization_id AS "authorization_id: Uuid",
                  g.failing_since AS "since!: Millis"
           FROM grants g
           JOIN authorizations a ON a.id = g.authorization_id
           WHERE g.failing_since <= ?
             AND g.status ->> '$.reason' = 'refresh_failing'
             AND NOT EXISTS (
                 SELECT 1 FROM alerts
                 WHERE alerts.workspace_id = g.workspace_id
                   AND alerts.subject = iif(a.grant_id = g.id, 'authorization:', 'published:')
                                        || lower(hex(a.id)))
             AND NOT EXISTS (
                 SELECT 1 FROM alert_authorizations j WHERE j.authorization_id = a.id)
           ORDER BY g.failing_since, g.id"#,
        Millis(before)
    )
    .fetch_all(connection)
    .await
    .map_err(failed("grant"))?;
    Ok(rows
        .into_iter()
        .map(|row| FailingGrant {
            grant_id: row.grant_id.into(),
            workspace_id: row.workspace_id.into(),
            authorization_id: row.authorization_id.into(),
            since: row.since.into(),
        })
        .collect())
}
