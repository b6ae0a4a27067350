//! What happens to every request before and after its handler.
//!
//! From the outside in: [`measure`] counts and times it; [`request`] gives it an id, finds out
//! where it came from and logs it; [`security_headers`] goes over every answer; [`last_resort`]
//! answers when a handler panics or hangs; [`body_limit`] refuses large bodies. Then by group of
//! routes: [`api_key`] for the REST API; [`session`] and [`csrf`] for browsers; [`rate_limit`] where
//! it costs.
//! `router` puts them in this order.

pub mod api_key;
pub mod body_limit;
pub mod client_ip;
pub mod csrf;
pub mod last_resort;
pub mod measure;
pub mod rate_limit;
pub mod request;
pub mod security_headers;
pub mod session;

pub use body_limit::BODY_LIMIT;
