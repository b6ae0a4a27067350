//! API keys.

use super::UiError;
use leptos::server;
use model::{
    ApiKeyId,
    api_key::{ApiKey, ApiKeyCreated, ApiKeyInput},
};
use server_fn::codec::Json;

/// All keys of the workspace.
#[server(prefix = "/ui", endpoint = "api-keys/list", input = Json)]
pub async fn list() -> Result<Vec<ApiKey>, UiError> {
    let (context, _, actor) = super::caller()?;
    context.broker.api_keys(&actor).await.map_err(super::refuse)
}

/// Creates a key. This answer is the only place where it can be read (S22).
#[server(prefix = "/ui", endpoint = "api-keys/create", input = Json)]
pub async fn create(input: ApiKeyInput) -> Result<ApiKeyCreated, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .create_api_key(&actor, input)
        .await
        .map_err(super::refuse)
}

/// Deletes a key; it stops working at once. `false`: it was gone already.
#[server(prefix = "/ui", endpoint = "api-keys/delete", input = Json)]
pub async fn delete(id: ApiKeyId) -> Result<bool, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .delete_api_key(&actor, id)
        .await
        .map_err(super::refuse)
}
