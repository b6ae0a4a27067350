//! Is the process alive, and can it do its work?

use super::ApiError;
use crate::state::AppState;
use axum::{Json, Router, extract::State, routing::get};
use broker::NotReady;
use model::problem::Code;
use serde_json::{Value, json};

/// `/healthz` and `/readyz`
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
}

/// The process answers. A restart helps when it does not.
async fn healthy() -> Json<Value> {
    Json(json!({ "status": "ok" }))
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
                NotReady::Storage(_) => Code::ProviderUnavailable,
            };
            Err(ApiError::new(code, format!("Not ready: {reason}."))
                .with_status(axum::http::StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}
