//! Is the process alive, and can it do its work?

use super::ApiError;
use crate::state::AppState;
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue},
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

/// The process answers. A restart helps when it does not.
async fn healthy(State(state): State<AppState>) -> (HeaderMap, Json<Value>) {
    let instance = state.broker.instance();
    let instance = instance.and_then(|id| HeaderValue::try_from(id).ok());
    let headers = instance.map(|id| (INSTANCE, id)).into_iter().collect();
    (headers, Json(json!({ "status": "ok" })))
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
