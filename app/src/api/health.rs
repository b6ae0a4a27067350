//! How authorizations are doing.

use super::UiError;
use leptos::server;
use model::{
    AuthorizationId,
    health::{Health, Overview},
};
use server_fn::codec::Json;

/// All of them at a glance.
#[server(prefix = "/ui", endpoint = "overview", input = Json)]
pub async fn load_overview() -> Result<Overview, UiError> {
    let (context, _, actor) = super::caller()?;
    let overview = context.broker.overview(&actor).await;
    overview.map_err(super::refuse)
}

/// The last 30 days of one; `None` as long as it is not saved.
#[server(prefix = "/ui", endpoint = "health", input = Json)]
pub async fn of_authorization(id: AuthorizationId) -> Result<Option<Health>, UiError> {
    let (context, _, actor) = super::caller()?;
    let health = context.broker.health(&actor, id).await;
    health.map_err(super::refuse)
}
