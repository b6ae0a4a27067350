//! `/publish` and `/publications`: what the run time serves, and when that changes.

use super::{
    ApiError, ApiResult,
    extract::{Path, Query},
};
use crate::state::AppState;
use axum::{Extension, Json, extract::State};
use broker::access::Actor;
use model::{
    authorization::Page,
    problem::{Code, Problem},
    publish::{Publication, PublishState, Published},
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Publications a page when nobody says.
const PAGE: u32 = 50;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(state, publish))
        .routes(routes!(list))
        .routes(routes!(restore))
}

/// Where to go on in the history
#[derive(Debug, Deserialize)]
struct History {
    cursor: Option<i64>,
    limit: Option<u32>,
}

/// What differs from the last publication, and what publishing would report
#[utoipa::path(
    get, path = "/publish", tag = "publish", operation_id = "get_publish_state",
    security(("api_key" = ["publish"])),
    responses(
        (status = 200, description = "The state", body = PublishState),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn state(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<PublishState>> {
    let current = state.broker.publish_state(&actor).await;
    current.map(Json).map_err(ApiError::of)
}

/// Publish
#[utoipa::path(
    post, path = "/publish", tag = "publish", operation_id = "publish",
    security(("api_key" = ["publish"])),
    responses(
        (status = 200, description = "Published", body = Published),
        (status = 409, description = "`unchanged` or `empty`: nothing to publish", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`issues` say why nothing was published", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn publish(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<Published>> {
    let published = state.broker.publish(&actor).await;
    published.map(Json).map_err(ApiError::of)
}

/// The history, newest first
#[utoipa::path(
    get, path = "/publications", tag = "publish", operation_id = "list_publications",
    params(
        ("cursor" = Option<i64>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "Entries a page, 1 to 200; 50 when absent"),
    ),
    security(("api_key" = ["publish"])),
    responses(
        (status = 200, description = "A page of it", body = Page<Publication>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(History { cursor, limit }): Query<History>,
) -> ApiResult<Json<Page<Publication>>> {
    let limit = limit.unwrap_or(PAGE);
    if !(1..=200).contains(&limit) {
        return Err(ApiError::new(Code::BadRequest, "limit: choose 1 to 200."));
    }
    // One more than asked for tells whether there is a next page.
    let mut items = state
        .broker
        .publications(&actor, cursor, limit + 1)
        .await
        .map_err(ApiError::of)?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let last = items.last().filter(|_| more);
    let next = last.map(|publication| publication.number.to_string());
    Ok(Json(Page { items, next }))
}

/// Publish again what an earlier publication held
#[utoipa::path(
    post, path = "/publications/{number}/restore", tag = "publish", operation_id = "restore_publication",
    params(("number" = i64, Path)),
    security(("api_key" = ["publish"])),
    responses(
        (status = 200, description = "Published", body = Published),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn restore(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(number): Path<i64>,
) -> ApiResult<Json<Published>> {
    let published = state.broker.restore(&actor, number).await;
    published.map(Json).map_err(ApiError::of)
}
