//! Who the browser's cookies say is there.

use crate::{
    http::{ApiError, failure},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use axum_extra::extract::CookieJar;
use broker::access::SessionUser;
use model::problem::Code;

/// A browser.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Who is signed in.
    pub user: Option<SessionUser>,
    /// What binds consent flows to this browser (S2).
    pub flow_cookie: Option<String>,
}

/// Server functions that need no session, since they make one or tell whether there is one.
/// Everything else under `/ui` is denied without (S35).
const OPEN_SERVER_FUNCTIONS: [&str; 7] = [
    "/ui/session",
    "/ui/accounts/sign-in-page",
    "/ui/accounts/sign-in",
    "/ui/accounts/setup-page",
    "/ui/accounts/set-up",
    "/ui/connect/question",
    "/ui/connect/answer",
];

/// Loads the session.
pub async fn load(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    match visitor(&state, request.headers()).await {
        Ok(visitor) => {
            request.extensions_mut().insert(visitor);
            next.run(request).await
        }
        Err(error) => failure(request.uri().path(), error),
    }
}

/// Lets only signed-in people call server functions.
pub async fn require(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let signed_in = request
        .extensions()
        .get::<Visitor>()
        .is_some_and(|visitor| visitor.user.is_some());
    if signed_in || OPEN_SERVER_FUNCTIONS.contains(&path) {
        return next.run(request).await;
    }
    failure(
        path,
        ApiError::new(Code::Unauthenticated, "Sign in to go on."),
    )
}

async fn visitor(state: &AppState, headers: &HeaderMap) -> Result<Visitor, ApiError> {
    let jar = CookieJar::from_headers(headers);
    let value = |name| jar.get(name).map(|cookie| cookie.value().to_owned());
    let user = match value(state.cookies.session_name()) {
        Some(cookie) => state.broker.session(&cookie).await.map_err(ApiError::of)?,
        None => None,
    };
    Ok(Visitor {
        user,
        flow_cookie: value(state.cookies.flow_name()),
    })
}
