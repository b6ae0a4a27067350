//! What people are told, and how it reaches them.

use super::UiError;
use leptos::server;
use model::{
    ChannelId,
    authorization::Page,
    notification::{Channel, ChannelCreated, ChannelInput, Delivery, NotificationPage},
};
use server_fn::codec::Json;

/// Notifications, newest first; at most so many.
#[server(prefix = "/ui", endpoint = "notifications/list", input = Json)]
pub async fn list(cursor: Option<String>, limit: u32) -> Result<NotificationPage, UiError> {
    let (context, _, actor) = super::caller()?;
    let query = model::notification::PageQuery {
        cursor,
        limit: Some(limit),
    };
    let page = context.broker.notifications(&actor, &query).await;
    page.map_err(super::refuse)
}

/// How many this person has not read.
#[server(prefix = "/ui", endpoint = "notifications/unread", input = Json)]
pub async fn unread() -> Result<u64, UiError> {
    let (context, _, actor) = super::caller()?;
    let query = model::notification::PageQuery {
        cursor: None,
        limit: Some(1),
    };
    let page = context.broker.notifications(&actor, &query).await;
    page.map(|page| page.unread).map_err(super::refuse)
}

/// Notes that this person has read all there are up to this one.
#[server(prefix = "/ui", endpoint = "notifications/read", input = Json)]
pub async fn mark_read(up_to: model::NotificationId) -> Result<(), UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .mark_notifications_read(&actor, Some(up_to))
        .await
        .map_err(super::refuse)
}

/// Where notifications are sent.
#[server(prefix = "/ui", endpoint = "notifications/channels", input = Json)]
pub async fn channels() -> Result<Vec<Channel>, UiError> {
    let (context, _, actor) = super::caller()?;
    let channels = context.broker.notification_channels(&actor).await;
    channels.map_err(super::refuse)
}

/// Adds a channel. This answer is the only place where a signing secret can be read.
#[server(prefix = "/ui", endpoint = "notifications/add-channel", input = Json)]
pub async fn add_channel(input: ChannelInput) -> Result<ChannelCreated, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .create_notification_channel(&actor, input)
        .await
        .map_err(super::refuse)
}

/// Deletes a channel. `false`: it was gone already.
#[server(prefix = "/ui", endpoint = "notifications/delete-channel", input = Json)]
pub async fn delete_channel(id: ChannelId) -> Result<bool, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .delete_notification_channel(&actor, id)
        .await
        .map_err(super::refuse)
}

/// Sends a test through a channel, and tells how it went.
#[server(prefix = "/ui", endpoint = "notifications/test-channel", input = Json)]
pub async fn test_channel(id: ChannelId) -> Result<Delivery, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .test_notification_channel(&actor, id)
        .await
        .map_err(super::refuse)
}

/// What was sent lately, and what waits to be; at most so many.
#[server(prefix = "/ui", endpoint = "notifications/deliveries", input = Json)]
pub async fn deliveries(cursor: Option<String>, limit: u32) -> Result<Page<Delivery>, UiError> {
    let (context, _, actor) = super::caller()?;
    let query = model::notification::PageQuery {
        cursor,
        limit: Some(limit),
    };
    let page = context.broker.notification_deliveries(&actor, &query).await;
    page.map_err(super::refuse)
}
