//! Authorize: the trip of one person's browser to the provider and back (S1-S13).
//!
//! `begin` opens a flow and gives the provider's address; `finish` takes the callback. In between
//! the flow lives in the database, so a restart of the server loses nothing.

mod account;
mod begin;
mod callback;
mod explain;
mod finish;

use crate::{
    error::{Fault, WriteError},
    sealing::Sensitive,
};
use chrono::TimeDelta;
use model::{
    SecretId,
    problem::{Code, Problem},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use storage::{StorageError, grants::GrantClient};
use thiserror::Error;
use url::Url;

pub use account::{AccountChoice, LinkQuestion};
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
    /// The question which account to use was answered, overtaken by another consent, or took too long.
    #[error("there is no such question any more")]
    QuestionInvalid,
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
            ConsentError::QuestionInvalid => Self::new(
                Code::FlowInvalid,
                "This question was answered already, or took longer than 10 minutes. Nothing was replaced. Ask for a new link to do it after all.",
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
    /// Which of the stored secrets these are; empty when they were typed.
    #[serde(default)]
    secret_ids: Vec<SecretId>,
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
