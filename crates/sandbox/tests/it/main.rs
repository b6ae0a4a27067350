//! The sandbox from outside: its real router in-process, with a clock that stands still until a test moves it.
//!
//! One module per face; `harness.rs` has the client side. A test states what a client would lose or wrongly gain.

mod control;
mod devops_api;
mod entra;
mod entra_authorize;
mod harness;
mod legacy;
mod oidc;
mod pages;
mod rotation;
mod serve;
