//! The wire formats, as methods of [`ClientRegistration`].
//!
//! Requests are built by the `oauth2` crate and sent through our own adapter, where a dialect may
//! re-encode them. To add a dialect: a variant of [`Dialect`](crate::Dialect), its answer to
//! [`response_type`] and, if its form differs, a re-encoding like `legacy`.

mod adapter;
mod authorize;
mod legacy;
mod token;
mod wire;

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::catalogue::Dialect;

/// What makes one authorization request its own.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationRequest<'a> {
    /// At least 128 random bits (S1).
    pub state: &'a SecretString,
    /// 43 to 128 characters, fresh per flow (S5). Not used by providers that opted out of PKCE.
    pub pkce_verifier: &'a SecretString,
    /// Ties an `id_token` to this flow (`OpenID` Connect Core §3.1.2.1). Sent when `openid` is asked for.
    pub nonce: &'a str,
    /// The scopes chosen, as the catalogue names them. Automatic ones and the prefix are added.
    pub scopes: &'a [String],
    /// Which screen to insist on.
    pub prompt: Option<Prompt>,
    /// The account to suggest.
    pub login_hint: Option<&'a str>,
}

/// Which screen the provider is asked to show even if it would not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Choose an account: a first authorization.
    SelectAccount,
    /// Consent again: scopes were widened, or the consent was withdrawn.
    Consent,
}

/// A code to exchange.
#[derive(Clone, Copy, Debug)]
pub struct CodeExchange<'a> {
    /// `code` of the callback.
    pub code: &'a SecretString,
    /// The verifier of the same flow.
    pub pkce_verifier: &'a SecretString,
}

/// A successful token response (RFC 6749 §5.1).
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: SecretString,
    /// The scheme to use the token with: usually `Bearer`, as the provider writes it.
    pub token_type: String,
    /// Lifetime from the time of sending; the provider's default when the answer names none;
    /// `None`: unknown, served until a 401 is seen.
    pub expires_in: Option<Duration>,
    /// Replaces the old one. `None`: the old one stays valid (RFC 6749 §6).
    pub refresh_token: Option<SecretString>,
    /// Granted scopes as the catalogue names them; `None`: those asked for.
    pub scopes: Option<Vec<String>>,
    /// Not yet validated: see [`ClientRegistration::identity`](crate::ClientRegistration::identity).
    pub id_token: Option<SecretString>,
    /// The provider's clock (`Date` header), to notice a wrong clock on either side.
    pub server_date: Option<DateTime<Utc>>,
    /// Which of the registration's `client_secrets` the provider took; `None` for a public client.
    pub client_secret: Option<usize>,
}

/// Which token is revoked (`token_type_hint`, RFC 7009 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Ends the whole grant at most providers.
    RefreshToken,
    /// Ends this token alone.
    AccessToken,
}

/// What came of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The provider no longer accepts the token.
    Revoked,
    /// The provider has no revocation endpoint; the token dies when it expires, or when the
    /// consent is removed at the provider.
    NotOffered,
}

/// `response_type` of the authorization request.
fn response_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::AuthorizationCode | Dialect::EntraV2 => "code",
        Dialect::AzureDevOpsLegacy => "Assertion",
    }
}
