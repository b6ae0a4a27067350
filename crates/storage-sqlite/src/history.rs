//! Counters of refreshes and events of consents.

use crate::{
    columns::{Millis, Word},
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use model::{
    AuthorizationId, WorkspaceId,
    account::AccountInfo,
    authorization::ProviderErrorInfo,
    health::{HealthDay, HealthEventKind},
    status::Status,
};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    StorageError,
    history::{EventRecord, HistoryRepository, Outcome},
};

pub(crate) struct History<'c>(pub &'c mut SqliteConnection);

struct EventRow {
    id: Uuid,
    workspace_id: Uuid,
    authorization_id: Uuid,
    at: Millis,
    kind: Word<HealthEventKind>,
    state: Json<Status>,
    error: Option<Json<ProviderErrorInfo>>,
    account: Option<Json<AccountInfo>>,
}

impl From<EventRow> for EventRecord {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id.into(),
            authorization_id: row.authorization_id.into(),
            at: row.at.into(),
            kind: row.kind.0,
            state: row.state.0,
            error: row.error.map(|Json(error)| error),
            account: row.account.map(|Json(account)| account),
        }
    }
}

struct DayRow {
    day: NaiveDate,
    refreshed: i64,
    failed: i64,
}

impl TryFrom<DayRow> for HealthDay {
    type Error = StorageError;

    fn try_from(row: DayRow) -> Result<Self, StorageError> {
        let number = |count: i64| {
            u32::try_from(count).map_err(|error| StorageError::Corrupt {
                what: "day of refreshes",
                why: error.to_string(),
            })
        };
        Ok(Self {
            day: row.day,
            refreshed: number(row.refreshed)?,
            failed: number(row.failed)?,
        })
    }
}

#[async_trait]
impl HistoryRepository for History<'_> {
    async fn count(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
        day: NaiveDate,
        outcome: Outcome,
    ) -> Result<HealthDay, StorageError> {
        let refreshed = i64::from(outcome == Outcome::Refreshed);
        let row = sqlx::query_as!(
            DayRow,
            r#"INSERT INTO refresh_days (day, workspace_id, authorization_id, refreshed, failed)
               VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (day, workspace_id, authorization_id) DO UPDATE
               SET refreshed = refreshed + excluded.refreshed, failed = failed + excluded.failed
               RETURNING day AS "day!: NaiveDate", refreshed AS "refreshed!: i64",
                         failed AS "failed!: i64""#,
            day,
            workspace.0,
            authorization.0,
            refreshed,
            1 - refreshed
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("day of refreshes"))?;
        row.try_into()
    }

    async fn insert(&mut self, event: &EventRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO history (id, workspace_id, authorization_id, at, kind, state, error, account)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            event.id,
            event.workspace_id.0,
            event.authorization_id.0,
            Millis(event.at),
            Word(event.kind),
            Json(event.state),
            event.error.as_ref().map(Json),
            event.account.as_ref().map(Json)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("event"))?;
        Ok(())
    }

    async fn days(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
        days: &[NaiveDate],
    ) -> Result<Vec<HealthDay>, StorageError> {
        // The days one by one: each is a search in the primary key, which begins with the day.
        let rows = sqlx::query_as!(
            DayRow,
            r#"SELECT d.day AS "day: NaiveDate", d.refreshed, d.failed
               FROM json_each(?) AS wanted
               CROSS JOIN refresh_days d
                 ON d.day = wanted.value AND d.workspace_id = ? AND d.authorization_id = ?
               ORDER BY d.day"#,
            Json(days),
            workspace.0,
            authorization.0
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("day of refreshes"))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn events(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
        from: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<EventRecord>, StorageError> {
        let rows = sqlx::query_as!(
            EventRow,
            r#"SELECT id AS "id: Uuid", workspace_id AS "workspace_id: Uuid",
                      authorization_id AS "authorization_id: Uuid", at AS "at: Millis",
                      kind AS "kind: Word<HealthEventKind>", state AS "state: Json<Status>",
                      error AS "error: Json<ProviderErrorInfo>",
                      account AS "account: Json<AccountInfo>"
               FROM history
               WHERE workspace_id = ? AND authorization_id = ? AND at >= ?
               ORDER BY at DESC, id DESC LIMIT ?"#,
            workspace.0,
            authorization.0,
            Millis(from),
            limit
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("event"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn total(
        &mut self,
        workspace: WorkspaceId,
        day: NaiveDate,
    ) -> Result<HealthDay, StorageError> {
        let row = sqlx::query!(
            r#"SELECT coalesce(sum(refreshed), 0) AS "refreshed!: i64",
                      coalesce(sum(failed), 0) AS "failed!: i64"
               FROM refresh_days WHERE day = ? AND workspace_id = ?"#,
            day,
            workspace.0
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("day of refreshes"))?;
        DayRow {
            day,
            refreshed: row.refreshed,
            failed: row.failed,
        }
        .try_into()
    }

    async fn forget(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
    ) -> Result<(), StorageError> {
        // All days there are, found by jumping from one to the next instead of reading every row.
        sqlx::query!(
            "WITH RECURSIVE days (day) AS (
                 SELECT min(day) FROM refresh_days
                 UNION ALL
                 SELECT (SELECT min(r.day) FROM refresh_days r WHERE r.day > days.day)
                 FROM days WHERE days.day IS NOT NULL
             )
             DELETE FROM refresh_days
             WHERE day IN (SELECT day FROM days) AND workspace_id = ? AND authorization_id = ?",
            workspace.0,
            authorization.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("day of refreshes"))?;
        sqlx::query!(
            "DELETE FROM history WHERE workspace_id = ? AND authorization_id = ?",
            workspace.0,
            authorization.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("event"))?;
        Ok(())
    }

    async fn delete_before(&mut self, day: NaiveDate, limit: u32) -> Result<u64, StorageError> {
        let counters = sqlx::query!(
            "DELETE FROM refresh_days
             WHERE (day, workspace_id, authorization_id) IN (
                 SELECT day, workspace_id, authorization_id FROM refresh_days
                 WHERE day < ? ORDER BY day LIMIT ?)",
            day,
            limit
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("day of refreshes"))?;
        let events = sqlx::query!(
            "DELETE FROM history
             WHERE rowid IN (SELECT rowid FROM history WHERE at < ? ORDER BY at LIMIT ?)",
            Millis(day.and_time(NaiveTime::MIN).and_utc()),
            limit
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("event"))?;
        Ok(counters.rows_affected() + events.rows_affected())
    }
}
