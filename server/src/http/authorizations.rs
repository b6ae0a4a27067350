//! `/authorizations`: client registrations and their consents.

use super::{
    ApiError, ApiResult,
    api::found,
    extract::{IfMatch, Json, Path, Query, Versioned, created, versioned},
};
use crate::state::AppState;
use axum::{Extension, extract::State, http::StatusCode, response::IntoResponse};
use broker::{ExposeSecret as _, access::Actor};
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId,
    authorization::{
        Authorization, AuthorizationFilter, AuthorizationInput, AuthorizationPatch, Page,
    },
    problem::Problem,
};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(connect))
        .routes(routes!(deauthorize))
        .routes(routes!(activate))
        .routes(routes!(deactivate))
        .routes(routes!(refresh))
}

/// A link that begins a consent
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConnectLink {
    /// Give it to the person who is to consent. It works once, in the browser that opens it.
    connect_url: String,
    /// End of its life.
    expires_at: DateTime<Utc>,
}

/// Authorizations, by name
#[utoipa::path(
    get, path = "/authorizations", tag = "authorizations", operation_id = "list_authorizations",
    params(
        ("search" = Option<String>, Query, description = "Part of the name, any case"),
        ("active" = Option<bool>, Query, description = "Only active or only inactive ones; both when absent"),
        ("state" = Option<model::health::StateGroup>, Query, description = "Only those in such a state"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "Entries a page, 1 to 200; 50 when absent"),
    ),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "A page of them", body = Page<Authorization>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(filter): Query<AuthorizationFilter>,
) -> ApiResult<axum::Json<Page<Authorization>>> {
    let page = state.broker.authorizations(&actor, &filter).await;
    page.map(axum::Json).map_err(ApiError::of)
}

/// A new authorization
#[utoipa::path(
    post, path = "/authorizations", tag = "authorizations", operation_id = "create_authorization",
    request_body = AuthorizationInput,
    security(("api_key" = ["manage"])),
    responses(
        (status = 201, description = "Made. Register `redirect_uri` at the provider.", body = Authorization,
            headers(("Location" = String, description = "Where it is"), ("ETag" = String, description = "Its version"))),
        (status = 422, description = "Fields are missing or wrong", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<AuthorizationInput>,
) -> ApiResult<impl IntoResponse> {
    let made = state.broker.create_authorization(&actor, input).await;
    created(made, |made| format!("/api/v1/authorizations/{}", made.id))
}

/// One authorization
#[utoipa::path(
    get, path = "/authorizations/{id}", tag = "authorizations", operation_id = "get_authorization",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "The authorization", body = Authorization,
            headers(("ETag" = String, description = "Its version"))),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<Versioned<Authorization>> {
    current(&state, &actor, id).await.map(Versioned)
}

/// Change an authorization
#[utoipa::path(
    patch, path = "/authorizations/{id}", tag = "authorizations", operation_id = "update_authorization",
    params(("id" = AuthorizationId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` the change starts from")),
    request_body = AuthorizationPatch,
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "Changed", body = Authorization,
            headers(("ETag" = String, description = "Its new version"))),
        (status = 412, description = "Somebody else saved meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn patch(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
    if_match: IfMatch,
    Json(patch): Json<AuthorizationPatch>,
) -> ApiResult<Versioned<Authorization>> {
    let version = if_match.expected(current(&state, &actor, id)).await?;
    versioned(
        state
            .broker
            .patch_authorization(&actor, id, version, patch)
            .await,
    )
}

/// Delete an authorization; its consent is revoked
#[utoipa::path(
    delete, path = "/authorizations/{id}", tag = "authorizations", operation_id = "delete_authorization",
    params(("id" = AuthorizationId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` the deletion is meant for")),
    security(("api_key" = ["manage"])),
    responses(
        (status = 204, description = "Gone; the run time serves it until the next publication"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    let version = if_match.expected(current(&state, &actor, id)).await?;
    let deleted = state
        .broker
        .delete_authorization(&actor, id, version)
        .await
        .map_err(ApiError::of)?;
    found(deleted.then_some(StatusCode::NO_CONTENT), "authorization")
}

/// Make a one-time link for the person who is to consent
#[utoipa::path(
    post, path = "/authorizations/{id}/connect", tag = "authorizations", operation_id = "connect_authorization",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "The link", body = ConnectLink),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn connect(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<axum::Json<ConnectLink>> {
    let link = state
        .broker
        .connect_link(&actor, id)
        .await
        .map_err(ApiError::of)?;
    Ok(axum::Json(ConnectLink {
        connect_url: state
            .broker
            .url_of(&format!("/connect/{}", link.token.expose_secret())),
        expires_at: link.expires_at,
    }))
}

/// End the consent: revoked at the provider where it can be, not used any more in any case
#[utoipa::path(
    post, path = "/authorizations/{id}/deauthorize", tag = "authorizations", operation_id = "deauthorize_authorization",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "Not authorized any more", body = Authorization),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn deauthorize(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<Versioned<Authorization>> {
    versioned(state.broker.deauthorize(&actor, id).await)
}

/// Take an inactive authorization back into use
#[utoipa::path(
    post, path = "/authorizations/{id}/activate", tag = "authorizations", operation_id = "activate_authorization",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "Active", body = Authorization),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn activate(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<Versioned<Authorization>> {
    versioned(state.broker.set_active(&actor, id, true).await)
}

/// Put an authorization aside: hidden, and left out of the next publication
#[utoipa::path(
    post, path = "/authorizations/{id}/deactivate", tag = "authorizations", operation_id = "deactivate_authorization",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "Inactive", body = Authorization),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn deactivate(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<Versioned<Authorization>> {
    versioned(state.broker.set_active(&actor, id, false).await)
}

/// Refresh the token now
#[utoipa::path(
    post, path = "/authorizations/{id}/refresh", tag = "authorizations", operation_id = "refresh_authorization",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "How it is after that; a refusal of the provider is in `grant.last_error`", body = Authorization),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn refresh(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<Versioned<Authorization>> {
    versioned(state.broker.refresh(&actor, id).await)
}

async fn current(state: &AppState, actor: &Actor, id: AuthorizationId) -> ApiResult<Authorization> {
    let authorization = state.broker.authorization(actor, id).await;
    found(authorization.map_err(ApiError::of)?, "authorization")
}
