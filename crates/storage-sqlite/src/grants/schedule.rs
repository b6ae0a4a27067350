//! When grants are refreshed.

use crate::{columns::Millis, error::failed};
use chrono::{DateTime, TimeDelta, Utc};
use model::{GrantId, status::Status};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{StorageError, grants::DueGrant};

pub(super) async fn due(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
    limit: u32,
    except: &[String],
) -> Result<Vec<DueGrant>, StorageError> {
    // The inner query is answered from the index alone, however many are due, unless providers are
    // left out.
    let rows = sqlx::query!(
        r#"SELECT id AS "id: Uuid", workspace_id AS "workspace_id: Uuid",
                  CASE WHEN json_valid(client) THEN client ->> '$.provider' END
                      AS "provider: String"
           FROM grants
           WHERE rowid IN (SELECT rowid FROM grants
                           WHERE next_refresh_at <= ?1
                             AND (?2 OR client ->> '$.provider' NOT IN
                                        (SELECT value FROM json_each(?3)))
                           ORDER BY expires_at NULLS LAST, used_at DESC, next_refresh_at LIMIT ?4)
           ORDER BY expires_at NULLS LAST, used_at DESC, next_refresh_at, id"#,
        Millis(now),
        except.is_empty(),
        Json(except),
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(failed("grant"))?;
    Ok(rows
        .into_iter()
        .map(|row| DueGrant {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            // One that was damaged is found out when it is tried, and keeps nobody else from it.
            provider: row.provider.unwrap_or_default(),
        })
        .collect())
}

pub(super) async fn set(
    connection: &mut SqliteConnection,
    times: &[(GrantId, DateTime<Utc>)],
) -> Result<(), StorageError> {
    for (id, at) in times {
        sqlx::query!(
            "UPDATE grants SET next_refresh_at = ? WHERE id = ? AND refresh_token IS NOT NULL",
            Millis(*at),
            id.0
        )
        .execute(&mut *connection)
        .await
        .map_err(failed("grant"))?;
    }
    Ok(())
}

pub(super) async fn bring_forward(
    connection: &mut SqliteConnection,
    by: TimeDelta,
) -> Result<(), StorageError> {
    let by = by.num_milliseconds();
    sqlx::query!(
        "UPDATE grants SET next_refresh_at = next_refresh_at - ?",
        by
    )
    .execute(connection)
    .await
    .map_err(failed("grant"))?;
    Ok(())
}

pub(super) async fn note_uses(
    connection: &mut SqliteConnection,
    times: &[(GrantId, DateTime<Utc>)],
) -> Result<(), StorageError> {
    for (id, at) in times {
        sqlx::query!(
            "UPDATE grants SET used_at = ? WHERE id = ?",
            Millis(*at),
            id.0
        )
        .execute(&mut *connection)
        .await
        .map_err(failed("grant"))?;
    }
    Ok(())
}

pub(super) async fn hold(
    connection: &mut SqliteConnection,
    providers: &[String],
    status: Status,
) -> Result<Vec<GrantId>, StorageError> {
    let ids = sqlx::query_scalar!(
        r#"UPDATE grants SET status = ?, next_refresh_at = NULL
           WHERE next_refresh_at IS NOT NULL
             AND client ->> '$.provider' IN (SELECT value FROM json_each(?))
           RETURNING id AS "id: Uuid""#,
        Json(status),
        Json(providers)
    )
    .fetch_all(connection)
    .await
    .map_err(failed("grant"))?;
    Ok(ids.into_iter().map(Into::into).collect())
}

pub(super) async fn resume(
    connection: &mut SqliteConnection,
    status: Status,
    at: DateTime<Utc>,
) -> Result<Vec<GrantId>, StorageError> {
    let ids = sqlx::query_scalar!(
        r#"UPDATE grants SET status = ?, next_refresh_at = ?
           WHERE status = ? AND refresh_token IS NOT NULL
           RETURNING id AS "id: Uuid""#,
        Json(Status::Healthy),
        Millis(at),
        Json(status)
    )
    .fetch_all(connection)
    .await
    .map_err(failed("grant"))?;
    Ok(ids.into_iter().map(Into::into).collect())
}

pub(super) async fn wipe_abandoned(
    connection: &mut SqliteConnection,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<GrantId>, StorageError> {
    let ids = sqlx::query_scalar!(
        r#"UPDATE grants
           SET generation = generation + 1, access_token = NULL, refresh_token = NULL,
               expires_at = NULL, next_refresh_at = NULL
           WHERE rowid IN (SELECT rowid FROM grants
                           WHERE failing_since < ? AND refresh_token IS NOT NULL
                             AND status ->> '$.reason' = 'reauthorization_needed'
                           LIMIT ?)
           RETURNING id AS "id: Uuid""#,
        Millis(before),
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(failed("grant"))?;
    Ok(ids.into_iter().map(Into::into).collect())
}
