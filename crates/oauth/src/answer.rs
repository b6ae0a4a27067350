//! Judging answers of token and revocation endpoints, however they are written.
//!
//! Whether to retry is decided by HTTP status and `error`; the provider's numeric codes only pick
//! the [`Reason`](crate::Reason).

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::{
    catalogue::Provider,
    error::{ErrorClass, TokenError},
    text::presentable,
};

/// An answer to judge.
pub(crate) struct Answer<'a> {
    pub provider: &'a Provider,
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub now: DateTime<Utc>,
    /// Values that must not show up in a message.
    pub secrets: &'a [&'a str],
}

/// Where providers put it: Entra, Azure DevOps (both names), and what is common elsewhere.
const REQUEST_IDS: [&str; 4] = [
    "x-ms-request-id",
    "x-vss-e2eid",
    "activityid",
    "x-request-id",
];
/// The longest wait a provider can ask for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Whether this is a token response that can be read.
pub(crate) fn check_token(answer: &Answer<'_>) -> Result<(), TokenError> {
    let body = serde_json::from_slice::<Value>(answer.body).unwrap_or_default();
    let refusal = Refusal::read(&body);
    if answer.status != StatusCode::OK || refusal.is_some() {
        return Err(failure(answer, refusal));
    }
    match body.get("access_token").and_then(Value::as_str) {
        Some(token) if !token.is_empty() => Ok(()),
        _ => Err(unreadable()),
    }
}

/// Whether the token is revoked. RFC 7009 §2.2: 200, also for a token the provider does not know.
pub(crate) fn check_revocation(answer: &Answer<'_>) -> Result<(), TokenError> {
    if answer.status.is_success() {
        return Ok(());
    }
    let body = serde_json::from_slice::<Value>(answer.body).unwrap_or_default();
    Err(failure(answer, Refusal::read(&body)))
}

/// A 200 without a token in it: a proxy's page, a maintenance notice. Never overwrites anything.
pub(crate) fn unreadable() -> TokenError {
    TokenError {
        status: Some(StatusCode::OK.as_u16()),
        ..TokenError::new(ErrorClass::Transient, "no_token_in_answer")
            .describing("the provider's answer holds no access token")
    }
}

/// The provider's `Date`.
pub(crate) fn server_date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    http_date(headers.get(header::DATE)?.to_str().ok()?)
}

/// `error` and `error_description` of a callback.
pub(crate) fn callback_error(
    provider: &Provider,
    error: &str,
    description: Option<&str>,
) -> TokenError {
    let refusal = Refusal {
        error: snake_case(error),
        description: description.unwrap_or_default().to_owned(),
        codes: Vec::new(),
        correlation_id: None,
    };
    let class = class_of_error(&refusal.error).unwrap_or(ErrorClass::Configuration);
    refusal.into_error(provider, class, &[])
}

/// What an error body says (RFC 6749 §5.2), in either casing.
struct Refusal {
    error: String,
    description: String,
    codes: Vec<u64>,
    correlation_id: Option<String>,
}

impl Refusal {
    fn read(body: &Value) -> Option<Self> {
        let text = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| body.get(name));
            found.and_then(Value::as_str)
        };
        let error = text(["error", "Error"])?;
        let codes = body.get("error_codes").and_then(Value::as_array);
        Some(Self {
            error: snake_case(error),
            description: text(["error_description", "ErrorDescription"])
                .unwrap_or_default()
                .to_owned(),
            codes: codes
                .map(|codes| codes.iter().filter_map(Value::as_u64).collect())
                .unwrap_or_default(),
            correlation_id: text(["correlation_id", "trace_id"]).map(str::to_owned),
        })
    }

    fn into_error(self, provider: &Provider, class: ErrorClass, secrets: &[&str]) -> TokenError {
        let mut codes = self.codes;
        if let Some(prefix) = &provider.definition.tokens.code_prefix {
            codes.extend(code_in(&self.description, prefix));
        }
        let shown = |text: &str| Some(presentable(text, secrets)).filter(|text| !text.is_empty());
        TokenError {
            reason: provider
                .reasons
                .look_up(&codes, &self.error, &self.description),
            description: shown(&self.description),
            correlation_id: self.correlation_id.and_then(|id| shown(&id)),
            ..TokenError::new(class, presentable(&self.error, secrets))
        }
    }
}

fn failure(answer: &Answer<'_>, refusal: Option<Refusal>) -> TokenError {
    let class = class_of_status(answer.status).unwrap_or_else(|| {
        let means_it =
            answer.status != StatusCode::OK || answer.provider.definition.tokens.errors_with_ok;
        let stated = refusal.as_ref().filter(|_| means_it);
        stated
            .and_then(|refusal| class_of_error(&refusal.error))
            // Nothing that could be understood: never a reason to declare a grant dead.
            .unwrap_or(ErrorClass::Transient)
    });
    let error = match refusal {
        Some(refusal) => refusal.into_error(answer.provider, class, answer.secrets),
        None => TokenError::new(class, "unexpected_answer").describing(format!(
            "The provider answered with HTTP {}.",
            answer.status.as_u16()
        )),
    };
    TokenError {
        status: Some(answer.status.as_u16()),
        retry_after: retry_after(answer.headers, answer.now),
        correlation_id: error.correlation_id.clone().or_else(|| request_id(answer)),
        ..error
    }
}

/// The provider's name of the request, where the body does not say it.
fn request_id(answer: &Answer<'_>) -> Option<String> {
    let named = REQUEST_IDS
        .iter()
        .find_map(|name| answer.headers.get(*name));
    let id = presentable(named?.to_str().ok()?, answer.secrets);
    (!id.is_empty()).then_some(id)
}

/// Statuses that say more than any body.
fn class_of_status(status: StatusCode) -> Option<ErrorClass> {
    match status.as_u16() {
        300..=399 => Some(ErrorClass::Configuration),
        408 | 425 | 429 | 503 => Some(ErrorClass::Transient),
        500..=599 => Some(ErrorClass::Ambiguous),
        _ => None,
    }
}

/// RFC 6749 §4.1.2.1 and §5.2, `OpenID` Connect Core §3.1.2.6, RFC 8707 §2.
fn class_of_error(error: &str) -> Option<ErrorClass> {
    Some(match error {
        "invalid_grant" => ErrorClass::InvalidGrant,
        "invalid_client" | "unauthorized_client" => ErrorClass::InvalidClient,
        "invalid_scope"
        | "invalid_request"
        | "invalid_target"
        | "invalid_resource"
        | "unsupported_grant_type"
        | "unsupported_response_type"
        | "unsupported_token_type" => ErrorClass::Configuration,
        "interaction_required"
        | "login_required"
        | "consent_required"
        | "account_selection_required"
        | "access_denied" => ErrorClass::InteractionRequired,
        "temporarily_unavailable" | "slow_down" => ErrorClass::Transient,
        "server_error" => ErrorClass::Ambiguous,
        _ => return None,
    })
}

/// `InvalidScope` → `invalid_scope`; what is in snake case already stays.
fn snake_case(error: &str) -> String {
    let mut out = String::with_capacity(error.len() + 4);
    let mut after_lower = false;
    for c in error.trim().chars() {
        if c.is_ascii_uppercase() && after_lower {
            out.push('_');
        }
        after_lower = c.is_ascii_lowercase();
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The number after `prefix`.
fn code_in(text: &str, prefix: &str) -> Option<u64> {
    let (_, tail) = text.split_once(prefix)?;
    let end = tail
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(tail.len());
    tail[..end].parse().ok()
}

/// Seconds or a date (RFC 9110 §10.2.3). A date is the provider's, so it is compared with the
/// provider's clock, where the answer tells it.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = value.parse() {
        Duration::from_secs(seconds)
    } else {
        let now = server_date(headers).unwrap_or(now);
        (http_date(value)? - now).to_std().unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some(date.to_utc())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn wait(value: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        let now = http_date("Wed, 21 Oct 2015 07:28:00 GMT").unwrap();
        retry_after(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn r10_retry_after_in_both_forms() {
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Wed, 21 Oct 2015 07:30:00 GMT"), Some(120));
        assert_eq!(wait("Wed, 21 Oct 2015 07:00:00 GMT"), Some(0));
        assert_eq!(wait("86400"), Some(3600));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn r12_a_date_to_wait_for_is_by_the_providers_clock() {
        let mut headers = HeaderMap::new();
        let header = |text| HeaderValue::from_static(text);
        headers.insert(header::RETRY_AFTER, header("Wed, 21 Oct 2015 07:30:00 GMT"));
        headers.insert(header::DATE, header("Wed, 21 Oct 2015 07:29:00 GMT"));
        let ours = http_date("Wed, 21 Oct 2015 07:40:00 GMT").unwrap();
        assert_eq!(retry_after(&headers, ours), Some(Duration::from_mins(1)));
    }

    #[test]
    fn both_casings_are_one() {
        assert_eq!(snake_case("InvalidScope"), "invalid_scope");
        assert_eq!(snake_case("invalid_scope"), "invalid_scope");
    }

    #[test]
    fn codes_are_found_in_messages() {
        assert_eq!(code_in("AADSTS65004: User declined", "AADSTS"), Some(65004));
        assert_eq!(code_in("AADSTS", "AADSTS"), None);
        assert_eq!(code_in("nothing", "AADSTS"), None);
    }

    proptest! {
        #[test]
        fn readers_never_panic(text in ".*") {
            let _ = snake_case(&text);
            let _ = code_in(&text, "A");
            let _ = http_date(&text);
        }
    }
}
