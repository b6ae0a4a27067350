//! Ways by which people are told.

use crate::{
    columns::{Millis, Word, sealed},
    error::failed,
};
use chrono::{DateTime, Utc};
use model::{
    ChannelId, WorkspaceId,
    notification::{ChannelKind, DeliveryState, LastDelivery},
};
use sqlx::{SqliteConnection, types::Uuid};
use storage::{Ciphertext, StorageError, notifications::ChannelRecord};

struct ChannelRow {
    id: Uuid,
    workspace_id: Uuid,
    kind: Word<ChannelKind>,
    target: String,
    secret: Option<Vec<u8>>,
    disabled_at: Option<Millis>,
    created_at: Millis,
    created_by: String,
}

impl From<ChannelRow> for ChannelRecord {
    fn from(row: ChannelRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            kind: row.kind.0,
            target: row.target,
            secret: row.secret.map(Ciphertext),
            disabled_at: row.disabled_at.map(Into::into),
            created_at: row.created_at.into(),
            created_by: row.created_by,
        }
    }
}

/// Selects [`ChannelRow`]s.
macro_rules! channels {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            ChannelRow,
            r#"SELECT id AS "id: Uuid", workspace_id AS "workspace_id: Uuid",
                      kind AS "kind: Word<ChannelKind>", target, secret,
                      disabled_at AS "disabled_at: Millis", created_at AS "created_at: Millis",
                      created_by
               FROM notification_channels "# + $rest
            $(, $argument)*
        )
    };
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    channel: &ChannelRecord,
) -> Result<(), StorageError> {
    sqlx::query!(
        "INSERT INTO notification_channels (id, workspace_id, kind, target, secret, disabled_at,
                                            created_at, created_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        channel.id.0,
        channel.workspace_id.0,
        Word(channel.kind),
        channel.target,
        sealed(channel.secret.as_ref()),
        channel.disabled_at.map(Millis),
        Millis(channel.created_at),
        channel.created_by
    )
    .execute(connection)
    .await
    .map_err(failed("notification channel"))?;
    Ok(())
}

pub(super) async fn of_id(
    connection: &mut SqliteConnection,
    id: ChannelId,
) -> Result<Option<ChannelRecord>, StorageError> {
    let row = channels!("WHERE id = ?", id.0)
        .fetch_optional(connection)
        .await
        .map_err(failed("notification channel"))?;
    Ok(row.map(Into::into))
}

pub(super) async fn list(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
) -> Result<Vec<(ChannelRecord, Option<LastDelivery>)>, StorageError> {
    let rows = channels!(
        "WHERE workspace_id = ? ORDER BY created_at, id",
        workspace.0
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed("notification channel"))?;
    let mut channels = Vec::with_capacity(rows.len());
    for row in rows {
        let last = sqlx::query!(
            r#"SELECT state AS "state: Word<DeliveryState>",
                      coalesce(last_attempt_at, at) AS "at!: Millis"
               FROM notification_deliveries WHERE channel_id = ? ORDER BY id DESC LIMIT 1"#,
            row.id
        )
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed("notification delivery"))?;
        let last = last.map(|last| LastDelivery {
            state: last.state.0,
            at: last.at.into(),
        });
        channels.push((row.into(), last));
    }
    Ok(channels)
}

pub(super) async fn disable(
    connection: &mut SqliteConnection,
    id: ChannelId,
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    sqlx::query!(
        "UPDATE notification_deliveries
         SET state = 'failed', next_attempt_at = NULL, holder = NULL,
             last_error = 'the channel was turned off'
         WHERE channel_id = ? AND state = 'pending'",
        id.0
    )
    .execute(&mut *connection)
    .await
    .map_err(failed("notification delivery"))?;
    let done = sqlx::query!(
        "UPDATE notification_channels SET disabled_at = ? WHERE id = ?",
        Millis(now),
        id.0
    )
    .execute(connection)
    .await
    .map_err(failed("notification channel"))?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    id: ChannelId,
) -> Result<bool, StorageError> {
    let done = sqlx::query!(
        "DELETE FROM notification_channels WHERE workspace_id = ? AND id = ?",
        workspace.0,
        id.0
    )
    .execute(connection)
    .await
    .map_err(failed("notification channel"))?;
    Ok(done.rows_affected() == 1)
}
