//! Many grants at once, without a consent for each: what tests and benchmarks of a client begin with
//! (`POST /_sandbox/grants`).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    state::State,
    tokens::{Grant, hash},
};

/// Grants of one request. The answer holds two tokens for each, and must fit into memory as a whole.
pub const MOST_AT_ONCE: u32 = 20_000;

/// Which grants are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MintRequest {
    /// How many.
    pub count: u32,
    /// Of which app; its dialect says how their tokens look and rotate.
    pub client_id: String,
    /// Short name or email address of the account that is taken to have consented.
    pub account: String,
    /// Scopes without a resource prefix. The refresh token depends on them as it does at sign-in.
    pub scopes: Vec<String>,
}

/// The tokens of one consent that nobody gave.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintedGrant {
    /// What the ledger calls their family.
    pub family: String,
    /// Good for the lifetime that the behaviour says.
    pub access_token: String,
    /// As the dialect and the scopes have it.
    pub refresh_token: Option<String>,
}

/// Why nothing was made.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MintRefused {
    /// No app has this client id.
    #[error("there is no app '{0}'")]
    NoSuchApp(String),
    /// No account has this name.
    #[error("there is no account '{0}'")]
    NoSuchAccount(String),
    /// More than [`MOST_AT_ONCE`].
    #[error("at most {MOST_AT_ONCE} grants at once")]
    TooMany,
}

pub(crate) fn mint(
    state: &mut State,
    request: &MintRequest,
    now: DateTime<Utc>,
) -> Result<Vec<MintedGrant>, MintRefused> {
    if request.count > MOST_AT_ONCE {
        return Err(MintRefused::TooMany);
    }
    let app = state
        .apps
        .iter()
        .find(|app| app.client_id == request.client_id)
        .ok_or_else(|| MintRefused::NoSuchApp(request.client_id.clone()))?;
    let (dialect, secret) = (app.kind, app.secrets.first().map(|secret| hash(secret)));
    let account = state
        .account(&request.account)
        .ok_or_else(|| MintRefused::NoSuchAccount(request.account.clone()))?
        .name;
    let minted = (0..request.count).map(|_| {
        let grant = Grant {
            family: state.random_uuid(),
            dialect,
            client_id: request.client_id.clone(),
            account,
            scopes: request.scopes.iter().cloned().collect(),
            nonce: None,
        };
        state.tokens.add_family(grant.clone());
        let issued = state.issue(&grant, grant.scopes.clone(), secret, now);
        MintedGrant {
            family: grant.family,
            access_token: issued.access_token,
            refresh_token: issued.refresh_token,
        }
    });
    Ok(minted.collect())
}
