//! Is the process alive, and can it do its work?

use super::ApiError;
use crate::state::AppState;
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderName, HeaderValue},
    response::{IntoResponse as _, Response},
    routing::get,
};
use broker::NotReady;
use model::problem::Code;
use serde_json::{Value, json};

/// `/healthz` and `/readyz`
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
}

/// Says which installation answers, so that `tokenry doctor` sees where an address leads.
pub const INSTANCE: HeaderName = HeaderName::from_static("tokenry-instance");

/// Adds [`INSTANCE`] to an answer.
pub async fn identify(State(state): State<AppState>, mut response: Response) -> Response {
    let instance = state.broker.instance();
    if let Some(id) = instance.and_then(|id| HeaderValue::try_from(id).ok()) {
        response.headers_mut().insert(INSTANCE, id);
    }
    response
}

/// The process answers. A restart helps when it does not.
async fn healthy(state: State<AppState>) -> Response {
    identify(state, Json(json!({ "status": "ok" })).into_response()).await
}

/// Requests can be answered. A restart does not help when they cannot.
async fn ready(State(state): State<AppState>) -> Result<Json<Value>, ApiError> {
    match state.broker.ready().await {
        Ok(()) => Ok(Json(json!({ "status": "ready" }))),
        Err(reason) => {
            tracing::error!(error = %reason, "not ready");
            let code = match reason {
                NotReady::Sealed(_) => Code::Sealed,
                // Not `Internal`: the load balancer is to look elsewhere, not to report a bug.
                NotReady::Storage(_) | NotReady::Journal => Code::ProviderUnavailable,
            };
            Err(ApiError::new(code, format!("Not ready: {reason}."))
                .with_status(axum::http::StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}
