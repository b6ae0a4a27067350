//! Counts and choices over all authorizations of a workspace.

use crate::{columns::Millis, error::failed};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use model::{AuthorizationId, GrantId, WorkspaceId, status::Status};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    StorageError,
    overview::{OverviewRepository, StatusCount},
};

pub(crate) struct Overview<'c>(pub &'c mut SqliteConnection);

#[async_trait]
impl OverviewRepository for Overview<'_> {
    async fn by_status(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<StatusCount>, StorageError> {
        let rows = sqlx::query!(
            r#"SELECT g.status AS "status: Json<Status>", count(*) AS "number!: i64"
               FROM authorizations a LEFT JOIN grants g ON g.id = a.grant_id
               WHERE a.workspace_id = ? AND a.active = 1
               GROUP BY g.status"#,
            workspace.0
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(rows
            .into_iter()
            .map(|row| StatusCount {
                status: row.status.map(|Json(status)| status),
                number: row.number.unsigned_abs(),
            })
            .collect())
    }

    async fn inactive(&mut self, workspace: WorkspaceId) -> Result<u64, StorageError> {
        let number = sqlx::query_scalar!(
            r#"SELECT count(*) AS "number!: i64"
               FROM authorizations WHERE workspace_id = ? AND active = 0"#,
            workspace.0
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        Ok(number.unsigned_abs())
    }

    async fn altered(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<AuthorizationId>, StorageError> {
        let ids = sqlx::query_scalar!(
            r#"SELECT a.id AS "id: Uuid"
               FROM authorizations a JOIN grants g ON g.id = a.grant_id
               WHERE a.workspace_id = ? AND a.active = 1
                 AND json_extract(g.status, '$.reason')
                     IN ('healthy', 'refresh_failing', 'misconfigured')
                 AND json_extract(g.client, '$.settings') <> json(a.settings)"#,
            workspace.0
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    async fn unwell(
        &mut self,
        workspace: WorkspaceId,
        secrets_until: NaiveDate,
        limit: u32,
    ) -> Result<Vec<AuthorizationId>, StorageError> {
        let rows = sqlx::query!(
            r#"WITH seen AS (
                   SELECT a.id, coalesce(g.failing_since, g.authorized_at, a.created_at) AS since,
                          CASE json_extract(g.status, '$.reason')
                              WHEN 'cancelled' THEN 1
                              WHEN 'reauthorization_needed' THEN 1
                              WHEN 'misconfigured' THEN 2
                              WHEN 'refresh_failing' THEN 3
                              WHEN 'healthy' THEN CASE WHEN EXISTS (
                                  SELECT 1 FROM client_secrets s WHERE s.authorization_id = a.id
                                  GROUP BY s.field
                                  HAVING max(coalesce(s.expires_on, '9999-12-31')) <= ?)
                                  THEN 4 ELSE 9 END
                              ELSE 5
                          END AS rank
                   FROM authorizations a LEFT JOIN grants g ON g.id = a.grant_id
                   WHERE a.workspace_id = ? AND a.active = 1
               )
               SELECT id AS "id!: Uuid" FROM seen WHERE rank < 9 ORDER BY rank, since, id LIMIT ?"#,
            secrets_until,
            workspace.0,
            limit
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    async fn authorizations_of(
        &mut self,
        workspace: WorkspaceId,
        grants: &[GrantId],
    ) -> Result<Vec<AuthorizationId>, StorageError> {
        // JSON has no bytes: ids go in as text without hyphens, which `unhex` reads.
        let wanted: Vec<_> = grants.iter().map(|id| id.0.simple().to_string()).collect();
        let ids = sqlx::query_scalar!(
            r#"SELECT DISTINCT authorization_id AS "id: Uuid" FROM grants
               WHERE workspace_id = ? AND id IN (SELECT unhex(value) FROM json_each(?))"#,
            workspace.0,
            Json(wanted)
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    async fn next_refresh(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<DateTime<Utc>>, StorageError> {
        // In the order of the index of what is due, up to the first of this workspace.
        let next = sqlx::query_scalar!(
            r#"SELECT next_refresh_at AS "next!: Millis" FROM grants
               WHERE next_refresh_at IS NOT NULL AND workspace_id = ?
               ORDER BY next_refresh_at LIMIT 1"#,
            workspace.0
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(next.map(Into::into))
    }
}
