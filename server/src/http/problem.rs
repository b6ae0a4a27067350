//! Failure, written as problem details (RFC 9457) for programs and as a page for people.

use super::page::Notice;
use crate::middleware::request;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use model::problem::{Code, Problem};
use std::{error::Error, fmt::Write as _};

/// What a handler fails with.
#[derive(Debug)]
pub struct ApiError {
    /// In a box: results are moved around much more often than they are errors.
    problem: Box<Problem>,
    status: StatusCode,
}

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A failure that no use case reported.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem::new(code, detail).into()
    }

    /// The same with another status than its code's, for what HTTP tells more precisely.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self.problem.status = status.as_u16();
        if let Some(title) = status.canonical_reason() {
            title.clone_into(&mut self.problem.title);
        }
        self
    }

    /// The same, with the time after which it is worth trying again.
    #[must_use]
    pub fn retry_after(mut self, wait: TimeDelta) -> Self {
        *self.problem = self.problem.retry_after(wait);
        self
    }

    /// An error of a use case. A failure of ours is logged here, once, with its causes; what
    /// leaves the process is the broker's text alone.
    pub fn of<E: Error + Into<Problem>>(error: E) -> Self {
        let causes = chain(&error);
        let problem = error.into();
        // That a provider does not answer is no failure of ours.
        if problem.status >= 500 && problem.code != Code::ProviderUnavailable {
            tracing::error!(code = ?problem.code, error = causes, "a use case failed");
        }
        problem.into()
    }

    /// The problem as it is sent.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The error as a small page with a way back.
    pub fn into_page(self) -> Response {
        let notice = Notice {
            status: self.status,
            title: &self.problem.title,
            detail: &self.problem.detail,
        };
        let mut response = notice.into_response();
        self.decorate(&mut response);
        response
    }

    fn decorate(&self, response: &mut Response) {
        if let Some(seconds) = self.problem.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self.problem.code);
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            problem: Box::new(problem),
            status,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(mut self) -> Response {
        self.problem.request_id = request::current().map(|request| request.id);
        let mut response = (self.status, axum::Json(&self.problem)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        self.decorate(&mut response);
        response
    }
}

/// A failure of the house rather than of a handler, told in the language of the route.
pub fn failure(path: &str, error: ApiError) -> Response {
    if speaks_json(path) {
        error.into_response()
    } else {
        error.into_page()
    }
}

/// Programs and the web app's own requests read JSON; everything else is looked at by a person.
fn speaks_json(path: &str) -> bool {
    ["/api", "/ui", "/healthz", "/readyz"]
        .iter()
        .any(|prefix| path == *prefix || path.starts_with(&format!("{prefix}/")))
}

/// An error and its causes on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_wait_is_a_header_too() {
        let response = ApiError::new(Code::RateLimited, "")
            .retry_after(TimeDelta::milliseconds(1200))
            .into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
    }

    #[test]
    fn people_get_pages_and_programs_json() {
        assert!(speaks_json("/api/v1/providers"));
        assert!(speaks_json("/ui/sign_in"));
        assert!(!speaks_json("/apiary"));
        assert!(!speaks_json("/callback/azure-devops"));
    }
}
