//! Writes that come with a cookie must come from our own pages (S33).
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site` and `Origin`; pages cannot forge
//! either. The REST API needs no such check: it takes no cookies.

use crate::{
    http::{ApiError, failure},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use model::problem::Code;

/// Refuses what another site made the browser send.
pub async fn protect(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if safe || comes_from(request.headers(), &state.origin()) {
        return next.run(request).await;
    }
    let detail = format!(
        "This request did not come from a page of {}. Open Tokenry at that address.",
        state.origin()
    );
    failure(request.uri().path(), ApiError::new(Code::Forbidden, detail))
}

/// Whether the headers name our own origin. At least one must, and none may name another.
fn comes_from(headers: &HeaderMap, own: &str) -> bool {
    let value = |name| {
        headers
            .get(name)
            .map(|value: &axum::http::HeaderValue| value.as_bytes())
    };
    let site = value(header::HeaderName::from_static("sec-fetch-site"));
    let origin = value(header::ORIGIN);
    match (site, origin) {
        (None, None) => false,
        (site, origin) => {
            site.is_none_or(|site| site == b"same-origin")
                && origin.is_none_or(|origin| origin == own.as_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s33_only_our_own_pages_may_write() {
        let own = "https://tokens.example.com";
        let check = |site: Option<&'static str>, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().unwrap());
            }
            comes_from(&headers, own)
        };
        assert!(check(Some("same-origin"), Some(own)));
        assert!(check(Some("same-origin"), None));
        assert!(check(None, Some(own)));
        assert!(!check(None, None));
        assert!(!check(Some("same-site"), None));
        assert!(!check(Some("cross-site"), Some(own)));
        assert!(!check(Some("none"), None));
        assert!(!check(Some("same-origin"), Some("null")));
        assert!(!check(
            None,
            Some("https://tokens.example.com.evil.example")
        ));
        assert!(!check(None, Some("http://tokens.example.com")));
    }
}
