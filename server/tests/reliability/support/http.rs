//! Requests to servers and sandbox, from outside.

use http::{Method, Request, StatusCode, header};
use oauth::http::{EgressPolicy, GuardedClient, HttpClient as _, HttpError, Limits};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// The ledger of a storm is larger than what a provider may answer.
const LIMITS: Limits = Limits {
    total: Duration::from_mins(2),
    body: 1 << 30,
};

/// The product's own client, with this machine allowed. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Http(GuardedClient);

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    body: Vec<u8>,
}

impl Http {
    /// A client with no connections yet.
    pub fn new() -> Self {
        let policy = EgressPolicy::parse(["127.0.0.0/8"]).expect("a network");
        let client = GuardedClient::new(policy).expect("the system has a certificate store");
        Self(client.with_limits(LIMITS))
    }

    /// Sends one request; with `key` as its bearer token, and `body` as JSON.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, HttpError> {
        let mut request = Request::builder().method(method).uri(url);
        if let Some(key) = key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let body = body.map(ToString::to_string).unwrap_or_default();
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.into_bytes()).expect("a request");
        let (head, body) = self.0.execute(request).await?.into_parts();
        Ok(Answer {
            status: head.status,
            body,
        })
    }

    /// `GET`.
    pub async fn get(&self, url: &str, key: Option<&str>) -> Result<Answer, HttpError> {
        self.send(Method::GET, url, key, None).await
    }

    /// `POST` of JSON to something that must answer with success.
    pub async fn post(&self, url: &str, body: &Value) -> Answer {
        let answer = self
            .send(Method::POST, url, None, Some(body))
            .await
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(
            answer.status.is_success(),
            "{url}: {}: {}",
            answer.status,
            answer.text()
        );
        answer
    }
}

impl Answer {
    /// The body as JSON of a known form.
    pub fn parse<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}: {}", self.status, self.text()))
    }

    /// The body as any JSON.
    pub fn json(&self) -> Value {
        self.parse()
    }

    /// The body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
