//! Bodies are forms and JSON; anything larger is refused.

use crate::http::{failure, too_large};
use axum::{body::Body, extract::Request, http::header, middleware::Next, response::Response};
use http_body_util::Limited;

/// In bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// Refuses a body that says it is larger, and cuts one off that turns out to be.
pub async fn enforce(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > BODY_LIMIT) {
        return failure(request.uri().path(), too_large());
    }
    next.run(request.map(|body| Body::new(Limited::new(body, BODY_LIMIT))))
        .await
}
