//! How authorizations are doing: all of them at a glance, and the last 30 days of one.

use super::{ApiError, ApiResult, api::found, extract::Path};
use crate::state::AppState;
use axum::{Extension, extract::State};
use broker::access::Actor;
use model::{
    AuthorizationId,
    health::{Health, Overview},
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(overview))
        .routes(routes!(health))
}

/// Active authorizations by state, and what needs attention first
#[utoipa::path(
    get, path = "/overview", tag = "health", operation_id = "overview",
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "How they are doing", body = Overview),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn overview(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<axum::Json<Overview>> {
    let overview = state.broker.overview(&actor).await;
    overview.map(axum::Json).map_err(ApiError::of)
}

/// The last 30 days of an authorization
#[utoipa::path(
    get, path = "/authorizations/{id}/health", tag = "health", operation_id = "authorization_health",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "How it has been doing", body = Health),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn health(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<axum::Json<Health>> {
    let health = state.broker.health(&actor, id).await;
    found(health.map_err(ApiError::of)?, "authorization").map(axum::Json)
}
