//! `/connect/{token}`: a one-time link that begins a consent in the browser that opens it.

use super::{ApiError, callback::see_other, extract::Path};
use crate::{
    middleware::{rate_limit, session::Visitor},
    state::AppState,
};
use app::context::CookiePolicy;
use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::from_fn_with_state,
    response::Response,
    routing::get,
};
use broker::ExposeSecret as _;
use model::problem::Code;

/// How long the browser remembers that it began a flow, in seconds.
const FLOW_COOKIE_SECONDS: i64 = 600;

/// The link.
pub fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/connect/{token}", get(open).head(refuse_head))
        .layer(from_fn_with_state(state.clone(), rate_limit::consent))
}

async fn open(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    if is_speculative(&headers) {
        return refuse_head().await;
    }
    let begun = state
        .broker
        .open_link(&token, visitor.flow_cookie.as_deref())
        .await;
    match begun {
        Ok(begun) => {
            let mut response = see_other(begun.authorize_url.as_str());
            bind_flow(&mut response, state.cookies, begun.browser.expose_secret());
            response.headers_mut().insert(
                header::REFERRER_POLICY,
                HeaderValue::from_static("no-referrer"),
            );
            response
        }
        Err(error) => ApiError::of(error).into_page(),
    }
}

/// Lets the browser remember that a flow is its own (S2).
pub fn bind_flow(response: &mut Response, cookies: CookiePolicy, browser: &str) {
    let cookie = cookies.header(cookies.flow_name(), browser, FLOW_COOKIE_SECONDS);
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

/// Browsers and link previews look ahead; that must not use the link up.
fn is_speculative(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("prerender"))
    })
}

/// A look at the address alone changes nothing; axum would run the GET handler for it.
pub async fn refuse_head() -> Response {
    ApiError::new(Code::MethodNotAllowed, "Open this address in a browser.")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
        .into_page()
}
