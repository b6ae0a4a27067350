//! The use cases against the real storage engine, the real vault and the sandbox provider.

mod consent;
mod editor;
mod keys;
mod publish;
mod run_time;
mod support;
