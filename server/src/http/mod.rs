//! What is answered to programs, and the few routes of a browser that are not pages.
//!
//! REST API: one module per resource, each with `routes()`; [`api`] puts them together. A handler
//! gets its actor, calls one use case of the broker and writes the answer; permissions are checked
//! in the broker. To add a resource: a module here, its `routes()` in [`api`], a test folder in
//! `tests/routes/`.

mod api;
mod api_keys;
mod authorizations;
mod callback;
mod client_secrets;
mod connect;
mod connectors;
mod extract;
mod health;
mod metrics;
mod notifications;
mod openapi;
mod overview;
mod page;
mod problem;
mod providers;
mod publish;
mod revocations;
mod token;

pub use api::{document as openapi_document, routes as api_routes};
pub use callback::routes as callback_routes;
pub use connect::routes as connect_routes;
pub use extract::{method_not_allowed, no_such_server_function, too_large};
pub use health::{INSTANCE, routes as health_routes};
pub use metrics::routes as metrics_routes;
pub use problem::{ApiError, ApiResult, failure};
