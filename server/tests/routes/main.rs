//! Tests of the routes, one module per resource of `server/src/http`.

#[path = "../support/mod.rs"]
mod support;

mod api_keys;
mod authorizations;
mod callback;
mod canary;
mod client_secrets;
mod connect;
mod connectors;
mod deny_by_default;
mod health;
mod live;
mod mail;
mod metrics;
mod notifications;
mod openapi;
mod overview;
mod pages;
mod providers;
mod publish;
mod requests;
mod revocations;
mod token;
