//! Authorize: the trip of one person's browser to the provider and back (S1-S13).
//!
//! `begin` opens a flow and gives the provider's address; `finish` takes the callback. In between
//! the flow lives in the database, so a restart of the server loses nothing.

mod begin;
mod callback;
mod explain;
mod finish;

use crate::error::{Fault, WriteError};
use chrono::TimeDelta;
use model::problem::{Code, Problem};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use storage::{StorageError, grants::GrantClient};
use thiserror::Error;
use url::Url;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use begin::ConnectLink;
pub use finish::{CallbackRequest, Finished};

/// Life of a flow (S1).
pub const FLOW_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Life of a connect link.
const LINK_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// A flow that has begun.
pub struct Begun {
    /// Where to send the browser, by top-level navigation.
    pub authorize_url: Url,
    /// Value of the flow cookie that binds the flow to this browser (S2).
    pub browser: SecretString,
}

/// Why a flow could not begin or go on. Nothing was asked of the provider.
#[derive(Debug, Error)]
pub enum ConsentError {
    /// The form or the stored authorization is not complete.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The callback or link is malformed: a parameter twice, code and error together, no state (S9).
    #[error("the request is malformed: {0}")]
    Malformed(&'static str),
    /// Unknown, used or expired (S1), or for another callback address (S3).
    #[error("the flow is not valid: {0}")]
    FlowInvalid(&'static str),
    /// Another browser or another person began it (S2).
    #[error("another browser or person began the flow")]
    NotYours,
    /// The callback comes from another issuer (S6).
    #[error("the callback names another issuer")]
    OtherIssuer,
    /// The connect link is unknown, used or expired.
    #[error("the connect link is not valid")]
    LinkInvalid,
    /// The provider's published documents cannot be had.
    #[error("the provider's metadata cannot be read: {0}")]
    Metadata(String),
}

impl From<Fault> for ConsentError {
    fn from(fault: Fault) -> Self {
        Self::Write(fault.into())
    }
}

impl From<StorageError> for ConsentError {
    fn from(error: StorageError) -> Self {
        Self::Write(error.into())
    }
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::Write(error) => error.into(),
            ConsentError::Malformed(why) => Self::new(
                Code::FlowInvalid,
                format!("The provider's answer is malformed ({why}). Start again with Authorize."),
            ),
            ConsentError::FlowInvalid(why) => Self::new(
                Code::FlowInvalid,
                format!("This sign-in {why}. Start again with Authorize."),
            ),
            ConsentError::NotYours => Self::new(
                Code::FlowInvalid,
                "This sign-in was begun in another browser or by somebody else. Start again with Authorize in the browser you are using now.",
            ),
            ConsentError::OtherIssuer => Self::new(
                Code::FlowInvalid,
                "The answer came from another issuer than the one that was asked, so it was refused. Check the provider settings.",
            ),
            ConsentError::LinkInvalid => Self::new(
                Code::FlowInvalid,
                "This link has expired or was used. Ask for a new one.",
            ),
            ConsentError::Metadata(why) => Self::new(
                Code::ProviderUnavailable,
                format!("The provider's metadata cannot be read: {why}"),
            ),
        }
    }
}

/// What a flow must remember until the browser is back. Sealed in the database.
#[derive(Serialize, Deserialize)]
struct FlowDetails {
    verifier: Sensitive,
    nonce: String,
    client: GrantClient,
    secrets: Vec<Sensitive>,
    /// Chosen scopes, as the catalogue names them.
    asked_scopes: Vec<String>,
    /// What S6 compares the callback with.
    issuer: Option<String>,
    issuer_in_callback: bool,
    /// Both endpoints of this flow (S6).
    authorization_endpoint: Url,
    token_endpoint: Url,
    /// What to try the token with, if a connector is chosen already.
    probe: Option<Url>,
}

/// A secret inside something that is serialised only to be sealed.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct Sensitive(String);

impl From<&SecretString> for Sensitive {
    fn from(secret: &SecretString) -> Self {
        Self(secret.expose_secret().to_owned())
    }
}

impl From<&Sensitive> for SecretString {
    fn from(secret: &Sensitive) -> Self {
        Self::from(secret.0.as_str())
    }
}
