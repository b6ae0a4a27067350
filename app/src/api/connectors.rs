//! Connectors.

use super::UiError;
use leptos::server;
use model::{
    ConnectorId,
    connector::{Connector, ConnectorInput},
};
use server_fn::codec::Json;

/// All connectors of the workspace.
#[server(prefix = "/ui", endpoint = "connectors/list", input = Json)]
pub async fn list() -> Result<Vec<Connector>, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .connectors(&actor)
        .await
        .map_err(super::refuse)
}

/// Creates a connector.
#[server(prefix = "/ui", endpoint = "connectors/create", input = Json)]
pub async fn create(input: ConnectorInput) -> Result<Connector, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .create_connector(&actor, input)
        .await
        .map_err(super::refuse)
}

/// Changes a connector, unless somebody else has meanwhile.
#[server(prefix = "/ui", endpoint = "connectors/update", input = Json)]
pub async fn update(
    id: ConnectorId,
    version: i64,
    input: ConnectorInput,
) -> Result<Connector, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .update_connector(&actor, id, version, input)
        .await
        .map_err(super::refuse)
}

/// Deletes a connector. `false`: it was gone already.
#[server(prefix = "/ui", endpoint = "connectors/delete", input = Json)]
pub async fn delete(id: ConnectorId) -> Result<bool, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .delete_connector(&actor, id, None)
        .await
        .map_err(super::refuse)
}
