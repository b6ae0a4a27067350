//! `/authorizations/{id}/secrets`: several client secrets, so that one can replace another without
//! anybody consenting again. Values go in and never come out.

use super::{
    ApiError, ApiResult,
    api::found,
    extract::{Json, Path, made},
};
use crate::state::AppState;
use axum::{Extension, extract::State, http::StatusCode, response::IntoResponse};
use broker::access::Actor;
use model::{
    AuthorizationId, SecretId,
    authorization::Page,
    client_secret::{ClientSecretInfo, ClientSecretInput, ClientSecretPatch},
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
}

/// Client secrets, by position
#[utoipa::path(
    get, path = "/authorizations/{id}/secrets", tag = "authorizations", operation_id = "list_client_secrets",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "What may be told of them; never a value", body = Page<ClientSecretInfo>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<axum::Json<Page<ClientSecretInfo>>> {
    let secrets = state.broker.client_secret_infos(&actor, id).await;
    let items = found(secrets.map_err(ApiError::of)?, "authorization")?;
    Ok(axum::Json(Page { items, next: None }))
}

/// Add a client secret
///
/// In force at once: nobody consents again and nothing is published. A consent that waits for a good
/// secret is refreshed right away.
#[utoipa::path(
    post, path = "/authorizations/{id}/secrets", tag = "authorizations", operation_id = "add_client_secret",
    params(("id" = AuthorizationId, Path)),
    request_body = ClientSecretInput,
    security(("api_key" = ["manage"])),
    responses(
        (status = 201, description = "Added", body = ClientSecretInfo,
            headers(("Location" = String, description = "Where it is"))),
        (status = 422, description = "It is empty, there already, or one too many", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn add(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
    Json(input): Json<ClientSecretInput>,
) -> ApiResult<impl IntoResponse> {
    let added = state.broker.add_client_secret(&actor, id, input).await;
    made(added, move |added| {
        format!("/api/v1/authorizations/{id}/secrets/{}", added.id)
    })
}

/// Change the last day of a client secret, or have it tried first
#[utoipa::path(
    patch, path = "/authorizations/{id}/secrets/{secret_id}", tag = "authorizations", operation_id = "update_client_secret",
    params(("id" = AuthorizationId, Path), ("secret_id" = SecretId, Path)),
    request_body = ClientSecretPatch,
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "Changed", body = ClientSecretInfo),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, secret)): Path<(AuthorizationId, SecretId)>,
    Json(patch): Json<ClientSecretPatch>,
) -> ApiResult<axum::Json<ClientSecretInfo>> {
    let changed = state
        .broker
        .change_client_secret(&actor, id, secret, patch)
        .await;
    changed.map(axum::Json).map_err(ApiError::of)
}

/// Remove a client secret
#[utoipa::path(
    delete, path = "/authorizations/{id}/secrets/{secret_id}", tag = "authorizations", operation_id = "remove_client_secret",
    params(("id" = AuthorizationId, Path), ("secret_id" = SecretId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "It is the last one of an app that needs one", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, secret)): Path<(AuthorizationId, SecretId)>,
) -> ApiResult<StatusCode> {
    let removed = state.broker.remove_client_secret(&actor, id, secret).await;
    removed
        .map(|()| StatusCode::NO_CONTENT)
        .map_err(ApiError::of)
}
