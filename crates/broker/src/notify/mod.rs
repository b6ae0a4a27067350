//! Telling people, before anything breaks and once.
//!
//! ```text
//! grant_happened ─► watch ─┐                      ┌─► centre: the bell and the list
//! jobs (30 s, 1 h) ► sweep ┴─► alerts ─► tell() ──┴─► deliveries (queue) ─► deliver ─► mail, webhook
//! ```
//!
//! What was told last about a subject is remembered ([`storage::notifications::AlertRecord`]), and a
//! notification is written in the transaction in which that changes: one message for each change of
//! state, none for what comes and goes within the operator's patience. Whom it concerns and when is
//! decided in [`conditions`] and [`watch`], and in [`outages`] when it is many; what it says is in
//! [`words`]; how it gets out in [`deliver`]. `docs/notifications.md` says the same to those who
//! receive it.
//!
//! To tell of something new: its kind in `model::notification`, its words, and a call of
//! [`Broker::tell`] in the transaction in which it happens.

mod centre;
mod channels;
mod conditions;
mod deliver;
mod dependents;
mod mail;
mod outages;
mod secrets;
mod sweep;
mod watch;
mod webhook;
mod words;

use crate::{Broker, error::Fault};
use model::{
    ChannelId, NotificationId, WorkspaceId, authorization::AuthorizationRef,
    notification::DeliveryState,
};
use storage::{
    Change, Transaction,
    grants::GrantClient,
    notifications::{DeliveryRecord, NotificationRecord},
    revocations::RevocationRecord,
};
use words::Message;

pub(crate) use dependents::connector_names;

impl Broker {
    /// Tells the people of a workspace: writes the notification and puts it in the queue of every
    /// channel. Both are there when this transaction is.
    pub(crate) async fn tell(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        message: Message,
    ) -> Result<(), Fault> {
        let channels = tx.notifications().channels(workspace).await?;
        let id = self.write_down(tx, workspace, message).await?;
        for (channel, _) in channels {
            if channel.disabled_at.is_none() {
                let delivery = self.delivery(workspace, channel.id, id);
                tx.notifications().insert_delivery(&delivery).await?;
            }
        }
        tx.announce(Change::Notified(workspace));
        Ok(())
    }

    /// Tells that a consent that ended here lives on at the provider.
    pub(crate) async fn tell_revocation_failed(
        &self,
        tx: &mut dyn Transaction,
        revocation: &RevocationRecord,
    ) -> Result<(), Fault> {
        let id = revocation.authorization_id;
        let workspace = revocation.workspace_id;
        let exists = tx.authorizations().get(workspace, id).await?.is_some();
        let name = revocation.authorization_name.clone();
        let authorization = AuthorizationRef {
            id,
            name: name.unwrap_or_else(|| "An authorization that was not saved".to_owned()),
        };
        let message = words::revocation_failed(
            &authorization,
            exists,
            &self.provider_name(&revocation.provider),
            revocation.account.as_deref(),
            revocation.last_error.as_ref(),
            revocation.token_ends_at,
        );
        self.tell(tx, workspace, message).await
    }

    async fn write_down(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        message: Message,
    ) -> Result<NotificationId, Fault> {
        let id = self.new_id();
        tracing::info!(%workspace, notification = %id, kind = %message.kind, "told");
        let record = NotificationRecord {
            id,
            workspace_id: workspace,
            at: self.now(),
            kind: message.kind,
            severity: message.severity,
            title: message.title,
            text: message.text,
            connectors: message.connectors,
            next_action: message.next_action,
            authorization: message.authorization,
        };
        tx.notifications().insert(&record).await?;
        Ok(id)
    }

    /// A delivery that is due now.
    fn delivery(
        &self,
        workspace: WorkspaceId,
        channel: ChannelId,
        notification: NotificationId,
    ) -> DeliveryRecord {
        let now = self.now();
        DeliveryRecord {
            id: self.new_id(),
            workspace_id: workspace,
            channel_id: channel,
            notification_id: notification,
            state: DeliveryState::Pending,
            attempts: 0,
            at: now,
            last_attempt_at: None,
            next_attempt_at: Some(now),
            http_status: None,
            last_error: None,
        }
    }

    /// What a provider is called; its id when the catalogue no longer has it.
    fn provider_name(&self, id: &str) -> String {
        self.provider(id)
            .map_or_else(|| id.to_owned(), |provider| provider.name)
    }

    /// The same, with its host when that is a setting: there are many that are called OAuth 2.0.
    fn provider_at(&self, client: &GrantClient) -> String {
        let endpoint = conditions::token_url(&client.settings);
        self.place_name(&client.provider, endpoint)
    }

    fn place_name(&self, provider: &str, endpoint: Option<&str>) -> String {
        let name = self.provider_name(provider);
        match endpoint.and_then(conditions::host) {
            Some(host) => format!("{name} at {host}"),
            None => name,
        }
    }
}
