//! The list of authorizations.

use super::UiError;
use leptos::server;
use model::{
    AuthorizationId,
    authorization::{AuthorizationFilter, AuthorizationRow, Page},
};
use server_fn::codec::Json;

/// One page of the list.
#[server(prefix = "/ui", endpoint = "authorizations/list", input = Json)]
pub async fn list(filter: AuthorizationFilter) -> Result<Page<AuthorizationRow>, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .authorization_rows(&actor, &filter)
        .await
        .map_err(super::refuse)
}

/// Puts an authorization aside, or brings it back.
#[server(prefix = "/ui", endpoint = "authorizations/set-active", input = Json)]
pub async fn set_active(id: AuthorizationId, active: bool) -> Result<(), UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .set_active(&actor, id, active)
        .await
        .map(drop)
        .map_err(super::refuse)
}
