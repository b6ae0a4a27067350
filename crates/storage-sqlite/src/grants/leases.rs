//! Leases: who may ask the provider for a refresh right now, and who set out to.

use crate::{
    columns::{HashBytes, Millis},
    error::failed,
};
use chrono::{DateTime, Utc};
use model::GrantId;
use sqlx::{SqliteConnection, types::Uuid};
use storage::{StorageError, grants::RefreshLease};

struct LeaseRow {
    grant_id: Uuid,
    generation: i64,
    token_hash: HashBytes,
    holder: Uuid,
    process: Uuid,
    sends: u32,
    started_at: Millis,
    expires_at: Millis,
}

impl From<LeaseRow> for RefreshLease {
    fn from(row: LeaseRow) -> Self {
        Self {
            grant_id: row.grant_id.into(),
            generation: row.generation,
            token_hash: row.token_hash.0,
            holder: row.holder,
            process: row.process,
            sends: row.sends,
            started_at: row.started_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}

/// Selects [`LeaseRow`]s.
macro_rules! leases {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            LeaseRow,
            r#"SELECT grant_id AS "grant_id: Uuid", generation,
                      token_hash AS "token_hash: HashBytes", holder AS "holder: Uuid",
                      process AS "process: Uuid", sends AS "sends: u32",
                      started_at AS "started_at: Millis", expires_at AS "expires_at: Millis"
               FROM refresh_leases "# + $rest
            $(, $argument)*
        )
    };
}

pub(super) async fn get(
    connection: &mut SqliteConnection,
    id: GrantId,
) -> Result<Option<RefreshLease>, StorageError> {
    let row = leases!("WHERE grant_id = ?", id.0)
        .fetch_optional(connection)
        .await
        .map_err(failed("refresh lease"))?;
    Ok(row.map(Into::into))
}

pub(super) async fn take(
    connection: &mut SqliteConnection,
    lease: &RefreshLease,
    over: Option<Uuid>,
) -> Result<bool, StorageError> {
    // No row comes from `grants` when the generation has moved on, and none is changed when the
    // lease is somebody else's than expected. Without `over` nothing is equal to NULL.
    let done = sqlx::query!(
        "INSERT INTO refresh_leases
             (grant_id, generation, token_hash, holder, process, sends, started_at, expires_at)
         SELECT id, generation, ?, ?, ?, ?, ?, ? FROM grants WHERE id = ? AND generation = ?
         ON CONFLICT (grant_id) DO UPDATE
         SET generation = excluded.generation, token_hash = excluded.token_hash,
             holder = excluded.holder, process = excluded.process, sends = excluded.sends,
             started_at = excluded.started_at, expires_at = excluded.expires_at
         WHERE refresh_leases.holder = ?",
        HashBytes(lease.token_hash),
        lease.holder,
        lease.process,
        lease.sends,
        Millis(lease.started_at),
        Millis(lease.expires_at),
        lease.grant_id.0,
        lease.generation,
        over
    )
    .execute(connection)
    .await
    .map_err(failed("refresh lease"))?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn release(
    connection: &mut SqliteConnection,
    id: GrantId,
    holder: Uuid,
) -> Result<bool, StorageError> {
    let done = sqlx::query!(
        "DELETE FROM refresh_leases WHERE grant_id = ? AND holder = ?",
        id.0,
        holder
    )
    .execute(connection)
    .await
    .map_err(failed("refresh lease"))?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn of_process(
    connection: &mut SqliteConnection,
    process: Uuid,
) -> Result<Vec<RefreshLease>, StorageError> {
    let rows = leases!("WHERE process = ? ORDER BY started_at, grant_id", process)
        .fetch_all(connection)
        .await
        .map_err(failed("refresh lease"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn expired(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<RefreshLease>, StorageError> {
    let rows = leases!(
        "WHERE expires_at <= ? ORDER BY expires_at, grant_id LIMIT ?",
        Millis(now),
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(failed("refresh lease"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}
