//! Extractors that answer problem details, and the conditions of conditional requests.

use super::{ApiError, ApiResult};
use axum::body::Bytes;
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use broker::error::WriteError;
use model::{
    authorization::Authorization,
    connector::Connector,
    problem::{Code, Problem},
};
use serde::{Serialize, de::DeserializeOwned};
use std::error::Error;

/// A JSON body. What is wrong with it is told by place, never by repeating its values: they may
/// be secrets (S17).
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        if !is_json(&request) {
            return Err(ApiError::new(
                Code::BadRequest,
                "Send the body as JSON, with `Content-Type: application/json`.",
            )
            .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    too_large()
                } else {
                    ApiError::new(Code::BadRequest, "The body could not be read to its end.")
                }
            })?;
        let deserializer = &mut serde_json::Deserializer::from_slice(&body);
        serde_path_to_error::deserialize(deserializer)
            .map(Self)
            .map_err(|error| {
                let path = error.path().to_string();
                malformed(&path, error.inner())
            })
    }
}

/// The error of a body over the limit.
pub fn too_large() -> ApiError {
    ApiError::new(
        Code::TooLarge,
        format!("Send at most {} KiB.", crate::middleware::BODY_LIMIT / 1024),
    )
}

fn is_json(request: &Request) -> bool {
    let value = request.headers().get(header::CONTENT_TYPE);
    let Some(kind) = value.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn malformed(path: &str, error: &serde_json::Error) -> ApiError {
    let place = format!("line {}, column {}", error.line(), error.column());
    let detail = match (error.classify(), path) {
        (serde_json::error::Category::Data, "." | "?") => {
            format!(
                "The body is not as expected at {place}: {}.",
                expectation(error)
            )
        }
        (serde_json::error::Category::Data, path) => {
            format!(
                "`{path}` is not as expected ({place}): {}.",
                expectation(error)
            )
        }
        _ => format!("The body is not JSON; it goes wrong at {place}."),
    };
    ApiError::new(Code::BadRequest, detail)
}

/// The part of a serde message that says what should be there, without what was.
fn expectation(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(text, _)| text);
    if message.starts_with("missing field") {
        return message.to_owned();
    }
    // What was there comes first and may hold the word itself; what should be there comes last.
    match message.rsplit_once("expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "its value is not valid".to_owned(),
    }
}

/// Parameters of the path. One that cannot be an id names nothing that exists.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| ApiError::new(Code::NotFound, "There is nothing at this address."))
    }
}

/// Parameters of the query.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| ApiError::new(Code::BadRequest, rejection.body_text()))
    }
}

/// `If-Match` (RFC 9110 §13.1.1), which makes a write conditional on the version it started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// Absent or `*`: whatever version there is.
    Any,
    /// One of these. Weak and foreign tags are left out, since they match nothing.
    OneOf(Vec<i64>),
}

impl IfMatch {
    /// The version to write on: the current one, if the caller agrees.
    pub fn agree(&self, current: i64) -> ApiResult<i64> {
        match self {
            Self::Any => Ok(current),
            Self::OneOf(versions) if versions.contains(&current) => Ok(current),
            Self::OneOf(_) => Err(ApiError::of(WriteError::Stale)),
        }
    }

    /// The version to write on, if the caller insists on one: of what `current` finds.
    pub async fn expected<T: HasVersion>(
        &self,
        current: impl Future<Output = ApiResult<T>>,
    ) -> ApiResult<Option<i64>> {
        match self {
            Self::Any => Ok(None),
            Self::OneOf(_) => self.agree(current.await?.version()).map(Some),
        }
    }

    fn parse(value: &str) -> Self {
        if value.trim() == "*" {
            return Self::Any;
        }
        let tags = value.split(',').map(str::trim);
        let quoted = tags.filter_map(|tag| tag.strip_prefix('"')?.strip_suffix('"'));
        Self::OneOf(quoted.filter_map(|tag| tag.parse().ok()).collect())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts
            .headers
            .get(header::IF_MATCH)
            .map_or(Self::Any, |value| {
                Self::parse(value.to_str().unwrap_or_default())
            }))
    }
}

/// What writes can be made conditional on.
pub trait HasVersion {
    /// Goes up with every change.
    fn version(&self) -> i64;
}

impl HasVersion for Authorization {
    fn version(&self) -> i64 {
        self.version
    }
}

impl HasVersion for Connector {
    fn version(&self) -> i64 {
        self.version
    }
}

/// An answer that carries the version it shows as its `ETag`.
pub struct Versioned<T>(pub T);

/// What a use case that answers something with a version came to.
pub fn versioned<T: HasVersion, E: Error + Into<Problem>>(
    answer: Result<T, E>,
) -> ApiResult<Versioned<T>> {
    answer.map(Versioned).map_err(ApiError::of)
}

/// What a use case made that has a version, and where it is now.
pub fn created<T: HasVersion + Serialize, E: Error + Into<Problem>>(
    answer: Result<T, E>,
    location: impl FnOnce(&T) -> String,
) -> ApiResult<impl IntoResponse> {
    let new = answer.map_err(ApiError::of)?;
    Ok(located(location(&new), Versioned(new)))
}

/// What a use case made that has none, and where it is now.
pub fn made<T: Serialize, E: Error + Into<Problem>>(
    answer: Result<T, E>,
    location: impl FnOnce(&T) -> String,
) -> ApiResult<impl IntoResponse> {
    let new = answer.map_err(ApiError::of)?;
    Ok(located(location(&new), axum::Json(new)))
}

fn located(location: String, body: impl IntoResponse) -> impl IntoResponse {
    (StatusCode::CREATED, [(header::LOCATION, location)], body)
}

impl<T: HasVersion + Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let tag = format!("\"{}\"", self.0.version());
        let tag = HeaderValue::try_from(tag).expect("digits and quotes");
        let mut response = axum::Json(self.0).into_response();
        response.headers_mut().insert(header::ETAG, tag);
        response
    }
}

/// The answer where no route is.
pub async fn no_such_route() -> ApiError {
    ApiError::new(
        Code::NotFound,
        "There is no such route. /api/openapi.json describes those that exist.",
    )
}

/// The answer where the web app of another version called.
pub async fn no_such_server_function() -> ApiError {
    let detail = "The page is from another version of this server. Reload it.";
    ApiError::new(Code::NotFound, detail)
}

/// The answer where the route has other methods.
pub async fn method_not_allowed() -> ApiError {
    ApiError::new(Code::MethodNotAllowed, "This route has other methods.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_match_strongly() {
        assert_eq!(IfMatch::parse("*"), IfMatch::Any);
        assert_eq!(IfMatch::parse("\"3\", \"4\""), IfMatch::OneOf(vec![3, 4]));
        assert_eq!(IfMatch::parse("W/\"3\""), IfMatch::OneOf(vec![]));
        assert!(IfMatch::parse("\"3\"").agree(4).is_err());
        assert!(IfMatch::parse("\"4\"").agree(4).is_ok());
        assert!(IfMatch::parse("").agree(1).is_err());
    }

    #[test]
    fn s17_what_is_wrong_is_told_without_the_value() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only its errors are looked at")]
        struct Body {
            count: u32,
            kind: Kind,
        }
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            Known,
        }
        let detail = |text: &str| {
            let deserializer = &mut serde_json::Deserializer::from_str(text);
            let error = serde_path_to_error::deserialize::<_, Body>(deserializer).unwrap_err();
            malformed(&error.path().to_string(), error.inner())
                .problem()
                .detail
                .clone()
        };
        assert_eq!(
            detail(r#"{"count": "hunter2 expected u8"}"#),
            "`count` is not as expected (line 1, column 31): expected u32."
        );
        assert_eq!(
            detail(r#"{"count": 1, "kind": "hunter2"}"#),
            "`kind` is not as expected (line 1, column 30): expected `known`."
        );
        assert_eq!(
            detail(r#"{"count": 1}"#),
            "The body is not as expected at line 1, column 12: missing field `kind`."
        );
        assert_eq!(
            detail(r#"{"count": 1"#),
            "The body is not JSON; it goes wrong at line 1, column 11."
        );
    }
}
