//! Who calls: programs with a key, people with a browser.

use super::{Answer, PUBLIC_URL, TestServer};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use broker::{ExposeSecret as _, accounts::NewSession};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Mutex};

/// Name of the session cookie on https.
const SESSION_COOKIE: &str = "__Host-tokenry_session";

/// A program with an API key.
pub struct Api<'a> {
    server: &'a TestServer,
    /// The key.
    pub key: String,
}

impl<'a> Api<'a> {
    /// A program with this key, good or not.
    pub fn with_key(server: &'a TestServer, key: String) -> Self {
        Self { server, key }
    }

    /// The server.
    pub fn server(&self) -> &'a TestServer {
        self.server
    }

    /// A request to a path below `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
    }

    /// Sends a request.
    pub async fn send(&self, request: axum::http::request::Builder, body: Option<Value>) -> Answer {
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.server.send(request.unwrap()).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path), None).await
    }

    /// POST without a body.
    pub async fn post(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path), None).await
    }

    /// POST of JSON.
    pub async fn post_json(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path), Some(body))
            .await
    }

    /// PATCH, conditional when there is an `ETag`.
    pub async fn patch(&self, path: &str, if_match: Option<&str>, body: Value) -> Answer {
        let mut request = self.request(Method::PATCH, path);
        if let Some(tag) = if_match {
            request = request.header(header::IF_MATCH, tag);
        }
        self.send(request, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path), None).await
    }
}

/// A browser that keeps cookies.
pub struct Browser<'a> {
    server: &'a TestServer,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    pub(super) fn new(server: &'a TestServer) -> Self {
        Self {
            server,
            cookies: Mutex::default(),
        }
    }

    pub(super) fn with_session(self, session: &NewSession) -> Self {
        let token = session.token.expose_secret().to_owned();
        self.cookies
            .lock()
            .unwrap()
            .insert(SESSION_COOKIE.to_owned(), token);
        self
    }

    /// The value of the session cookie.
    pub fn session(&self) -> String {
        self.cookies.lock().unwrap()[SESSION_COOKIE].clone()
    }

    /// Opens an address of the server: a path, or a whole URL below [`PUBLIC_URL`].
    pub async fn get(&self, address: &str) -> Answer {
        self.send(
            self.request(Method::GET, address)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// A request with this browser's cookies.
    pub fn request(&self, method: Method, address: &str) -> axum::http::request::Builder {
        let path = address.strip_prefix(PUBLIC_URL).unwrap_or(address);
        let cookies = self.cookies.lock().unwrap();
        let cookies: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request
    }

    /// Sends a request and keeps the cookies that come back.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.server.send(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies
                .lock()
                .unwrap()
                .insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}
