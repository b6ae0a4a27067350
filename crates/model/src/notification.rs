//! What people are told when something needs them, and the ways by which it reaches them.
//!
//! To tell of something new: a [`NotificationKind`] with its stable name and severity here, its
//! words in `broker::notify::words`, a line in `docs/notifications.md`.

use crate::{ChannelId, DeliveryId, NotificationId, authorization::AuthorizationRef};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What happened. The names are stable: webhooks carry them as `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NotificationKind {
    /// The consent is over: the account was disabled, or the consent revoked at the provider.
    #[serde(rename = "authorization.cancelled")]
    Cancelled,
    /// Somebody has to sign in at the provider again.
    #[serde(rename = "authorization.reauthorization_needed")]
    ReauthorizationNeeded,
    /// A setting of one authorization (scopes, tenant, redirect URI) is refused by the provider.
    #[serde(rename = "authorization.misconfigured")]
    Misconfigured,
    /// Refreshes have been failing for longer than the operator's patience.
    #[serde(rename = "refresh.failing")]
    RefreshFailing,
    /// What had been told to be broken works again.
    #[serde(rename = "refresh.recovered")]
    Recovered,
    /// The provider refuses a client registration: its secret, or the app itself.
    #[serde(rename = "registration.refused")]
    RegistrationRefused,
    /// A client secret expires soon, or has expired.
    #[serde(rename = "secret.expiring")]
    SecretExpiring,
    /// A consent that ended here could not be revoked at the provider.
    #[serde(rename = "revocation.failed")]
    RevocationFailed,
    /// Somebody tries a channel.
    #[serde(rename = "test")]
    Test,
}

impl NotificationKind {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Cancelled,
        Self::ReauthorizationNeeded,
        Self::Misconfigured,
        Self::RefreshFailing,
        Self::Recovered,
        Self::RegistrationRefused,
        Self::SecretExpiring,
        Self::RevocationFailed,
        Self::Test,
    ];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "authorization.cancelled",
            Self::ReauthorizationNeeded => "authorization.reauthorization_needed",
            Self::Misconfigured => "authorization.misconfigured",
            Self::RefreshFailing => "refresh.failing",
            Self::Recovered => "refresh.recovered",
            Self::RegistrationRefused => "registration.refused",
            Self::SecretExpiring => "secret.expiring",
            Self::RevocationFailed => "revocation.failed",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for NotificationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationSeverity {
    /// Something works again, or is only being tried.
    Info,
    /// It will break unless somebody acts, or may pass by itself.
    Warning,
    /// It is broken until somebody acts.
    Error,
}

/// One thing that people were told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
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
    /// The one thing to do next; empty when there is nothing to do.
    pub next_action: String,
    /// The authorization it is about, named as it was then, when it is about a single one.
    pub authorization: Option<AuthorizationRef>,
    /// Whoever asks has read it.
    pub read: bool,
}

/// A page of notifications, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationPage {
    /// The entries.
    pub items: Vec<Notification>,
    /// Give it as `cursor` to go on; absent on the last page.
    pub next: Option<String>,
    /// How many are unread in all.
    pub unread: u64,
}

/// What `POST /notifications/read` takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarkRead {
    /// The newest one that was read, and all before it; all there are when absent.
    #[serde(default)]
    pub up_to: Option<NotificationId>,
}

/// By which way people are told, beside the notification centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// An e-mail to one address.
    Email,
    /// A signed POST to one address (Standard Webhooks).
    Webhook,
}

impl ChannelKind {
    /// Its name as shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "E-mail",
            Self::Webhook => "Webhook",
        }
    }
}

/// What is sent to add a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelInput {
    /// By which way.
    pub kind: ChannelKind,
    /// An e-mail address, or the address of a webhook.
    pub target: String,
}

/// A channel as listed; a webhook's signing secret is shown once, when it is added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// By which way.
    pub kind: ChannelKind,
    /// Where to.
    pub target: String,
    /// Since when nothing is sent there, because the receiver said that it is gone (HTTP 410).
    pub disabled_at: Option<DateTime<Utc>>,
    /// How the last delivery went.
    pub last_delivery: Option<LastDelivery>,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Who added it.
    pub created_by: String,
}

/// How the last delivery of a channel went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastDelivery {
    /// How far it got.
    pub state: DeliveryState,
    /// When it was last tried, or made.
    pub at: DateTime<Utc>,
}

/// A new channel, the only time a signing secret is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelCreated {
    /// The key of the signatures, for webhooks: `whsec_…`.
    pub signing_secret: Option<String>,
    /// What is stored about it.
    #[serde(flatten)]
    pub channel: Channel,
}

/// How far a delivery got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waiting for its first or next attempt.
    Pending,
    /// The receiver took it.
    Delivered,
    /// Given up.
    Failed,
}

/// One notification on its way through one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Its id, the same on every attempt: a webhook's `webhook-id`, an e-mail's `Message-ID`.
    pub id: DeliveryId,
    /// Through which channel.
    pub channel: ChannelId,
    /// Kind of the channel.
    pub channel_kind: ChannelKind,
    /// Where to.
    pub target: String,
    /// What happened.
    pub kind: NotificationKind,
    /// The notification's title.
    pub title: String,
    /// How far it got.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was put in the queue.
    pub at: DateTime<Utc>,
    /// The last attempt.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What the receiver answered last.
    pub http_status: Option<u16>,
    /// Why the last attempt brought nothing, in words.
    pub last_error: Option<String>,
}

/// Which part of a list to give.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageQuery {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Entries a page, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::NotificationKind;

    #[test]
    fn the_name_is_the_wire_format() {
        for kind in NotificationKind::ALL {
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(json, format!("\"{kind}\""));
        }
    }
}
