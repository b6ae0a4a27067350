//! How failure is told: problem details (RFC 9457) with a stable code and the fields at fault.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// A failed request. The body of every REST error and the error of every server function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `https://tokenry.dev/problems/{code}` would promise a page; `about:blank` promises nothing (RFC 9457 §4.2.1).
    #[serde(rename = "type", default = "about_blank")]
    pub kind: String,
    /// What the HTTP status means.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable machine-readable code.
    pub code: Code,
    /// What happened and what to do about it, for a person.
    pub detail: String,
    /// The fields at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What a failed publish found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<crate::publish::Issue>,
    /// Why there is no token (`code` = `not_authorized`): `reason` and, for some, `reason_detail`.
    #[serde(default, skip_serializing_if = "Option::is_none", flatten)]
    pub authorization: Option<crate::status::Status>,
    /// When to try again, in seconds; also in the header `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// To find this request in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

fn about_blank() -> String {
    "about:blank".to_owned()
}

impl Problem {
    /// A problem with a code and an explanation.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: about_blank(),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            errors: Vec::new(),
            issues: Vec::new(),
            authorization: None,
            retry_after: None,
            request_id: None,
        }
    }

    /// Invalid fields.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.message.clone(),
            many => format!("{} fields need your attention.", many.len()),
        };
        Self {
            errors,
            ..Self::new(Code::Invalid, detail)
        }
    }

    /// The same, with the time after which it is worth trying again, in whole seconds, at least one.
    #[must_use]
    pub fn retry_after(mut self, wait: TimeDelta) -> Self {
        let seconds = wait.num_milliseconds().max(0).unsigned_abs().div_ceil(1000);
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// The error of one field.
    pub fn error_of(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.as_str())
    }
}

/// One field's error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Path of the field: `name`, `settings.client_id`, `scopes`.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl FieldError {
    /// An error at a field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Stable codes of failure. Add one here, give it a status, and the REST API and the web app know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request is malformed (not JSON, bad query, wrong encoding).
    BadRequest,
    /// Fields are missing or wrong; see `errors`.
    Invalid,
    /// No valid session or API key.
    Unauthenticated,
    /// Signed in, but not allowed; or the request came from another site.
    Forbidden,
    /// No such thing in this workspace.
    NotFound,
    /// The method is not offered here.
    MethodNotAllowed,
    /// `If-Match` names an old version: somebody else saved meanwhile.
    Stale,
    /// `If-Match` is missing.
    PreconditionRequired,
    /// It is in use and cannot be deleted.
    InUse,
    /// It is the last client secret of a client that needs one.
    LastSecret,
    /// The new consent is for another account than the one before; nobody said yet that this is meant.
    AccountUnconfirmed,
    /// The authorization has no consent in force.
    NotAuthorized,
    /// The authorization is not part of the last publication.
    NotPublished,
    /// Nothing changed since the last publication.
    Unchanged,
    /// Nothing is configured yet.
    Empty,
    /// Publishing found errors; see `issues`.
    PublishFailed,
    /// The consent flow is unknown, expired, already used or another browser's.
    FlowInvalid,
    /// The provider refused.
    ProviderRefused,
    /// The provider cannot be reached, or answered nonsense.
    ProviderUnavailable,
    /// Too many requests.
    RateLimited,
    /// The body is larger than allowed.
    TooLarge,
    /// The key and the database do not belong together.
    Sealed,
    /// The server failed; the request id finds it in the logs.
    Internal,
    /// The server cannot be reached (made by the browser only).
    Offline,
}

impl Code {
    /// The HTTP status it is sent with.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::FlowInvalid => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound | Self::NotPublished => 404,
            Self::MethodNotAllowed => 405,
            Self::InUse
            | Self::LastSecret
            | Self::AccountUnconfirmed
            | Self::NotAuthorized
            | Self::Unchanged
            | Self::Empty => 409,
            Self::Stale => 412,
            Self::TooLarge => 413,
            Self::Invalid | Self::PublishFailed => 422,
            Self::PreconditionRequired => 428,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::ProviderRefused => 502,
            Self::ProviderUnavailable | Self::Sealed | Self::Offline => 503,
        }
    }

    /// A short title, the same for every occurrence (RFC 9457 §3.1.3).
    pub const fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "The request is malformed",
            Self::Invalid => "Some fields are not valid",
            Self::Unauthenticated => "Sign in first",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Stale => "Somebody else saved meanwhile",
            Self::PreconditionRequired => "If-Match is missing",
            Self::InUse => "It is in use",
            Self::LastSecret => "It is the last client secret",
            Self::AccountUnconfirmed => "Another account signed in",
            Self::NotAuthorized => "Not authorized",
            Self::NotPublished => "Not published",
            Self::Unchanged => "Nothing to publish",
            Self::Empty => "Nothing is configured yet",
            Self::PublishFailed => "Publishing failed",
            Self::FlowInvalid => "The sign-in cannot be continued",
            Self::ProviderRefused => "The provider refused",
            Self::ProviderUnavailable => "The provider is not available",
            Self::RateLimited => "Too many requests",
            Self::TooLarge => "Too large",
            Self::Sealed => "The vault is sealed",
            Self::Internal => "Something went wrong",
            Self::Offline => "The server cannot be reached",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Problem};
    use chrono::TimeDelta;

    #[test]
    fn waiting_times_are_rounded_up() {
        let after = |millis| {
            Problem::new(Code::RateLimited, "")
                .retry_after(TimeDelta::milliseconds(millis))
                .retry_after
        };
        assert_eq!(after(0), Some(1));
        assert_eq!(after(1200), Some(2));
        assert_eq!(after(2000), Some(2));
    }

    #[test]
    fn no_key_is_there_twice() {
        use crate::status::{CancelReason, Status};
        let problem = Problem {
            authorization: Some(Status::Cancelled(CancelReason::AccountDisabled)),
            ..Problem::new(Code::NotAuthorized, "Why.")
        };
        let json = serde_json::to_string(&problem).unwrap();
        assert_eq!(json.matches(r#""detail":"#).count(), 1, "{json}");
        assert!(json.contains(r#""reason":"cancelled","reason_detail":"account_disabled""#));
        assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
    }
}
