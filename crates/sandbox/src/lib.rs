//! A provider to authorize against when there is none: the first minute of a newcomer, the tests, the benchmarks.
//!
//! It speaks three dialects on one port (legacy Azure DevOps apps, Microsoft Entra v2, plain OAuth 2.0 with OpenID
//! Connect), serves a small part of the Azure DevOps REST API that checks the tokens it gave out, and refuses what
//! the real ones refuse. Everything lives in memory. [`Ledger`] keeps what every token request spent and got, so that
//! a test can compare what a client believes with what happened.
//!
//! Where things are:
//! - [`config`]: app registrations, and the ready-made ones in [`config::example`]
//! - `dialects/`: one module per dialect: how a request is read and how an answer is worded. The next dialect is a
//!   module there, a variant of [`Dialect`] and its routes in `routes.rs`
//! - `state.rs`, `tokens.rs`: what all dialects share: codes, rotation, families, who may get what
//! - `sign_in.rs`, `pages/`: the account picker and the consent screen
//! - `devops_api.rs`: the REST API; `control.rs`: how a test changes accounts and behaviour; `mint.rs`: many grants at
//!   once, without a consent for each
//!
//! A request's way through the house: `routes.rs` → `token_endpoint.rs` (canned answers, latency, dropped
//! connections, the ledger) → a dialect → `state.rs`.

mod accounts;
mod behaviour;
mod clock;
pub mod config;
mod control;
mod devops_api;
mod dialects;
mod keys;
mod ledger;
mod mint;
mod pages;
mod params;
mod refusal;
mod routes;
mod sandbox;
pub mod scopes;
mod serve;
mod sign_in;
mod state;
mod token_endpoint;
mod tokens;
mod work_items;

pub use accounts::{Account, AccountPatch};
pub use behaviour::{Behaviour, CannedAnswer, ErrorCasing, ExpiresInForm, Rotation, Times};
pub use clock::Clock;
pub use config::{AppRegistration, SandboxConfig};
pub use dialects::Dialect;
pub use ledger::{FamilyState, Ledger, LedgerEntry, LedgerTotals, Outcome, fingerprint};
pub use mint::{MOST_AT_ONCE, MintRefused, MintRequest, MintedGrant};
pub use sandbox::Sandbox;
pub use serve::serve;
pub use sign_in::{ConsentRefused, Decision};
