//! The HTTP port, with the sandbox's router at its other end.

use async_trait::async_trait;
use axum::{Router, body::Body};
use oauth::http::{HttpClient, HttpError};
use sandbox::Sandbox;
use tower::ServiceExt as _;

pub struct SandboxHttp(Router);

impl SandboxHttp {
    pub fn new(sandbox: &Sandbox) -> Self {
        Self(sandbox.router())
    }
}

#[async_trait]
impl HttpClient for SandboxHttp {
    async fn execute(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, HttpError> {
        let answered = self.0.clone().oneshot(request.map(Body::from)).await;
        let (parts, body) = answered.expect("routers answer").into_parts();
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .map_err(|error| HttpError::Broken(error.to_string()))?;
        Ok(http::Response::from_parts(parts, body.into()))
    }
}
