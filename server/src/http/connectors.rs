//! `/connectors`: what uses an authorization.

use super::{
    ApiError, ApiResult,
    api::found,
    extract::{IfMatch, Json, Path, Versioned, created, versioned},
};
use crate::state::AppState;
use axum::{Extension, extract::State, http::StatusCode, response::IntoResponse};
use broker::access::Actor;
use model::{
    ConnectorId,
    authorization::Page,
    connector::{Connector, ConnectorConfig, ConnectorInput},
    problem::{Code, FieldError, Problem},
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
}

/// What `PATCH` takes: only what is given changes
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct ConnectorPatch {
    /// New name.
    name: Option<String>,
    /// Members of the configuration to change.
    #[schema(value_type = Option<Object>)]
    config: Option<serde_json::Map<String, serde_json::Value>>,
}

impl ConnectorPatch {
    fn apply(self, connector: Connector) -> ApiResult<ConnectorInput> {
        Ok(ConnectorInput {
            name: self.name.unwrap_or(connector.name),
            config: match self.config {
                Some(changes) => merge(&connector.config, changes)?,
                None => connector.config,
            },
        })
    }
}

/// The configuration with some members replaced (RFC 7396, one level deep).
fn merge(
    config: &ConnectorConfig,
    changes: serde_json::Map<String, serde_json::Value>,
) -> ApiResult<ConnectorConfig> {
    let mut merged = serde_json::to_value(config)
        .map_err(|_| ApiError::new(Code::Internal, "The configuration cannot be read back."))?;
    if let Some(members) = merged["config"].as_object_mut() {
        for (key, value) in changes {
            if value.is_null() {
                members.remove(&key);
            } else {
                members.insert(key, value);
            }
        }
    }
    serde_json::from_value(merged).map_err(|_| {
        let message = "A member has the wrong type, or one that must be there is missing.";
        Problem::invalid(vec![FieldError::new("config", message)]).into()
    })
}

/// All connectors
#[utoipa::path(
    get, path = "/connectors", tag = "connectors", operation_id = "list_connectors",
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "The connectors", body = Page<Connector>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<axum::Json<Page<Connector>>> {
    let items = state
        .broker
        .connectors(&actor)
        .await
        .map_err(ApiError::of)?;
    Ok(axum::Json(Page { items, next: None }))
}

/// A new connector
#[utoipa::path(
    post, path = "/connectors", tag = "connectors", operation_id = "create_connector",
    request_body = ConnectorInput,
    security(("api_key" = ["manage"])),
    responses(
        (status = 201, description = "Made", body = Connector,
            headers(("Location" = String, description = "Where it is"), ("ETag" = String, description = "Its version"))),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<ConnectorInput>,
) -> ApiResult<impl IntoResponse> {
    let made = state.broker.create_connector(&actor, input).await;
    created(made, |made| format!("/api/v1/connectors/{}", made.id))
}

/// One connector
#[utoipa::path(
    get, path = "/connectors/{id}", tag = "connectors", operation_id = "get_connector",
    params(("id" = ConnectorId, Path)),
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "The connector", body = Connector,
            headers(("ETag" = String, description = "Its version"))),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<ConnectorId>,
) -> ApiResult<Versioned<Connector>> {
    current(&state, &actor, id).await.map(Versioned)
}

/// Change a connector
#[utoipa::path(
    patch, path = "/connectors/{id}", tag = "connectors", operation_id = "update_connector",
    params(("id" = ConnectorId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` the change starts from")),
    request_body = ConnectorPatch,
    security(("api_key" = ["manage"])),
    responses(
        (status = 200, description = "Changed", body = Connector,
            headers(("ETag" = String, description = "Its new version"))),
        (status = 412, description = "Somebody else saved meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn patch(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<ConnectorId>,
    if_match: IfMatch,
    Json(patch): Json<ConnectorPatch>,
) -> ApiResult<Versioned<Connector>> {
    let connector = current(&state, &actor, id).await?;
    let version = if_match.agree(connector.version)?;
    let input = patch.apply(connector)?;
    versioned(
        state
            .broker
            .update_connector(&actor, id, version, input)
            .await,
    )
}

/// Delete a connector that no authorization has
#[utoipa::path(
    delete, path = "/connectors/{id}", tag = "connectors", operation_id = "delete_connector",
    params(("id" = ConnectorId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` the deletion is meant for")),
    security(("api_key" = ["manage"])),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "In use", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<ConnectorId>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    let version = if_match.expected(current(&state, &actor, id)).await?;
    let deleted = state
        .broker
        .delete_connector(&actor, id, version)
        .await
        .map_err(ApiError::of)?;
    found(deleted.then_some(StatusCode::NO_CONTENT), "connector")
}

async fn current(state: &AppState, actor: &Actor, id: ConnectorId) -> ApiResult<Connector> {
    let connector = state
        .broker
        .connector(actor, id)
        .await
        .map_err(ApiError::of)?;
    found(connector, "connector")
}
