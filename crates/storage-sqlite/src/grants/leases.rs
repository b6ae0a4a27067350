//! Leases: who may ask the provider for a refresh right now.

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
            started_at: row.started_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}

pub(super) async fn take(
    connection: &mut SqliteConnection,
    lease: &RefreshLease,
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    // No row comes from `grants` when the generation has moved on, and none is changed while
    // somebody else's lease is running.
    let done = sqlx::query!(
        "INSERT INTO refresh_leases (grant_id, generation, token_hash, holder, started_at, expires_at)
         SELECT id, generation, ?, ?, ?, ? FROM grants WHERE id = ? AND generation = ?
         ON CONFLICT (grant_id) DO UPDATE
         SET generation = excluded.generation, token_hash = excluded.token_hash,
             holder = excluded.holder, started_at = excluded.started_at,
             expires_at = excluded.expires_at
         WHERE refresh_leases.expires_at <= ? OR refresh_leases.holder = excluded.holder",
        HashBytes(lease.token_hash),
        lease.holder,
        Millis(lease.started_at),
        Millis(lease.expires_at),
        lease.grant_id.0,
        lease.generation,
        Millis(now)
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

pub(super) async fn open(
    connection: &mut SqliteConnection,
) -> Result<Vec<RefreshLease>, StorageError> {
    let rows = sqlx::query_as!(
        LeaseRow,
        r#"SELECT grant_id AS "grant_id: Uuid", generation, token_hash AS "token_hash: HashBytes",
                  holder AS "holder: Uuid", started_at AS "started_at: Millis",
                  expires_at AS "expires_at: Millis"
           FROM refresh_leases ORDER BY started_at, grant_id"#
    )
    .fetch_all(connection)
    .await
    .map_err(failed("refresh lease"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}
