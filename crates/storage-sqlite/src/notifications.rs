//! Notifications and who has read them; the rest of the repository is in the modules below.

mod alerts;
mod channels;
mod deliveries;

use crate::{
    columns::{Millis, Word},
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, ChannelId, DeliveryId, NotificationId, WorkspaceId,
    authorization::AuthorizationRef,
    notification::{LastDelivery, NotificationKind, NotificationSeverity},
};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    StorageError,
    notifications::{
        AlertRecord, AttemptOutcome, ChannelRecord, ClaimedDelivery, DeliveryRecord, FailingGrant,
        ListedDelivery, ListedNotification, NotificationRecord, NotificationRepository, Reader,
    },
};

pub(crate) struct Notifications<'c>(pub &'c mut SqliteConnection);

pub(super) struct NotificationRow {
    number: i64,
    id: Uuid,
    workspace_id: Uuid,
    at: Millis,
    kind: Word<NotificationKind>,
    severity: Word<NotificationSeverity>,
    title: String,
    text: String,
    connectors: Json<Vec<String>>,
    next_action: String,
    authorization_id: Option<Uuid>,
    authorization_name: Option<String>,
}

impl From<NotificationRow> for ListedNotification {
    fn from(row: NotificationRow) -> Self {
        Self {
            number: row.number,
            record: NotificationRecord {
                id: row.id.into(),
                workspace_id: row.workspace_id.into(),
                at: row.at.into(),
                kind: row.kind.0,
                severity: row.severity.0,
                title: row.title,
                text: row.text,
                connectors: row.connectors.0,
                next_action: row.next_action,
                authorization: row.authorization_id.zip(row.authorization_name).map(
                    |(id, name)| AuthorizationRef {
                        id: id.into(),
                        name,
                    },
                ),
            },
        }
    }
}

/// Selects [`NotificationRow`]s.
macro_rules! notifications {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            NotificationRow,
            r#"SELECT number AS "number!", id AS "id: Uuid", workspace_id AS "workspace_id: Uuid",
                      at AS "at: Millis", kind AS "kind: Word<NotificationKind>",
                      severity AS "severity: Word<NotificationSeverity>", title, text,
                      connectors AS "connectors: Json<Vec<String>>", next_action,
                      authorization_id AS "authorization_id: Uuid", authorization_name
               FROM notifications "# + $rest
            $(, $argument)*
        )
    };
}

/// The notification of that id.
async fn of_id(
    connection: &mut SqliteConnection,
    id: NotificationId,
) -> Result<Option<ListedNotification>, StorageError> {
    let row = notifications!("WHERE id = ?", id.0)
        .fetch_optional(connection)
        .await
        .map_err(failed("notification"))?;
    Ok(row.map(Into::into))
}

#[async_trait]
impl NotificationRepository for Notifications<'_> {
    async fn insert(&mut self, notification: &NotificationRecord) -> Result<(), StorageError> {
        let authorization = notification.authorization.as_ref();
        sqlx::query!(
            "INSERT INTO notifications (id, workspace_id, at, kind, severity, title, text,
                                        connectors, next_action, authorization_id,
                                        authorization_name)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            notification.id.0,
            notification.workspace_id.0,
            Millis(notification.at),
            Word(notification.kind),
            Word(notification.severity),
            notification.title,
            notification.text,
            Json(&notification.connectors),
            notification.next_action,
            authorization.map(|authorization| authorization.id.0),
            authorization.map(|authorization| &authorization.name)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("notification"))?;
        Ok(())
    }

    async fn list(
        &mut self,
        workspace: WorkspaceId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ListedNotification>, StorageError> {
        let rows = notifications!(
            "WHERE workspace_id = ? AND number < ? AND kind <> 'test'
             ORDER BY number DESC LIMIT ?",
            workspace.0,
            before.unwrap_or(i64::MAX),
            limit
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("notification"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn read_up_to(
        &mut self,
        workspace: WorkspaceId,
        reader: Reader,
    ) -> Result<i64, StorageError> {
        let number = sqlx::query_scalar!(
            "SELECT read_up_to FROM notification_reads WHERE workspace_id = ? AND reader = ?",
            workspace.0,
            reader.id()
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(failed("reading position"))?;
        Ok(number.unwrap_or(0))
    }

    async fn unread(&mut self, workspace: WorkspaceId, number: i64) -> Result<u64, StorageError> {
        let count = sqlx::query_scalar!(
            "SELECT count(*) FROM notifications
             WHERE workspace_id = ? AND number > ? AND kind <> 'test'",
            workspace.0,
            number
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("notification"))?;
        Ok(count.unsigned_abs())
    }

    async fn mark_read(
        &mut self,
        workspace: WorkspaceId,
        reader: Reader,
        up_to: Option<NotificationId>,
    ) -> Result<bool, StorageError> {
        let number = match up_to {
            Some(id) => match of_id(self.0, id).await? {
                Some(found) if found.record.workspace_id == workspace => found.number,
                _ => return Ok(false),
            },
            None => sqlx::query_scalar!(
                r#"SELECT coalesce(max(number), 0) AS "number!" FROM notifications
                   WHERE workspace_id = ?"#,
                workspace.0
            )
            .fetch_one(&mut *self.0)
            .await
            .map_err(failed("notification"))?,
        };
        sqlx::query!(
            "INSERT INTO notification_reads (workspace_id, reader, read_up_to) VALUES (?, ?, ?)
             ON CONFLICT (workspace_id, reader) DO UPDATE
             SET read_up_to = max(read_up_to, excluded.read_up_to)",
            workspace.0,
            reader.id(),
            number
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("reading position"))?;
        Ok(true)
    }

    async fn delete_before(&mut self, before: DateTime<Utc>) -> Result<u64, StorageError> {
        let done = sqlx::query!("DELETE FROM notifications WHERE at < ?", Millis(before))
            .execute(&mut *self.0)
            .await
            .map_err(failed("notification"))?;
        Ok(done.rows_affected())
    }

    async fn insert_channel(&mut self, channel: &ChannelRecord) -> Result<(), StorageError> {
        channels::insert(self.0, channel).await
    }

    async fn channels(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<(ChannelRecord, Option<LastDelivery>)>, StorageError> {
        channels::list(self.0, workspace).await
    }

    async fn disable_channel(
        &mut self,
        id: ChannelId,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        channels::disable(self.0, id, now).await
    }

    async fn delete_channel(
        &mut self,
        workspace: WorkspaceId,
        id: ChannelId,
    ) -> Result<bool, StorageError> {
        channels::delete(self.0, workspace, id).await
    }

    async fn insert_delivery(&mut self, delivery: &DeliveryRecord) -> Result<(), StorageError> {
        deliveries::insert(self.0, delivery).await
    }

    async fn deliveries(
        &mut self,
        workspace: WorkspaceId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<ListedDelivery>, StorageError> {
        deliveries::list(self.0, workspace, before, limit).await
    }

    async fn claim(
        &mut self,
        holder: Uuid,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>, StorageError> {
        deliveries::claim(self.0, holder, now, until, limit).await
    }

    async fn claim_one(
        &mut self,
        id: DeliveryId,
        holder: Uuid,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<ClaimedDelivery>, StorageError> {
        deliveries::claim_one(self.0, id, holder, now, until).await
    }

    async fn settle(
        &mut self,
        id: DeliveryId,
        holder: Uuid,
        outcome: &AttemptOutcome,
    ) -> Result<bool, StorageError> {
        deliveries::settle(self.0, id, holder, outcome).await
    }

    async fn alert(
        &mut self,
        workspace: WorkspaceId,
        subject: &str,
    ) -> Result<Option<AlertRecord>, StorageError> {
        alerts::get(self.0, workspace, subject).await
    }

    async fn alerts(
        &mut self,
        workspace: WorkspaceId,
        prefix: &str,
    ) -> Result<Vec<AlertRecord>, StorageError> {
        alerts::with_prefix(self.0, workspace, prefix).await
    }

    async fn put_alert(
        &mut self,
        workspace: WorkspaceId,
        alert: &AlertRecord,
    ) -> Result<(), StorageError> {
        alerts::put(self.0, workspace, alert).await
    }

    async fn delete_alert(
        &mut self,
        workspace: WorkspaceId,
        subject: &str,
    ) -> Result<bool, StorageError> {
        alerts::delete(self.0, workspace, subject).await
    }

    async fn join_alert(
        &mut self,
        workspace: WorkspaceId,
        subject: &str,
        authorization: AuthorizationId,
    ) -> Result<(), StorageError> {
        alerts::join(self.0, workspace, subject, authorization).await
    }

    async fn joined(&mut self, workspace: WorkspaceId, subject: &str) -> Result<u64, StorageError> {
        alerts::joined(self.0, workspace, subject).await
    }

    async fn leave_alerts(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
    ) -> Result<Vec<(String, u64)>, StorageError> {
        alerts::leave(self.0, workspace, authorization).await
    }

    async fn failing_untold(
        &mut self,
        before: DateTime<Utc>,
    ) -> Result<Vec<FailingGrant>, StorageError> {
        alerts::failing_untold(self.0, before).await
    }
}
