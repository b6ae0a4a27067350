//! The use cases against the real storage engine, the real vault and the sandbox provider.

mod consent;
mod editor;
mod history;
mod keys;
mod notifications;
mod publish;
mod receivers;
mod refresh;
mod run_time;
mod support;
