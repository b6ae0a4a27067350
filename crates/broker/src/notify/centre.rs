//! The notification centre: the list, and what of it somebody has read.

use crate::{
    Broker,
    access::{Actor, Permission},
    error::{Fault, WriteError},
};
use model::{
    NotificationId,
    authorization::Page,
    notification::{Delivery, Notification, NotificationPage, PageQuery},
};
use storage::{
    Change,
    notifications::{ListedDelivery, ListedNotification, Reader},
};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

impl Broker {
    /// Notifications of the actor's workspace, newest first, and how many are unread. A cursor that
    /// was not made here lists from the start.
    pub async fn notifications(
        &self,
        actor: &Actor,
        query: &PageQuery,
    ) -> Result<NotificationPage, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let before = cursor::<i64>(query);
        let limit = limit(query);
        let mut tx = self.read().await?;
        let mut notifications = tx.notifications();
        let read_up_to = notifications.read_up_to(workspace, reader(actor)).await?;
        let mut listed = notifications.list(workspace, before, limit + 1).await?;
        let next = next_page(&mut listed, limit, |one| one.number.to_string());
        Ok(NotificationPage {
            next,
            unread: notifications.unread(workspace, read_up_to).await?,
            items: listed
                .into_iter()
                .map(|one| view(one, read_up_to))
                .collect(),
        })
    }

    /// Notes that the actor has read this one and all before it, or all there are.
    pub async fn mark_notifications_read(
        &self,
        actor: &Actor,
        up_to: Option<NotificationId>,
    ) -> Result<(), WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let found = tx
            .notifications()
            .mark_read(workspace, reader(actor), up_to)
            .await?;
        if !found {
            return Err(WriteError::NotFound("notification"));
        }
        // Other pages of the same person count again.
        tx.announce(Change::Notified(workspace));
        tx.save().await?;
        Ok(())
    }

    /// What was sent to channels, and what waits to be, newest first.
    pub async fn notification_deliveries(
        &self,
        actor: &Actor,
        query: &PageQuery,
    ) -> Result<Page<Delivery>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let before = cursor(query);
        let limit = limit(query);
        let mut tx = self.read().await?;
        let mut listed = tx
            .notifications()
            .deliveries(workspace, before, limit + 1)
            .await?;
        let next = next_page(&mut listed, limit, |one| one.record.id.to_string());
        Ok(Page {
            items: listed.into_iter().map(shown).collect(),
            next,
        })
    }
}

const fn reader(actor: &Actor) -> Reader {
    match actor {
        Actor::User(user) => Reader::User(user.user.id),
        Actor::ApiKey(key) => Reader::ApiKey(key.id),
    }
}

fn cursor<T: std::str::FromStr>(query: &PageQuery) -> Option<T> {
    query.cursor.as_deref()?.parse().ok()
}

fn limit(query: &PageQuery) -> u32 {
    query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
}

/// Cuts the one off that was read to see whether there is more.
fn next_page<T>(listed: &mut Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Option<String> {
    if listed.len() <= limit as usize {
        return None;
    }
    listed.truncate(limit as usize);
    listed.last().map(cursor)
}

fn view(listed: ListedNotification, read_up_to: i64) -> Notification {
    let ListedNotification { number, record } = listed;
    Notification {
        id: record.id,
        at: record.at,
        kind: record.kind,
        severity: record.severity,
        title: record.title,
        text: record.text,
        connectors: record.connectors,
        next_action: record.next_action,
        authorization: record.authorization,
        read: number <= read_up_to,
    }
}

/// A line of the log.
pub(super) fn shown(listed: ListedDelivery) -> Delivery {
    let record = listed.record;
    Delivery {
        id: record.id,
        channel: record.channel_id,
        channel_kind: listed.channel_kind,
        target: listed.target,
        kind: listed.kind,
        title: listed.title,
        state: record.state,
        attempts: record.attempts,
        at: record.at,
        last_attempt_at: record.last_attempt_at,
        next_attempt_at: record.next_attempt_at,
        http_status: record.http_status,
        last_error: record.last_error,
    }
}
