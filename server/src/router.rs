//! All routes, and what every request goes through.
//!
//! | routes | who may | checked by |
//! |---|---|---|
//! | `/api/v1/…` | programs with an API key | `middleware::api_key`, then scopes in the broker |
//! | `/ui/…` (server functions) | signed-in people, from our own pages | `middleware::{session, csrf}` |
//! | `/ui/events` | signed-in people | `middleware::session`, and again while it is open |
//! | pages | everybody; what they show is asked of the broker | the pages |
//! | `/callback/…`, `/connect/…` | the browser of the flow | the broker |
//! | `/metrics` | who has `metrics.bearer_token`; everybody without one | `http::metrics` |
//! | `/healthz`, `/readyz`, files of the web app and of `public/` | everybody | |

use crate::{
    assets::Assets,
    http,
    middleware::{body_limit, csrf, last_resort, measure, request, security_headers, session},
    state::AppState,
    ui,
};
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};

/// The whole server.
pub fn router(state: AppState) -> Router {
    let with_state = || state.clone();
    let browser = ui::routes(&state)
        .merge(http::callback_routes(&state))
        .merge(http::connect_routes(&state))
        .fallback(ui::not_found)
        .layer(from_fn_with_state(with_state(), csrf::protect))
        .layer(from_fn_with_state(with_state(), session::load));
    browser
        .merge(http::api_routes(&state))
        .merge(http::health_routes())
        .merge(http::metrics_routes(&state))
        .merge(Assets::router())
        .layer(from_fn(body_limit::enforce))
        .layer(from_fn(last_resort::answer))
        .layer(from_fn_with_state(with_state(), security_headers::add))
        .layer(from_fn_with_state(with_state(), request::identify))
        .layer(from_fn(measure::observe))
        .with_state(state)
}
