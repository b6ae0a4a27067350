//! A request's id and its line in the log.
//!
//! The line holds the path, never the query string; where a path may hold a secret, its pattern.

use super::client_ip::{self, ClientIp};
use crate::state::AppState;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use model::problem::Code;
use tracing::Instrument as _;
use uuid::Uuid;

/// Tells the caller the id to quote.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What error answers say of the request they belong to.
#[derive(Clone, Debug)]
pub struct Current {
    /// Its id.
    pub id: String,
    /// The style sheet of small pages.
    pub style_sheet: String,
}

tokio::task_local! {
    static CURRENT: Current;
}

/// The request that is being answered.
pub fn current() -> Option<Current> {
    CURRENT.try_with(Clone::clone).ok()
}

/// An id for every request. One that the caller sends is not believed.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Gives the request its id and its origin, and logs how it went.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = state.new_request_id().to_string();
    let client = client_ip::of(&request, &state.proxies);
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(ClientIp(client));
    let line = Line {
        method: request.method().to_string(),
        path: loggable_path(&request),
        client: client.to_string(),
    };
    let span = tracing::info_span!("request", request_id = id);
    let current = Current {
        id: id.clone(),
        style_sheet: state.asset_paths.css.clone(),
    };

    let began = state.broker.now();
    let handled = CURRENT.scope(current, next.run(request));
    let mut response = handled.instrument(span.clone()).await;
    let took = (state.broker.now() - began).num_milliseconds();
    span.in_scope(|| line.log(&response, took));
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

struct Line {
    method: String,
    path: String,
    client: String,
}

impl Line {
    fn log(&self, response: &Response, took_ms: i64) {
        let Self {
            method,
            path,
            client,
        } = self;
        let status = response.status().as_u16();
        let code = response.extensions().get::<Code>();
        let provider = code == Some(&Code::ProviderUnavailable);
        let code = code.map(tracing::field::debug);
        if matches!(path.as_str(), "/healthz" | "/readyz" | "/metrics") {
            tracing::debug!(method, path, status, took_ms, client, code, "answered");
        } else if status >= 500 && !provider {
            tracing::error!(method, path, status, took_ms, client, code, "answered");
        } else if status >= 400 {
            tracing::warn!(method, path, status, took_ms, client, code, "answered");
        } else {
            tracing::info!(method, path, status, took_ms, client, code, "answered");
        }
    }
}

/// The path as far as it can be known to hold no secret: of what stands in a pattern's place, ids
/// and numbers alone are told (S17).
fn loggable_path(request: &Request) -> String {
    match request.extensions().get::<MatchedPath>() {
        Some(pattern) => fill(pattern.as_str(), request.uri().path()),
        None => "(no route)".to_owned(),
    }
}

fn fill(pattern: &str, path: &str) -> String {
    let segments = pattern.split('/').zip(path.split('/'));
    let shown = segments.map(|(pattern, actual)| {
        let is_harmless = actual.parse::<Uuid>().is_ok() || actual.parse::<u64>().is_ok();
        if pattern.starts_with('{') && !is_harmless {
            pattern
        } else {
            actual
        }
    });
    shown.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn s17_only_ids_and_numbers_are_logged() {
        let id = "01950000-0000-7000-8000-000000000000";
        assert_eq!(
            fill(
                "/authorizations/{id}/token",
                &format!("/authorizations/{id}/token")
            ),
            format!("/authorizations/{id}/token")
        );
        assert_eq!(
            fill("/authorizations/{id}", "/authorizations/hunter2"),
            "/authorizations/{id}"
        );
        assert_eq!(
            fill("/publications/{number}/restore", "/publications/7/restore"),
            "/publications/7/restore"
        );
        assert_eq!(
            fill("/connect/{token}", "/connect/hunter2"),
            "/connect/{token}"
        );
        assert_eq!(fill("/{*unknown}", "/hunter2/and/more"), "/{*unknown}");
        assert_eq!(fill("/", "/"), "/");
    }
}
