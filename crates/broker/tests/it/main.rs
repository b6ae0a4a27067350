//! The use cases against the real storage engine, the real vault and the sandbox provider.

mod connectors;
mod consent;
mod editor;
mod history;
mod keys;
mod notifications;
mod publish;
mod reauthorize;
mod receivers;
mod refresh;
mod revocation;
mod run_time;
mod secrets;
mod support;
