//! `/authorizations/{id}/revocations`: what became of consents that ended (S16).

use super::{ApiError, ApiResult, api::found, extract::Path};
use crate::state::AppState;
use axum::{Extension, extract::State};
use broker::access::Actor;
use model::{AuthorizationId, authorization::Page, problem::Problem, revocation::Revocation};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Consents that ended here, and whether the provider knows, newest first
///
/// Kept for 30 days after the matter was over, also when the authorization was deleted.
#[utoipa::path(
    get, path = "/authorizations/{id}/revocations", tag = "authorizations", operation_id = "list_revocations",
    params(("id" = AuthorizationId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "The revocations", body = Page<Revocation>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<AuthorizationId>,
) -> ApiResult<axum::Json<Page<Revocation>>> {
    let revocations = state.broker.revocations(&actor, id).await;
    let items = found(revocations.map_err(ApiError::of)?, "authorization")?;
    Ok(axum::Json(Page { items, next: None }))
}
