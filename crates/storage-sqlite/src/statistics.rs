//! Counts for the operator's graphs.

use crate::{columns::Millis, error::failed};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::status::Status;
use sqlx::{SqliteConnection, types::Json};
use storage::{
    StorageError,
    statistics::{GrantCount, Overdue, StatisticsRepository, Unsent},
};

pub(crate) struct Statistics<'c>(pub &'c mut SqliteConnection);

#[async_trait]
impl StatisticsRepository for Statistics<'_> {
    async fn grants(&mut self) -> Result<Vec<GrantCount>, StorageError> {
        let rows = sqlx::query!(
            r#"SELECT g.client ->> '$.provider' AS "provider!: String",
                      g.status AS "status: Json<Status>", COUNT(*) AS "count!: i64"
               FROM authorizations a JOIN grants g ON g.id = a.grant_id
               WHERE a.active
               GROUP BY 1, g.status"#
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        let counts = rows.into_iter().map(|row| GrantCount {
            provider: row.provider,
            status: row.status.0,
            count: row.count.unsigned_abs(),
        });
        Ok(counts.collect())
    }

    async fn overdue(&mut self, now: DateTime<Utc>) -> Result<Overdue, StorageError> {
        // Answered by the index of what is due alone, so it costs what is late, not what there is.
        let row = sqlx::query!(
            r#"SELECT COUNT(*) AS "count!: i64", MIN(next_refresh_at) AS "since: Millis"
               FROM grants WHERE next_refresh_at <= ?"#,
            Millis(now)
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(Overdue {
            count: row.count.unsigned_abs(),
            since: row.since.map(Into::into),
        })
    }

    async fn unsent(&mut self) -> Result<Unsent, StorageError> {
        // Each counts along an index that holds what waits and nothing else.
        let row = sqlx::query!(
            r#"SELECT (SELECT COUNT(*) FROM notification_deliveries
                       WHERE next_attempt_at IS NOT NULL) AS "deliveries!: i64",
                      (SELECT COUNT(*) FROM revocations
                       WHERE next_attempt_at IS NOT NULL) AS "revocations!: i64""#
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("queue"))?;
        Ok(Unsent {
            deliveries: row.deliveries.unsigned_abs(),
            revocations: row.revocations.unsigned_abs(),
        })
    }
}
