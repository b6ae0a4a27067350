//! What the browser asks the server: server functions, one module per resource, mirroring the
//! broker's use cases.
//!
//! Each one is thin: take the request's context, call one use case, hand the failure to
//! [`refuse`]. To add one, write it beside its kind with `prefix = "/ui"` and an explicit
//! endpoint, so that the address stays the same when the function is renamed.

pub mod accounts;
pub mod api_keys;
pub mod authorizations;
pub mod connect;
pub mod connectors;
pub mod editor;
mod error;
pub mod health;
pub mod notifications;
pub mod providers;
pub mod publish;
pub mod session;

pub use error::UiError;
#[cfg(feature = "ssr")]
pub use server::{caller, refuse};

#[cfg(feature = "ssr")]
mod server;
