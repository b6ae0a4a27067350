//! The web app: its pages, rendered here first, and under `/ui` its server functions and what they
//! are told as it happens.

use crate::{
    http::{method_not_allowed, no_such_server_function},
    live,
    middleware::{
        client_ip::ClientIp,
        request::RequestId,
        session::{self, Visitor},
    },
    state::AppState,
};
use app::{App, context::RequestContext};
use axum::{
    Router,
    body::Body,
    extract::{FromRef as _, State},
    http::{Request, StatusCode, request::Parts},
    middleware::from_fn,
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, any, get, on},
};
use leptos::{config::LeptosOptions, context::provide_context, prelude::use_context};
use leptos_axum::{
    LeptosRoutes as _, generate_route_list, handle_server_fns_with_context,
    render_app_async_with_context, render_route_with_context,
};
use std::net::{IpAddr, Ipv4Addr};

/// Pages and server functions.
pub fn routes(state: &AppState) -> Router<AppState> {
    let pages = generate_route_list(App);
    let options = LeptosOptions::from_ref(state);
    let render =
        render_route_with_context::<AppState, _>(pages.clone(), context_for(state), move || {
            app::shell(options.clone())
        });
    Router::new()
        .leptos_routes_with_handler(pages, render)
        .merge(server_functions())
}

/// The web app's page for an address that is none.
pub async fn not_found(State(state): State<AppState>, request: Request<Body>) -> Response {
    let options = LeptosOptions::from_ref(&state);
    let render =
        render_app_async_with_context(context_for(&state), move || app::shell(options.clone()));
    let mut response = render(request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Every server function at its path, behind the session.
fn server_functions() -> Router<AppState> {
    let mut router = Router::new();
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let method = MethodFilter::try_from(method).expect("server functions are GET or POST");
        router = router.route(path, on(method, server_function));
    }
    router
        .route(live::PATH, get(live::events))
        .route("/ui/{*unknown}", any(no_such_server_function))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(session::require))
}

async fn server_function(State(state): State<AppState>, request: Request<Body>) -> Response {
    handle_server_fns_with_context(context_for(&state), request)
        .await
        .into_response()
}

/// Gives pages and server functions the surroundings of their request.
fn context_for(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let state = state.clone();
    move || {
        if let Some(parts) = use_context::<Parts>() {
            provide_context(request_context(&state, &parts));
        }
    }
}

fn request_context(state: &AppState, parts: &Parts) -> RequestContext {
    let extensions = &parts.extensions;
    let visitor = extensions.get::<Visitor>().cloned().unwrap_or_default();
    let client = extensions.get::<ClientIp>();
    let id = extensions.get::<RequestId>();
    RequestContext {
        broker: state.broker.clone(),
        session: visitor.user,
        cookies: state.cookies,
        client: client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0),
        assets: state.asset_paths.clone(),
        request_id: id.map(|id| id.0.clone()).unwrap_or_default(),
        flow_cookie: visitor.flow_cookie,
        sandbox: state.sandbox.clone(),
    }
}
