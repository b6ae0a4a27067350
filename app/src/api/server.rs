//! The server's half of every server function: who asks, and how a refusal is answered.

use super::UiError;
use crate::context::RequestContext;
use broker::access::{Actor, SessionUser};
use http::{
    HeaderValue, StatusCode,
    header::{ACCEPT, RETRY_AFTER},
    request::Parts,
};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use model::problem::{Code, Problem};

/// The request's context and the signed-in person, or the refusal that leads to the sign-in page.
pub fn caller() -> Result<(RequestContext, SessionUser, Actor), UiError> {
    let context = RequestContext::get();
    let user = context.user().cloned().map_err(refuse)?;
    let actor = Actor::User(user.clone());
    Ok((context, user, actor))
}

/// Turns a use case's failure into the answer: HTTP status, log line and, for a page that nobody
/// is signed in for, the way to the sign-in page.
pub fn refuse(error: impl Into<Problem>) -> UiError {
    let mut problem = error.into();
    if let Some(context) = use_context::<RequestContext>() {
        problem.request_id = Some(context.request_id);
    }
    log(&problem);
    answer(&problem);
    UiError(problem)
}

fn log(problem: &Problem) {
    let request_id = problem.request_id.as_deref().unwrap_or_default();
    if problem.status >= 500 {
        tracing::error!(request_id, code = ?problem.code, detail = %problem.detail, "request failed");
    } else {
        tracing::warn!(request_id, code = ?problem.code, "request refused");
    }
}

fn answer(problem: &Problem) {
    if problem.code == Code::Unauthenticated && accepts_html() {
        leptos_axum::redirect(&sign_in_path());
        return;
    }
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(problem.status),
    ) {
        response.set_status(status);
        if let Some(seconds) = problem.retry_after {
            response.insert_header(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

/// The browser navigates (a page, a plain form), rather than our own code asking.
fn accepts_html() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    })
}

fn sign_in_path() -> String {
    let wanted = use_context::<Parts>().map(|parts| {
        parts
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string)
    });
    crate::links::sign_in(wanted.as_deref().unwrap_or_default())
}
