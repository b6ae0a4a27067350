//! Channels: where notifications go beside the notification centre.

use super::{centre::shown, webhook, words};
use crate::{
    Broker,
    access::{Actor, Permission},
    error::{Fault, WriteError},
    sealing::Column,
};
use model::{
    ChannelId, WorkspaceId,
    notification::{Channel, ChannelCreated, ChannelInput, ChannelKind, Delivery, LastDelivery},
    validate,
};
use secrecy::{ExposeSecret, SecretString};
use storage::{
    Ciphertext, Transaction,
    notifications::{ChannelRecord, ListedDelivery},
};
use url::Url;

/// Channels a workspace may have: each notification is sent to all.
const MOST: usize = 20;

impl Broker {
    /// Channels of the actor's workspace, oldest first.
    pub async fn notification_channels(&self, actor: &Actor) -> Result<Vec<Channel>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let channels = tx.notifications().channels(workspace).await?;
        Ok(channels
            .into_iter()
            .map(|(channel, last)| view(channel, last))
            .collect())
    }

    /// Adds a channel. For a webhook, the answer is the only time its signing secret is shown.
    pub async fn create_notification_channel(
        &self,
        actor: &Actor,
        input: ChannelInput,
    ) -> Result<ChannelCreated, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let target = self.checked_target(&input)?;
        let id: ChannelId = self.new_id();
        let (signing_secret, secret) = match input.kind {
            ChannelKind::Email => (None, None),
            ChannelKind::Webhook => {
                let (shown, sealed) = self.new_signing_secret(workspace, id)?;
                (Some(shown), Some(sealed))
            }
        };
        let record = ChannelRecord {
            id,
            workspace_id: workspace,
            kind: input.kind,
            target,
            secret,
            disabled_at: None,
            created_at: self.now(),
            created_by: actor.label().to_owned(),
        };
        let mut tx = self.write().await?;
        let others = tx.notifications().channels(workspace).await?;
        if others.len() >= MOST {
            let message = format!("There are {MOST} channels already; delete one first.");
            return Err(WriteError::field("target", message));
        }
        let known = |other: &ChannelRecord| {
            other.target == record.target
                && other.kind == record.kind
                && other.disabled_at.is_none()
        };
        if others.iter().any(|(other, _)| known(other)) {
            let message = "Notifications go there already.";
            return Err(WriteError::field("target", message));
        }
        tx.notifications().insert_channel(&record).await?;
        tx.save().await?;
        Ok(ChannelCreated {
            signing_secret: signing_secret.map(|secret| secret.expose_secret().to_owned()),
            channel: view(record, None),
        })
    }

    /// Deletes a channel with its log; what waits to be sent there is not. `false` when there is none.
    pub async fn delete_notification_channel(
        &self,
        actor: &Actor,
        id: ChannelId,
    ) -> Result<bool, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let deleted = tx.notifications().delete_channel(workspace, id).await?;
        tx.save().await?;
        Ok(deleted)
    }

    /// Sends a test through a channel, now, and tells how it went. It is tried once.
    pub async fn test_notification_channel(
        &self,
        actor: &Actor,
        id: ChannelId,
    ) -> Result<Delivery, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        find(&mut *tx, workspace, id).await?;
        let message = words::test(actor.label());
        let (kind, title) = (message.kind, message.title.clone());
        let notification = self.write_down(&mut *tx, workspace, message).await?;
        let mut delivery = self.delivery(workspace, id, notification);
        // Not due while we are at it: the queue would send it too.
        delivery.next_attempt_at = Some(self.now() + super::deliver::LEASE);
        tx.notifications().insert_delivery(&delivery).await?;
        tx.save().await?;

        let claimed = self.deliver_once(delivery.id).await?;
        let (channel, record) = claimed.ok_or(WriteError::NotFound("notification channel"))?;
        Ok(shown(ListedDelivery {
            record,
            channel_kind: channel.kind,
            target: channel.target,
            kind,
            title,
        }))
    }

    /// The target as it is stored, or what is wrong with it.
    fn checked_target(&self, input: &ChannelInput) -> Result<String, WriteError> {
        validate::channel(input).map_err(|error| WriteError::Invalid(vec![error]))?;
        let target = input.target.trim();
        let refused = |message: String| WriteError::field("target", message);
        match input.kind {
            ChannelKind::Email => {
                let mailer = self.mailer().ok_or_else(|| {
                    refused("This server sends no e-mail yet: the operator has to set host and from in the section [smtp] of its configuration.".to_owned())
                })?;
                mailer.check(target).map_err(refused)?;
                Ok(target.to_owned())
            }
            ChannelKind::Webhook => {
                let url: Url = target
                    .parse()
                    .map_err(|_| refused("Enter a whole address.".to_owned()))?;
                // S24
                self.http().check(&url).map_err(|refusal| {
                    refused(format!("Tokenry does not send there: {refusal}."))
                })?;
                Ok(url.into())
            }
        }
    }

    fn new_signing_secret(
        &self,
        workspace: WorkspaceId,
        id: ChannelId,
    ) -> Result<(SecretString, Ciphertext), Fault> {
        let secret = webhook::new_secret(&mut *self.rng());
        let sealed = self.seal(workspace, Column::WebhookSecret(id), &secret)?;
        Ok((secret, sealed))
    }
}

async fn find(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    id: ChannelId,
) -> Result<ChannelRecord, WriteError> {
    let channels = tx.notifications().channels(workspace).await?;
    channels
        .into_iter()
        .map(|(channel, _)| channel)
        .find(|channel| channel.id == id)
        .ok_or(WriteError::NotFound("notification channel"))
}

fn view(record: ChannelRecord, last: Option<LastDelivery>) -> Channel {
    Channel {
        id: record.id,
        kind: record.kind,
        target: record.target,
        disabled_at: record.disabled_at,
        last_delivery: last,
        created_at: record.created_at,
        created_by: record.created_by,
    }
}
