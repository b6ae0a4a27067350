//! `/authorizations/{id}/token`: what connectors read. The one route that answers a secret.

use super::{
    ApiError, ApiResult,
    extract::{Json as Body, Path},
};
use crate::state::AppState;
use axum::{Extension, Json, extract::State};
use broker::access::Actor;
use model::{
    AuthorizationId,
    authorization::{Token, TokenRejected},
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(rejected))
}

/// A fresh access token of a published authorization
#[utoipa::path(
    get, path = "/authorizations/{id}/token", tag = "tokens", operation_id = "read_token",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["tokens:read"])),
    responses(
        (status = 200, description = "The token. Do not keep it past `expires_at`.", body = Token),
        (status = 404, description = "Not part of the last publication", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not authorized; `reason` and `reason_detail` say why", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The provider does not answer refreshes and the token has expired", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds"))),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn read(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<Json<Token>> {
    let token = state.broker.token(&actor, id).await.map_err(ApiError::of)?;
    Ok(Json(token))
}

/// The service does not take the token (401): give one that it may take
///
/// One refresh, however many connectors report the same token. A token younger than a minute is
/// answered again: another one would not fare better.
#[utoipa::path(
    post, path = "/authorizations/{id}/token/rejected", tag = "tokens", operation_id = "token_rejected",
    params(("id" = AuthorizationId, Path)),
    request_body = TokenRejected,
    security(("api_key" = ["tokens:read"])),
    responses(
        (status = 200, description = "The token to use from now on", body = Token),
        (status = 404, description = "Not part of the last publication", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not authorized; `reason` and `reason_detail` say why", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn rejected(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
    Body(report): Body<TokenRejected>,
) -> ApiResult<Json<Token>> {
    let token = state
        .broker
        .token_rejected(&actor, id, report.generation)
        .await
        .map_err(ApiError::of)?;
    Ok(Json(token))
}
