//! `/callback/…`: where providers send the browser back to.
//!
//! The flow is checked and consumed in `broker::consent`; here the browser gets a clean address
//! (S10) or a page that says why the consent cannot be continued.

use super::{ApiError, connect::bind_flow, extract::Path, health};
use crate::{
    middleware::{rate_limit, session::Visitor},
    state::AppState,
};
use axum::{
    Extension, Router,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn_with_state, map_response_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use broker::consent::CallbackRequest;
use model::{AuthorizationId, problem::Code};

/// One route per predefined provider, one per authorization of a generic one (S3).
pub fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route(
            "/callback/{provider}",
            get(predefined).head(super::connect::refuse_head),
        )
        .route(
            "/callback/oauth2/{authorization_id}",
            get(generic).head(super::connect::refuse_head),
        )
        .layer(from_fn_with_state(state.clone(), rate_limit::consent))
        // Whatever is answered: it was answered here.
        .layer(map_response_with_state(state.clone(), health::identify))
}

async fn predefined(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    finish(&state, &visitor, &provider, query.as_deref()).await
}

async fn generic(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(authorization): Path<AuthorizationId>,
    RawQuery(query): RawQuery,
) -> Response {
    let callback = format!("oauth2/{authorization}");
    finish(&state, &visitor, &callback, query.as_deref()).await
}

async fn finish(
    state: &AppState,
    visitor: &Visitor,
    callback: &str,
    query: Option<&str>,
) -> Response {
    let finished = state
        .broker
        .finish(CallbackRequest {
            callback,
            query: query.unwrap_or_default(),
            browser: visitor.flow_cookie.as_deref(),
            user: visitor.user.as_ref(),
        })
        .await;
    let mut response = match finished {
        Ok(finished) => {
            let mut response = see_other(&finished.return_to);
            if finished.asks
                && let Some(browser) = &visitor.flow_cookie
            {
                // The question may be answered for as long again as the trip could take.
                bind_flow(&mut response, state.cookies, browser);
            }
            response
        }
        Err(error) => ApiError::of(error).into_page(),
    };
    // The address of this request holds the code: it is neither kept nor told on (S10).
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// 303: whatever the method was, go there with GET.
pub fn see_other(location: &str) -> Response {
    match HeaderValue::try_from(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => ApiError::new(Code::Internal, "The next address cannot be written.").into_page(),
    }
}
