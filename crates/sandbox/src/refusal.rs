//! Why a token request is refused, before any dialect puts it in its own words.
//!
//! [`Refusal::oauth_error`] is the standard's word for each; Entra has its own table of codes on top.

/// Why a token request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The request cannot be read as one.
    #[error("{0}")]
    Malformed(&'static str),
    #[error("the parameter '{0}' is missing")]
    MissingParameter(&'static str),
    #[error("the parameter '{0}' must not be sent here")]
    UnexpectedParameter(&'static str),
    #[error("the grant type is not supported")]
    UnsupportedGrantType,

    #[error("tenant '{0}' not found")]
    UnknownTenant(String),
    /// A single-tenant app at an endpoint for many tenants.
    #[error("the application is not a multi-tenant application")]
    SingleTenantApp,
    #[error("the client is not registered")]
    UnknownClient,
    #[error("the client did not send its secret")]
    MissingSecret,
    #[error("the client secret is wrong")]
    WrongSecret,
    #[error("the client secret is expired")]
    ExpiredSecret,

    #[error("the code is not known")]
    UnknownCode,
    #[error("the code was already redeemed")]
    CodeReused,
    #[error("the code is expired")]
    CodeExpired,
    #[error("the redirect URI is not the one the code was requested with")]
    RedirectMismatch,
    #[error("the code verifier is missing")]
    MissingVerifier,
    #[error("the code verifier does not match the code challenge")]
    VerifierMismatch,

    #[error("the refresh token is not known")]
    UnknownRefreshToken,
    #[error("the refresh token was already used; all tokens of its family are revoked")]
    RefreshTokenReused,
    #[error("the refresh token is expired")]
    RefreshTokenExpired,
    /// The code or token belongs to another client.
    #[error("it was issued to another client")]
    OtherClient,
    /// Killed by reuse or by the client's own revocation.
    #[error("the grant is revoked")]
    GrantRevoked,
    #[error("the user has not consented, or took the consent back")]
    ConsentRevoked,
    /// Legacy: the client secret that the token was made with is no longer registered.
    #[error("the client secret this token was issued with is no longer valid")]
    SecretRetired,

    #[error("the account is disabled")]
    AccountDisabled,
    #[error("the account is locked")]
    AccountLocked,

    #[error("the scope '{0}' does not exist")]
    UnknownScope(String),
    #[error("the application is not registered for the scope '{0}'")]
    UnregisteredScope(String),
    #[error("the resource '{0}' does not exist in the tenant")]
    UnknownResource(String),
    #[error("'.default' cannot be combined with other scopes of the resource")]
    DefaultScopeMixed,
    #[error("the scope '{0}' was not granted")]
    ScopeNotGranted(String),
}

impl Refusal {
    /// The error code the standard has for it (RFC 6749 §5.2).
    pub(crate) fn oauth_error(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::MissingParameter(_) | Self::UnexpectedParameter(_) => {
                "invalid_request"
            }
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnknownTenant(_)
            | Self::SingleTenantApp
            | Self::UnknownClient
            | Self::MissingSecret
            | Self::WrongSecret
            | Self::ExpiredSecret => "invalid_client",
            Self::UnknownCode
            | Self::CodeReused
            | Self::CodeExpired
            | Self::RedirectMismatch
            | Self::MissingVerifier
            | Self::VerifierMismatch
            | Self::UnknownRefreshToken
            | Self::RefreshTokenReused
            | Self::RefreshTokenExpired
            | Self::OtherClient
            | Self::GrantRevoked
            | Self::ConsentRevoked
            | Self::SecretRetired
            | Self::AccountDisabled
            | Self::AccountLocked => "invalid_grant",
            Self::UnknownScope(_)
            | Self::UnregisteredScope(_)
            | Self::UnknownResource(_)
            | Self::DefaultScopeMixed
            | Self::ScopeNotGranted(_) => "invalid_scope",
        }
    }
}
