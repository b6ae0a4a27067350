//! What is measured, for Prometheus.

use super::ApiError;
use crate::{middleware::api_key::bearer, state::AppState};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use model::problem::Code;

/// Prometheus' text format.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// `/metrics`, unless the operator does not want it.
pub fn routes(state: &AppState) -> Router<AppState> {
    match state.metrics {
        Some(_) => Router::new().route("/metrics", get(read)),
        None => Router::new(),
    }
}

async fn read(State(state): State<AppState>, headers: HeaderMap) -> Response {
    match state.metrics {
        Some(metrics) if metrics.opens_with(bearer(&headers)) => {
            ([(header::CONTENT_TYPE, TEXT)], metrics.text()).into_response()
        }
        _ => {
            let refused = ApiError::new(
                Code::Unauthenticated,
                "Send the token of `metrics.bearer_token`: `Authorization: Bearer …`.",
            );
            // RFC 6750 §3
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"Tokenry metrics\"")];
            (challenge, refused).into_response()
        }
    }
}
