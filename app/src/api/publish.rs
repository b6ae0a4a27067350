//! Publishing and its history.

use super::UiError;
use leptos::server;
use model::publish::{Publication, PublishState, Published};
use server_fn::codec::Json;

/// Entries of the history a page.
pub const PAGE: u32 = 20;

/// What publishing now would do.
#[server(prefix = "/ui", endpoint = "publish/state", input = Json)]
pub async fn state() -> Result<PublishState, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .publish_state(&actor)
        .await
        .map_err(super::refuse)
}

/// Publishes.
#[server(prefix = "/ui", endpoint = "publish/publish", input = Json)]
pub async fn publish() -> Result<Published, UiError> {
    let (context, _, actor) = super::caller()?;
    context.broker.publish(&actor).await.map_err(super::refuse)
}

/// The history, newest first, up to [`PAGE`] entries before a number.
#[server(prefix = "/ui", endpoint = "publish/history", input = Json)]
pub async fn history(before: Option<i64>) -> Result<Vec<Publication>, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .publications(&actor, before, PAGE)
        .await
        .map_err(super::refuse)
}

/// Publishes again what a publication held.
#[server(prefix = "/ui", endpoint = "publish/restore", input = Json)]
pub async fn restore(number: i64) -> Result<Published, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .restore(&actor, number)
        .await
        .map_err(super::refuse)
}
