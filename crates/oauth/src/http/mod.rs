//! Outgoing HTTP, guarded: the only door through which Tokenry talks to the world.
//!
//! [`HttpClient`] is the port the protocol code is written against; [`GuardedClient`] is the real
//! one. What may be reached is decided in `egress`, which addresses a name may lead to in
//! `resolver`. Tests of other crates implement the trait on a struct of their own.

mod client;
mod egress;
mod resolver;

use std::time::Duration;

use async_trait::async_trait;
use url::Url;

pub use client::{BodyStream, GuardedClient, Limits};
pub use egress::{AllowEntry, AllowEntryError, EgressPolicy, Refusal};
pub use resolver::{Lookup, SystemLookup};

/// Sends one request and reads the whole answer. Follows no redirect (S15).
#[async_trait]
pub trait HttpClient: Send + Sync {
    /// Sends `request`, whose URI is absolute.
    async fn execute(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, HttpError>;

    /// Whether the egress rules let a request go there, as far as the address itself tells: for the
    /// form in which somebody types it. Names are resolved, and checked again, when it is sent.
    /// A client without rules of its own lets everything pass.
    fn check(&self, _url: &Url) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Why there is no answer. What matters most to the caller is [`HttpError::may_have_been_sent`].
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The egress rules refuse the address (S24).
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The request can't be sent as it is.
    #[error("the request is malformed: {0}")]
    Malformed(String),
    /// The host name has no address.
    #[error("the host name can't be resolved: {0}")]
    Dns(String),
    /// No connection: nobody listens, it took longer than the limit, or TLS failed.
    #[error("no connection: {0}")]
    Connect(String),
    /// The answer took longer than the limit.
    #[error("no complete answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// The connection broke after the request went out.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The answer is larger than the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl HttpError {
    /// Whether the other side may have acted on the request. A refresh that may have been sent
    /// must not be repeated blindly.
    pub fn may_have_been_sent(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Malformed(_) | Self::Dns(_) | Self::Connect(_) => false,
            Self::Timeout(_) | Self::Broken(_) | Self::TooLarge(_) => true,
        }
    }
}
