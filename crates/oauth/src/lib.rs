//! OAuth 2.0 from the client's side: who can be talked to, how, and what the answers mean.
//!
//! - `catalogue`: the provider definitions (`providers/*.toml`) and what they make of a person's
//!   settings: a [`ClientRegistration`]
//! - `dialect`: the wire formats; authorization URL, code exchange, refresh, revocation
//! - `answer`, `error`, `reason`: reading token responses, however they are written, and sorting
//!   failures by what has to be done
//! - `identity`, `documents`: who signed in (`id_token` or profile), published keys and metadata
//! - `http`: the guarded client (egress rules, no redirects, body cap)
//!
//! To add a provider: a file in `providers/`, listed in `catalogue::DEFINITIONS`. Only when it
//! speaks a wire format of its own does it need a variant of [`Dialect`] as well.
//! The clock and randomness are parameters; nothing here stores anything.

mod answer;
mod callback;
pub mod catalogue;
mod dialect;
mod documents;
mod error;
pub mod http;
mod identity;
mod probe;
mod reason;
mod text;

pub use callback::{IssuerMismatch, check_issuer};
pub use catalogue::{
    Catalogue, CatalogueError, ClientAuthentication, ClientRegistration, Dialect, Endpoints,
    Issuer, Provider, ProviderOverride, RegistrationError,
};
pub use dialect::{
    AuthorizationRequest, CodeExchange, Prompt, Revocation, TokenKind, TokenResponse,
};
pub use documents::{DocumentError, ProviderMetadata, PublishedDocuments};
pub use error::{ErrorClass, TokenError};
pub use identity::{IdentityError, SignIn};
pub use probe::Probe;
pub use reason::{Reason, Remedy};
pub use secrecy::{ExposeSecret, SecretString};
