//! An answer even when a handler panics or never ends.

use crate::http::{ApiError, failure};
use axum::{extract::Request, http::StatusCode, middleware::Next, response::Response};
use futures::FutureExt as _;
use model::problem::Code;
use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

/// Longer than the slowest provider is waited for (30 s), twice over.
const HANDLER_TIME: Duration = Duration::from_secs(65);

/// Answers 500 after a panic and 503 after [`HANDLER_TIME`].
pub async fn answer(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(HANDLER_TIME, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(panic = message_of(&*panic), "a handler panicked");
            let detail = "The server failed. Give the request id to the operator.";
            failure(&path, ApiError::new(Code::Internal, detail))
        }
        Err(_) => {
            tracing::error!(after = ?HANDLER_TIME, "a handler did not end");
            let detail = "The server took too long. Try again in a moment.";
            let error = ApiError::new(Code::Internal, detail);
            failure(&path, error.with_status(StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, routing::get};
    use tower::ServiceExt as _;

    async fn status_of(router: Router, path: &str) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test(start_paused = true)]
    async fn panics_and_endless_handlers_are_answered() {
        let router = Router::new()
            .route("/panics", get(async || -> &str { panic!("on purpose") }))
            .route("/hangs", get(std::future::pending::<String>))
            .layer(axum::middleware::from_fn(answer));
        assert_eq!(
            status_of(router.clone(), "/panics").await,
            StatusCode::INTERNAL_SERVER_ERROR
        );
        assert_eq!(
            status_of(router, "/hangs").await,
            StatusCode::SERVICE_UNAVAILABLE
        );
    }
}
