//! The queue of deliveries, which is also their log.

use super::channels;
use crate::{
    columns::{Millis, Word},
    error::failed,
};
use chrono::{DateTime, Utc};
use model::{
    DeliveryId, WorkspaceId,
    notification::{ChannelKind, DeliveryState, NotificationKind},
};
use sqlx::{SqliteConnection, types::Uuid};
use storage::{
    StorageError,
    notifications::{AttemptOutcome, ClaimedDelivery, DeliveryRecord, ListedDelivery},
};

struct DeliveryRow {
    id: Uuid,
    workspace_id: Uuid,
    channel_id: Uuid,
    notification_id: Uuid,
    state: Word<DeliveryState>,
    attempts: u32,
    at: Millis,
    last_attempt_at: Option<Millis>,
    next_attempt_at: Option<Millis>,
    http_status: Option<u16>,
    last_error: Option<String>,
}

impl From<DeliveryRow> for DeliveryRecord {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            channel_id: row.channel_id.into(),
            notification_id: row.notification_id.into(),
            state: row.state.0,
            attempts: row.attempts,
            at: row.at.into(),
            last_attempt_at: row.last_attempt_at.map(Into::into),
            next_attempt_at: row.next_attempt_at.map(Into::into),
            http_status: row.http_status,
            last_error: row.last_error,
        }
    }
}

/// What the line of a delivery shows beside it.
struct LineRow {
    id: Uuid,
    workspace_id: Uuid,
    channel_id: Uuid,
    notification_id: Uuid,
    state: Word<DeliveryState>,
    attempts: u32,
    at: Millis,
    last_attempt_at: Option<Millis>,
    next_attempt_at: Option<Millis>,
    http_status: Option<u16>,
    last_error: Option<String>,
    channel_kind: Word<ChannelKind>,
    target: String,
    kind: Word<NotificationKind>,
    title: String,
}

impl From<LineRow> for ListedDelivery {
    fn from(row: LineRow) -> Self {
        Self {
            channel_kind: row.channel_kind.0,
            target: row.target,
            kind: row.kind.0,
            title: row.title,
            record: DeliveryRow {
                id: row.id,
                workspace_id: row.workspace_id,
                channel_id: row.channel_id,
                notification_id: row.notification_id,
                state: row.state,
                attempts: row.attempts,
                at: row.at,
                last_attempt_at: row.last_attempt_at,
                next_attempt_at: row.next_attempt_at,
                http_status: row.http_status,
                last_error: row.last_error,
            }
            .into(),
        }
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    delivery: &DeliveryRecord,
) -> Result<(), StorageError> {
    sqlx::query!(
        "INSERT INTO notification_deliveries (id, workspace_id, channel_id, notification_id, state,
                                              attempts, at, last_attempt_at, next_attempt_at,
                                              http_status, last_error)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        delivery.id.0,
        delivery.workspace_id.0,
        delivery.channel_id.0,
        delivery.notification_id.0,
        Word(delivery.state),
        delivery.attempts,
        Millis(delivery.at),
        delivery.last_attempt_at.map(Millis),
        delivery.next_attempt_at.map(Millis),
        delivery.http_status,
        delivery.last_error
    )
    .execute(connection)
    .await
    .map_err(failed("notification delivery"))?;
    Ok(())
}

pub(super) async fn list(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    before: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<ListedDelivery>, StorageError> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    let rows = sqlx::query_as!(
        LineRow,
        r#"SELECT d.id AS "id: Uuid", d.workspace_id AS "workspace_id: Uuid",
                  d.channel_id AS "channel_id: Uuid",
                  d.notification_id AS "notification_id: Uuid",
                  d.state AS "state: Word<DeliveryState>", d.attempts AS "attempts: u32",
                  d.at AS "at: Millis", d.last_attempt_at AS "last_attempt_at: Millis",
                  d.next_attempt_at AS "next_attempt_at: Millis",
                  d.http_status AS "http_status: u16", d.last_error,
                  c.kind AS "channel_kind: Word<ChannelKind>", c.target,
                  n.kind AS "kind: Word<NotificationKind>", n.title
           FROM notification_deliveries d
           JOIN notification_channels c ON c.id = d.channel_id
           JOIN notifications n ON n.id = d.notification_id
           WHERE d.workspace_id = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?"#,
        workspace.0,
        before,
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(failed("notification delivery"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn claim(
    connection: &mut SqliteConnection,
    holder: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<ClaimedDelivery>, StorageError> {
    let due = sqlx::query_scalar!(
        r#"SELECT id AS "id: Uuid" FROM notification_deliveries
           WHERE next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?"#,
        Millis(now),
        limit
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed("notification delivery"))?;
    let mut claimed = Vec::with_capacity(due.len());
    for id in due {
        claimed.extend(take(connection, id.into(), holder, now, until).await?);
    }
    Ok(claimed)
}

pub(super) async fn claim_one(
    connection: &mut SqliteConnection,
    id: DeliveryId,
    holder: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<ClaimedDelivery>, StorageError> {
    take(connection, id, holder, now, until).await
}

/// Takes a delivery that nobody is at: one without a holder, or whose holder's lease has ended.
async fn take(
    connection: &mut SqliteConnection,
    id: DeliveryId,
    holder: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<ClaimedDelivery>, StorageError> {
    let row = sqlx::query_as!(
        DeliveryRow,
        r#"UPDATE notification_deliveries
           SET holder = ?, next_attempt_at = ?, last_attempt_at = ?, attempts = attempts + 1
           WHERE id = ? AND state = 'pending' AND (holder IS NULL OR next_attempt_at <= ?)
           RETURNING id AS "id: Uuid", workspace_id AS "workspace_id: Uuid",
                     channel_id AS "channel_id: Uuid",
                     notification_id AS "notification_id: Uuid",
                     state AS "state: Word<DeliveryState>", attempts AS "attempts: u32",
                     at AS "at: Millis", last_attempt_at AS "last_attempt_at: Millis",
                     next_attempt_at AS "next_attempt_at: Millis",
                     http_status AS "http_status: u16", last_error"#,
        holder,
        Millis(until),
        Millis(now),
        id.0,
        Millis(now)
    )
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed("notification delivery"))?;
    let Some(record) = row.map(DeliveryRecord::from) else {
        return Ok(None);
    };
    let channel = channels::of_id(connection, record.channel_id).await?;
    let notification = super::of_id(connection, record.notification_id).await?;
    // Both are foreign keys of the row: they are there.
    Ok(channel
        .zip(notification)
        .map(|(channel, notification)| ClaimedDelivery {
            record,
            channel,
            notification: notification.record,
        }))
}

pub(super) async fn settle(
    connection: &mut SqliteConnection,
    id: DeliveryId,
    holder: Uuid,
    outcome: &AttemptOutcome,
) -> Result<bool, StorageError> {
    let done = sqlx::query!(
        "UPDATE notification_deliveries
         SET state = ?, next_attempt_at = ?, http_status = ?, last_error = ?, holder = NULL
         WHERE id = ? AND holder = ?",
        Word(outcome.state),
        outcome.next_attempt_at.map(Millis),
        outcome.http_status,
        outcome.error,
        id.0,
        holder
    )
    .execute(connection)
    .await
    .map_err(failed("notification delivery"))?;
    Ok(done.rows_affected() == 1)
}
