//! What came back.

use axum::{
    body::Body,
    http::{HeaderMap, Response, StatusCode, header},
};
use serde_json::Value;
use std::fmt::Write as _;

/// A response, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Answer {
    pub(super) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// A header; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.body))
    }

    /// A member of the JSON body that is a string.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let json = self.json();
        let text = json.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text at {pointer}: {json:#}"))
            .to_owned()
    }

    /// The problem's code, after a check that it is a proper problem.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.body
        );
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16(), "{json:#}");
        assert_eq!(json["request_id"], self.header("x-request-id"), "{json:#}");
        self.text("/code")
    }

    /// Checks the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// Where a redirect leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header(header::LOCATION.as_str())
    }

    /// Status and body for a snapshot, ids left out.
    pub fn shown(&self) -> String {
        let mut text = self.status.as_u16().to_string();
        if !self.body.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, " {:#}", without_ids(self.json()));
        }
        text
    }
}

/// Ids depend on how many were made before; what is tested does not.
fn without_ids(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_id(&text)),
        Value::Array(items) => items.into_iter().map(without_ids).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key, without_ids(value)))
            .collect(),
        other => other,
    }
}

fn without_id(text: &str) -> String {
    text.split('/')
        .map(|part| {
            if uuid::Uuid::parse_str(part).is_ok() && part.starts_with("019") {
                "[id]"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}
