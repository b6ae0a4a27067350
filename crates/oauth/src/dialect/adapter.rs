//! Between the `oauth2` crate and the guarded client.
//!
//! The crate's own errors keep the raw body and print it, so answers are judged here: what reaches
//! the crate is a success, everything else becomes a [`TokenError`] that holds no secret.

use std::{future::Future, pin::Pin, sync::OnceLock};

use chrono::{DateTime, Utc};
use http::{HeaderValue, Request, Response, StatusCode, header};
use oauth2::AsyncHttpClient;
use url::{Url, form_urlencoded};

use super::legacy;
use crate::{
    answer::{self, Answer},
    catalogue::{ClientRegistration, Dialect},
    error::TokenError,
    http::HttpClient,
};

/// One request to the token or revocation endpoint.
pub(super) struct Adapter<'a> {
    pub(super) registration: &'a ClientRegistration,
    pub(super) http: &'a dyn HttpClient,
    pub(super) now: DateTime<Utc>,
    /// The real address; the crate may have been shown another scheme.
    pub(super) endpoint: &'a Url,
    /// How the answer is judged.
    pub(super) check: fn(&Answer<'_>) -> Result<(), TokenError>,
    /// The provider's clock, known after the answer.
    pub(super) server_date: OnceLock<DateTime<Utc>>,
}

/// Form parameters whose values must never show up in a message.
const SECRET_PARAMETERS: [&str; 7] = [
    "client_secret",
    "client_assertion",
    "assertion",
    "code",
    "code_verifier",
    "refresh_token",
    "token",
];

impl Adapter<'_> {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TokenError> {
        let request = self.encode(request)?;
        let form: Vec<_> = form_urlencoded::parse(request.body())
            .into_owned()
            .collect();
        let secrets: Vec<&str> = form
            .iter()
            .filter(|(name, _)| SECRET_PARAMETERS.contains(&name.as_str()))
            .map(|(_, value)| value.as_str())
            .collect();
        let (head, body) = self.http.execute(request).await?.into_parts();
        if let Some(date) = answer::server_date(&head.headers) {
            // One adapter sends one request, so the cell is empty.
            let _ = self.server_date.set(date);
        }
        (self.check)(&Answer {
            provider: &self.registration.provider,
            status: head.status,
            headers: &head.headers,
            body: &body,
            now: self.now,
            secrets: &secrets,
        })?;
        let mut accepted = Response::new(body);
        *accepted.status_mut() = StatusCode::OK;
        let json = HeaderValue::from_static("application/json");
        accepted.headers_mut().insert(header::CONTENT_TYPE, json);
        Ok(accepted)
    }

    fn encode(&self, mut request: Request<Vec<u8>>) -> Result<Request<Vec<u8>>, TokenError> {
        *request.uri_mut() = self.endpoint.as_str().parse().map_err(|_| {
            let text = "the endpoint is not an address";
            TokenError::new(crate::ErrorClass::Configuration, "request_malformed").describing(text)
        })?;
        Ok(match self.registration.provider.dialect() {
            Dialect::AuthorizationCode | Dialect::EntraV2 => request,
            Dialect::AzureDevOpsLegacy => {
                legacy::re_encode(request, &self.registration.redirect_uri)
            }
        })
    }
}

impl<'c> AsyncHttpClient<'c> for Adapter<'_> {
    type Error = TokenError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, TokenError>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}
