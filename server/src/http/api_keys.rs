//! `/api-keys`: credentials of programs.

use super::{
    ApiError, ApiResult,
    api::found,
    extract::{Json, Path, made},
};
use crate::state::AppState;
use axum::{Extension, extract::State, http::StatusCode, response::IntoResponse};
use broker::access::Actor;
use model::{
    ApiKeyId,
    api_key::{ApiKey, ApiKeyCreated, ApiKeyInput},
    authorization::Page,
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(delete))
}

/// All keys, without the keys themselves
#[utoipa::path(
    get, path = "/api-keys", tag = "api-keys", operation_id = "list_api_keys",
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "The keys", body = Page<ApiKey>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<axum::Json<Page<ApiKey>>> {
    let items = state.broker.api_keys(&actor).await.map_err(ApiError::of)?;
    Ok(axum::Json(Page { items, next: None }))
}

/// A new key, shown this once; it may do no more than the key that makes it
#[utoipa::path(
    post, path = "/api-keys", tag = "api-keys", operation_id = "create_api_key",
    request_body = ApiKeyInput,
    security(("api_key" = ["manage"])),
    responses(
        (status = 201, description = "Made", body = ApiKeyCreated,
            headers(("Location" = String, description = "Where it is"))),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<ApiKeyInput>,
) -> ApiResult<impl IntoResponse> {
    let key = state.broker.create_api_key(&actor, input).await;
    made(key, |key| format!("/api/v1/api-keys/{}", key.info.id))
}

/// Delete a key; it stops working at once
#[utoipa::path(
    delete, path = "/api-keys/{id}", tag = "api-keys", operation_id = "delete_api_key",
    params(("id" = ApiKeyId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 204, description = "Gone"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<ApiKeyId>,
) -> ApiResult<StatusCode> {
    let deleted = state
        .broker
        .delete_api_key(&actor, id)
        .await
        .map_err(ApiError::of)?;
    found(deleted.then_some(StatusCode::NO_CONTENT), "API key")
}
