//! The REST API as a whole: who gets in, which resources there are, what is said about the rest.

use super::{
    ApiError, api_keys, authorizations, client_secrets, connectors,
    extract::{method_not_allowed, no_such_route},
    notifications, openapi, overview, providers, publish, revocations, token,
};
use crate::{middleware::api_key, state::AppState};
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{any, get},
};
use utoipa_axum::router::OpenApiRouter;

/// `/api`: version 1 behind a key, and its description for everybody.
pub fn routes(state: &AppState) -> Router<AppState> {
    let (v1, document) = described().split_for_parts();
    let v1 = v1
        .route("/{*unknown}", any(no_such_route))
        .method_not_allowed_fallback(method_not_allowed)
        // Over what does not exist too: without a key nobody learns which routes there are (S35).
        .layer(from_fn_with_state(state.clone(), api_key::require));
    let document = openapi::to_json(&document);
    Router::new()
        .nest("/api/v1", v1)
        .route(
            "/api/openapi.json",
            get(async move || openapi::serve(document)),
        )
        .route("/api", any(no_such_route))
        .route("/api/{*unknown}", any(no_such_route))
}

/// The `OpenAPI` document.
pub fn document() -> utoipa::openapi::OpenApi {
    described().into_openapi()
}

/// Handlers and their description come from one list, so that they cannot differ.
fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::head())
        .merge(providers::routes())
        .merge(connectors::routes())
        .merge(authorizations::routes())
        .merge(client_secrets::routes())
        .merge(revocations::routes())
        .merge(overview::routes())
        .merge(token::routes())
        .merge(publish::routes())
        .merge(notifications::routes())
        .merge(api_keys::routes())
}

/// Shorthand of the resources: not found in this workspace.
pub fn found<T>(thing: Option<T>, what: &str) -> Result<T, ApiError> {
    thing.ok_or_else(|| broker::error::not_found(what).into())
}
