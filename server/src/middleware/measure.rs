//! Counts requests and measures how long they take, by the pattern of their route: paths hold ids,
//! and every path would be a time series of its own.

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use broker::telemetry;
use tokio::time::Instant;

/// Measures a request up to the head of its answer; what streams does so for as long as it likes.
pub async fn observe(request: Request, next: Next) -> Response {
    let pattern = request.extensions().get::<MatchedPath>().cloned();
    let method = word(request.method());
    let began = Instant::now();
    let response = next.run(request).await;
    let route = pattern.as_ref().map_or("(no route)", MatchedPath::as_str);
    telemetry::http_answered(route, method, response.status().as_u16(), began.elapsed());
    response
}

/// One of the methods there are. Callers can invent others, as many as they like.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_methods_are_one() {
        assert_eq!(word(&Method::PATCH), "PATCH");
        let invented = Method::from_bytes(b"BREW").unwrap();
        assert_eq!(word(&invented), "other");
    }
}
