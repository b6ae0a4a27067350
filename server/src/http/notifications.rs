//! `/notifications`, `/notification-channels`, `/notification-deliveries`: what people are told, and
//! how it reaches them.

use super::{
    ApiError, ApiResult,
    api::found,
    extract::{Json, Path, Query, made},
};
use crate::state::AppState;
use axum::{Extension, extract::State, http::StatusCode, response::IntoResponse};
use broker::access::Actor;
use model::{
    ChannelId,
    authorization::Page,
    notification::{
        Channel, ChannelCreated, ChannelInput, Delivery, MarkRead, NotificationPage, PageQuery,
    },
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(mark_read))
        .routes(routes!(channels, create_channel))
        .routes(routes!(delete_channel))
        .routes(routes!(test_channel))
        .routes(routes!(deliveries))
}

/// What people were told, newest first; kept for 90 days
///
/// What is `read` and how many are `unread` counts for the key that asks.
#[utoipa::path(
    get, path = "/notifications", tag = "notifications", operation_id = "list_notifications",
    params(
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "Entries a page, 1 to 200; 50 when absent"),
    ),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "A page of them", body = NotificationPage),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<PageQuery>,
) -> ApiResult<axum::Json<NotificationPage>> {
    let page = state.broker.notifications(&actor, &query).await;
    page.map(axum::Json).map_err(ApiError::of)
}

/// Mark notifications as read, for the key that asks
#[utoipa::path(
    post, path = "/notifications/read", tag = "notifications", operation_id = "read_notifications",
    request_body = MarkRead,
    security(("api_key" = ["manage"])),
    responses(
        (status = 204, description = "Read"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn mark_read(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<MarkRead>,
) -> ApiResult<StatusCode> {
    let marked = state
        .broker
        .mark_notifications_read(&actor, input.up_to)
        .await;
    marked.map_err(ApiError::of)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where notifications are sent, oldest first
#[utoipa::path(
    get, path = "/notification-channels", tag = "notifications", operation_id = "list_notification_channels",
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "The channels", body = Page<Channel>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn channels(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<axum::Json<Page<Channel>>> {
    let channels = state.broker.notification_channels(&actor).await;
    let items = channels.map_err(ApiError::of)?;
    Ok(axum::Json(Page { items, next: None }))
}

/// A new channel; the signing secret of a webhook is shown this once
///
/// Webhooks follow the Standard Webhooks specification: `webhook-id`, `webhook-timestamp`, and
/// `webhook-signature` with HMAC-SHA256 of `{id}.{timestamp}.{body}`.
#[utoipa::path(
    post, path = "/notification-channels", tag = "notifications", operation_id = "create_notification_channel",
    request_body = ChannelInput,
    security(("api_key" = ["manage"])),
    responses(
        (status = 201, description = "Made", body = ChannelCreated,
            headers(("Location" = String, description = "Where it is"))),
        (status = 422, description = "The target is not valid, or may not be reached", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create_channel(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<ChannelInput>,
) -> ApiResult<impl IntoResponse> {
    let created = state
        .broker
        .create_notification_channel(&actor, input)
        .await;
    made(created, |created| {
        format!("/api/v1/notification-channels/{}", created.channel.id)
    })
}

/// Delete a channel, and what waits to be sent there
#[utoipa::path(
    delete, path = "/notification-channels/{id}", tag = "notifications", operation_id = "delete_notification_channel",
    params(("id" = ChannelId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 204, description = "Gone"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn delete_channel(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<ChannelId>,
) -> ApiResult<StatusCode> {
    let deleted = state.broker.delete_notification_channel(&actor, id).await;
    let deleted = deleted.map_err(ApiError::of)?;
    found(
        deleted.then_some(StatusCode::NO_CONTENT),
        "notification channel",
    )
}

/// Send a test through a channel, once, and tell how it went
#[utoipa::path(
    post, path = "/notification-channels/{id}/test", tag = "notifications", operation_id = "test_notification_channel",
    params(("id" = ChannelId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "Tried; `state` says whether it arrived", body = Delivery),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn test_channel(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<ChannelId>,
) -> ApiResult<axum::Json<Delivery>> {
    let delivery = state.broker.test_notification_channel(&actor, id).await;
    delivery.map(axum::Json).map_err(ApiError::of)
}

/// What was sent, and what waits to be, newest first
#[utoipa::path(
    get, path = "/notification-deliveries", tag = "notifications", operation_id = "list_notification_deliveries",
    params(
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "Entries a page, 1 to 200; 50 when absent"),
    ),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "A page of them", body = Page<Delivery>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn deliveries(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<PageQuery>,
) -> ApiResult<axum::Json<Page<Delivery>>> {
    let page = state.broker.notification_deliveries(&actor, &query).await;
    page.map(axum::Json).map_err(ApiError::of)
}
