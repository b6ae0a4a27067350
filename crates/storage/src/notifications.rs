//! What people were told, the channels by which it reaches them, the queue of deliveries, and the
//! memory of what was told already.
//!
//! The [alerts](AlertRecord) are that memory: a notification is written in the transaction that
//! changes an alert, so that nothing is told twice, and nothing is forgotten.

use crate::{Ciphertext, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{
    ApiKeyId, AuthorizationId, ChannelId, DeliveryId, GrantId, NotificationId, UserId, WorkspaceId,
    authorization::AuthorizationRef,
    notification::{
        ChannelKind, DeliveryState, LastDelivery, NotificationKind, NotificationSeverity,
    },
};
use uuid::Uuid;

/// Something people were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationRecord {
    /// Its id.
    pub id: NotificationId,
    /// Whom it was told.
    pub workspace_id: WorkspaceId,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: NotificationKind,
    /// How much it matters.
    pub severity: NotificationSeverity,
    /// What happened, in a line.
    pub title: String,
    /// What happened, in a sentence or two.
    pub text: String,
    /// Connectors that depend on it, by name.
    pub connectors: Vec<String>,
    /// The one thing to do next.
    pub next_action: String,
    /// The authorization it is about, as it was called then. It may be gone by now.
    pub authorization: Option<AuthorizationRef>,
}

/// A notification at its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedNotification {
    /// Goes up in the order of writing, whatever the clock did.
    pub number: i64,
    /// The notification.
    pub record: NotificationRecord,
}

/// Who has read notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A person.
    User(UserId),
    /// A program.
    ApiKey(ApiKeyId),
}

impl Reader {
    /// Their id, whichever kind they are.
    pub const fn id(self) -> Uuid {
        match self {
            Self::User(id) => id.0,
            Self::ApiKey(id) => id.0,
        }
    }
}

/// A way by which people are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRecord {
    /// Its id; the row its ciphertext is bound to.
    pub id: ChannelId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// By which way.
    pub kind: ChannelKind,
    /// Where to.
    pub target: String,
    /// The key of the signatures, for webhooks.
    pub secret: Option<Ciphertext>,
    /// Since when nothing is sent there.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Who added it, in words.
    pub created_by: String,
}

/// One notification on its way through one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its id, the same on every attempt.
    pub id: DeliveryId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Through which channel.
    pub channel_id: ChannelId,
    /// Of what.
    pub notification_id: NotificationId,
    /// How far it got.
    pub state: DeliveryState,
    /// Attempts begun so far.
    pub attempts: u32,
    /// When it was put in the queue.
    pub at: DateTime<Utc>,
    /// When the last attempt began.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When it is tried again; while an attempt runs, the end of its lease.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What the receiver answered last.
    pub http_status: Option<u16>,
    /// Why the last attempt brought nothing.
    pub last_error: Option<String>,
}

/// A delivery with what its line in the log shows beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDelivery {
    /// The delivery.
    pub record: DeliveryRecord,
    /// Kind of its channel.
    pub channel_kind: ChannelKind,
    /// Where it goes.
    pub target: String,
    /// What happened.
    pub kind: NotificationKind,
    /// The notification's title.
    pub title: String,
}

/// A delivery that an attempt holds, with all that sending it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// The delivery; this attempt is counted in it.
    pub record: DeliveryRecord,
    /// Its channel.
    pub channel: ChannelRecord,
    /// What it tells.
    pub notification: NotificationRecord,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptOutcome {
    /// How far the delivery got.
    pub state: DeliveryState,
    /// When it is tried again; `None` unless it is pending.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What the receiver answered.
    pub http_status: Option<u16>,
    /// Why it brought nothing.
    pub error: Option<String>,
}

/// What was last told about something. There is none where all is well, or nothing was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRecord {
    /// About what: see [`subject`].
    pub subject: String,
    /// The condition that was told.
    pub told: String,
    /// When.
    pub since: DateTime<Utc>,
}

/// How the subjects of alerts are written that a database has to understand: it forgets those of
/// authorizations that are deleted, and looks for them in
/// [`failing_untold`](NotificationRepository::failing_untold). Ids are 32 hexadecimal digits.
pub mod subject {
    use model::AuthorizationId;

    /// The consent that an authorization points to.
    pub fn authorization(id: AuthorizationId) -> String {
        format!("authorization:{}", id.0.simple())
    }

    /// An earlier consent of an authorization that is still published.
    pub fn published(id: AuthorizationId) -> String {
        format!("published:{}", id.0.simple())
    }
}

/// A grant whose refreshes have been failing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailingGrant {
    /// Which.
    pub grant_id: GrantId,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Of which authorization.
    pub authorization_id: AuthorizationId,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Notifications, channels, deliveries and alerts.
#[async_trait]
pub trait NotificationRepository: Send {
    /// Adds a notification.
    async fn insert(&mut self, notification: &NotificationRecord) -> Result<(), StorageError>;
    /// Those of a workspace with a number below `before`, newest first, at most `limit`. Tests of
    /// channels are left out, here and in [`unread`](Self::unread).
    async fn list(
        &mut self,
        workspace: WorkspaceId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ListedNotification>, StorageError>;
    /// The number of the newest one that somebody has read; 0 when none.
    async fn read_up_to(
        &mut self,
        workspace: WorkspaceId,
        reader: Reader,
    ) -> Result<i64, StorageError>;
    /// How many notifications have a number above `number`.
    async fn unread(&mut self, workspace: WorkspaceId, number: i64) -> Result<u64, StorageError>;
    /// Notes that somebody has read this one and all before it, or all there are. What was read
    /// stays read. `false` when there is no such notification.
    async fn mark_read(
        &mut self,
        workspace: WorkspaceId,
        reader: Reader,
        up_to: Option<NotificationId>,
    ) -> Result<bool, StorageError>;
    /// Forgets notifications from before `before`, with their deliveries; answers how many.
    async fn delete_before(&mut self, before: DateTime<Utc>) -> Result<u64, StorageError>;

    /// Adds a channel.
    async fn insert_channel(&mut self, channel: &ChannelRecord) -> Result<(), StorageError>;
    /// Channels of a workspace, oldest first, each with how its last delivery went.
    async fn channels(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<(ChannelRecord, Option<LastDelivery>)>, StorageError>;
    /// Notes that nothing is sent there any more, and gives up what was waiting; `false` when there
    /// is none.
    async fn disable_channel(
        &mut self,
        id: ChannelId,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Deletes a channel with its deliveries; `false` when the workspace has none of that id.
    async fn delete_channel(
        &mut self,
        workspace: WorkspaceId,
        id: ChannelId,
    ) -> Result<bool, StorageError>;

    /// Puts a delivery in the queue.
    async fn insert_delivery(&mut self, delivery: &DeliveryRecord) -> Result<(), StorageError>;
    /// Deliveries of a workspace older than the one `before`, newest first, at most `limit`.
    async fn deliveries(
        &mut self,
        workspace: WorkspaceId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<ListedDelivery>, StorageError>;
    /// Takes up to `limit` deliveries that are due, soonest first, for one attempt each: nobody else
    /// gets them before `until`. Counts the attempt.
    async fn claim(
        &mut self,
        holder: Uuid,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>, StorageError>;
    /// Takes one delivery, due or not, unless somebody else is at it or it is done.
    async fn claim_one(
        &mut self,
        id: DeliveryId,
        holder: Uuid,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<ClaimedDelivery>, StorageError>;
    /// Writes down how an attempt ended; `false` when the holder no longer has the delivery.
    async fn settle(
        &mut self,
        id: DeliveryId,
        holder: Uuid,
        outcome: &AttemptOutcome,
    ) -> Result<bool, StorageError>;

    /// What was last told about a subject.
    async fn alert(
        &mut self,
        workspace: WorkspaceId,
        subject: &str,
    ) -> Result<Option<AlertRecord>, StorageError>;
    /// Alerts whose subject begins so.
    async fn alerts(
        &mut self,
        workspace: WorkspaceId,
        prefix: &str,
    ) -> Result<Vec<AlertRecord>, StorageError>;
    /// Notes what was told, in place of what was told before.
    async fn put_alert(
        &mut self,
        workspace: WorkspaceId,
        alert: &AlertRecord,
    ) -> Result<(), StorageError>;
    /// Forgets what was told, and who was concerned; `false` when nothing was.
    async fn delete_alert(
        &mut self,
        workspace: WorkspaceId,
        subject: &str,
    ) -> Result<bool, StorageError>;
    /// Notes that an alert, which is there, concerns this authorization among others.
    async fn join_alert(
        &mut self,
        workspace: WorkspaceId,
        subject: &str,
        authorization: AuthorizationId,
    ) -> Result<(), StorageError>;
    /// How many authorizations joined an alert.
    async fn joined(&mut self, workspace: WorkspaceId, subject: &str) -> Result<u64, StorageError>;
    /// Takes an authorization out of the alerts that it joined; answers their subjects, each with
    /// how many are left in it.
    async fn leave_alerts(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
    ) -> Result<Vec<(String, u64)>, StorageError>;
    /// Grants that have been failing to refresh since before `before`, of stored authorizations,
    /// about which nothing has been told: neither of the consent nor of one they joined. Longest first.
    async fn failing_untold(
        &mut self,
        before: DateTime<Utc>,
    ) -> Result<Vec<FailingGrant>, StorageError>;
}
