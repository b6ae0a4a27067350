//! `/providers`: the catalogue.

use super::{ApiResult, api::found, extract::Path};
use crate::state::AppState;
use axum::{Json, extract::State};
use model::{authorization::Page, problem::Problem, provider::ProviderInfo};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
}

/// All providers
#[utoipa::path(
    get, path = "/providers", tag = "providers", operation_id = "list_providers",
    security(("api_key" = [])),
    responses(
        (status = 200, description = "The catalogue", body = Page<ProviderInfo>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(state): State<AppState>) -> Json<Page<ProviderInfo>> {
    Json(Page {
        items: state.broker.providers(),
        next: None,
    })
}

/// One provider, with the settings fields to fill in and the scopes to choose from
#[utoipa::path(
    get, path = "/providers/{id}", tag = "providers", operation_id = "get_provider",
    params(("id" = String, Path, description = "`azure-devops`")),
    security(("api_key" = [])),
    responses(
        (status = 200, description = "The provider", body = ProviderInfo),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> ApiResult<Json<ProviderInfo>> {
    found(state.broker.provider(&id), "provider").map(Json)
}
