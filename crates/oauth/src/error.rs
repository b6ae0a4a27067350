//! Why a token request failed, sorted by what may be done next.

use std::time::Duration;

use crate::{http::HttpError, reason::Reason};

/// What may be done after a failed token request (`refresh-reliability`: Classification).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Nothing happened at the provider: back off and try again.
    Transient,
    /// The provider may have acted (and rotated the refresh token) before the answer was lost.
    Ambiguous,
    /// `invalid_grant`: the code or refresh token is no longer accepted. Suspect, not proven dead.
    InvalidGrant,
    /// `invalid_client`, `unauthorized_client`: the client registration, not this grant.
    InvalidClient,
    /// The request as configured can't succeed (scope, tenant, redirect, refused address).
    Configuration,
    /// A person has to be present.
    InteractionRequired,
}

/// A failed token or revocation request.
///
/// Holds what may be shown and logged. The body of the answer is not kept: it may hold tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct TokenError {
    /// What may be done next.
    pub class: ErrorClass,
    /// The cause, when the provider's definition knows it.
    pub reason: Option<Reason>,
    /// `error` of the answer (RFC 6749 §5.2), in `snake_case`; ours when there was none.
    pub error: String,
    /// What the provider said, shortened and without secrets.
    pub description: Option<String>,
    /// When the provider wants to be asked again, at most one hour.
    pub retry_after: Option<Duration>,
    /// The provider's identifier of this request, for its support.
    pub correlation_id: Option<String>,
    /// HTTP status of the answer, if there was one.
    pub status: Option<u16>,
}

impl TokenError {
    pub(crate) fn new(class: ErrorClass, error: impl Into<String>) -> Self {
        Self {
            class,
            reason: None,
            error: error.into(),
            description: None,
            retry_after: None,
            correlation_id: None,
            status: None,
        }
    }

    pub(crate) fn describing(self, description: impl Into<String>) -> Self {
        Self {
            description: Some(description.into()),
            ..self
        }
    }

    fn message(&self) -> String {
        let status = self.status.map(|status| format!(" (HTTP {status})"));
        let description = self.description.as_ref().map(|text| format!(": {text}"));
        format!(
            "{}{}{}",
            self.error,
            status.unwrap_or_default(),
            description.unwrap_or_default()
        )
    }
}

impl From<HttpError> for TokenError {
    fn from(error: HttpError) -> Self {
        let (class, name) = match &error {
            HttpError::Refused(_) => (ErrorClass::Configuration, "address_refused"),
            HttpError::Malformed(_) => (ErrorClass::Configuration, "request_malformed"),
            HttpError::Dns(_) | HttpError::Connect(_) => (ErrorClass::Transient, "unreachable"),
            HttpError::Timeout(_) | HttpError::Broken(_) | HttpError::TooLarge(_) => {
                (ErrorClass::Ambiguous, "no_answer")
            }
        };
        Self::new(class, name).describing(error.to_string())
    }
}
