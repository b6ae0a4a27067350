//! Whether an authorization works, why not, and what to do about it.
//!
//! Two labels are shown, *Not authorized* and *Authorized*; the reason beside them is one of
//! [`Status`]. Each status has exactly one [next action](Status::next_action), in words.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The two words a person sees first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StatusLabel {
    /// No token can be had until somebody consents.
    NotAuthorized,
    /// A consent is in force.
    Authorized,
}

impl StatusLabel {
    /// The label as shown.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotAuthorized => "Not authorized",
            Self::Authorized => "Authorized",
        }
    }
}

/// The state of an authorization's consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "reason", content = "reason_detail", rename_all = "snake_case")]
pub enum Status {
    /// Nobody has consented yet.
    #[default]
    Never,
    /// Somebody's browser is at the provider right now.
    Consenting,
    /// Works.
    Healthy,
    /// The last refreshes failed for a reason that should pass.
    RefreshFailing,
    /// Somebody has to sign in at the provider again.
    ReauthorizationNeeded(ReauthorizationReason),
    /// The consent is over.
    Cancelled(CancelReason),
    /// Something has to be put right in the settings or at the provider; the consent itself is still
    /// good.
    Misconfigured(MisconfigurationReason),
}

/// Why somebody has to sign in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReauthorizationReason {
    /// The account is no longer in the directory.
    AccountNotFound,
    /// The consent was withdrawn or never covered these scopes.
    ConsentMissing,
    /// Sessions were revoked, or the password was changed.
    GrantRevoked,
    /// The refresh token was not used for too long.
    RefreshTokenExpired,
    /// Multi-factor sign-in or conditional access asks for a person.
    PolicyRequiresSignIn,
    /// The provider gave no refresh token and the access token has expired.
    NoRefreshToken,
    /// The client registration was changed after the consent.
    ClientChanged,
    /// The provider refused without saying more (`invalid_grant`).
    Refused,
    /// A refresh was cut off: the provider may have replaced the refresh token, and the answer with
    /// the new one is lost.
    AnswerLost,
    /// The database was restored from a backup: the provider may have replaced the refresh token since.
    DatabaseRestored,
    /// The stored refresh token cannot be opened: the database was damaged.
    Unreadable,
}

/// Why a consent is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The account that consented was deactivated.
    AccountDisabled,
    /// The user or an administrator revoked it at the provider.
    Revoked,
    /// Somebody pressed Deauthorize here.
    Deauthorized,
}

/// What is wrong with the client registration, or around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MisconfigurationReason {
    /// The client secret has expired.
    SecretExpired,
    /// The provider does not accept the client secret.
    SecretWrong,
    /// The app does not exist there, is disabled or not assigned.
    AppUnavailable,
    /// The redirect URI is not registered with the app.
    RedirectMismatch,
    /// The tenant setting does not fit the app.
    TenantWrong,
    /// A scope is unknown, or the app lacks the permission.
    ScopeInvalid,
    /// The provider refused the request for another reason.
    RequestRefused,
    /// The account is locked, or its password has expired.
    AccountLocked,
    /// The organization's policy lets no app in.
    AccessPolicyOff,
}

/// A change of status that makes no sense, such as refreshing what was cancelled.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("an authorization that is {from:?} cannot become {to:?}")]
pub struct InvalidTransition {
    /// What it is.
    pub from: Status,
    /// What it was asked to become.
    pub to: Status,
}

impl Status {
    /// The label that goes with it.
    pub const fn label(self) -> StatusLabel {
        match self {
            Self::Healthy | Self::RefreshFailing | Self::Misconfigured(_) => {
                StatusLabel::Authorized
            }
            Self::Never
            | Self::Consenting
            | Self::ReauthorizationNeeded(_)
            | Self::Cancelled(_) => StatusLabel::NotAuthorized,
        }
    }

    /// Whether a refresh may bring a token.
    pub const fn can_refresh(self) -> bool {
        matches!(
            self,
            Self::Healthy | Self::RefreshFailing | Self::Misconfigured(_)
        ) || self.is_uncertain()
    }

    /// Whether the stored refresh token may have been replaced at the provider, so that sending it
    /// could do harm: only a person decides to try.
    pub const fn is_uncertain(self) -> bool {
        matches!(
            self,
            Self::ReauthorizationNeeded(
                ReauthorizationReason::AnswerLost | ReauthorizationReason::DatabaseRestored
            )
        )
    }

    /// Whether the access token is still handed out until it expires. Nothing is wrong with it when
    /// only the refresh token is in doubt.
    pub const fn serves_token(self) -> bool {
        matches!(self.label(), StatusLabel::Authorized) || self.is_uncertain()
    }

    /// Moves a grant from one status to the next.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the grant is over: only a new consent (a new grant) leads on
    /// from [`Status::Cancelled`], and nothing leads back to [`Status::Never`].
    pub fn become_(self, to: Self) -> Result<Self, InvalidTransition> {
        let allowed = match self {
            Self::Never | Self::Consenting => false,
            Self::Cancelled(_) => matches!(to, Self::Cancelled(_)),
            // Suspected dead: only a success, a cancellation or a better reason leads on.
            Self::ReauthorizationNeeded(_) => {
                matches!(
                    to,
                    Self::Healthy | Self::ReauthorizationNeeded(_) | Self::Cancelled(_)
                ) || (self.is_uncertain() && matches!(to, Self::Misconfigured(_)))
            }
            Self::Healthy | Self::RefreshFailing | Self::Misconfigured(_) => {
                !matches!(to, Self::Never | Self::Consenting)
            }
        };
        if allowed {
            Ok(to)
        } else {
            Err(InvalidTransition { from: self, to })
        }
    }

    /// Why, in words that stand after the label; empty when all is well.
    pub const fn reason_text(self) -> &'static str {
        match self {
            Self::Never => "nobody has consented yet",
            Self::Consenting => "waiting for the sign-in at the provider",
            Self::Healthy => "",
            Self::RefreshFailing => "the provider is not answering refreshes",
            Self::ReauthorizationNeeded(reason) => reason.text(),
            Self::Cancelled(reason) => reason.text(),
            Self::Misconfigured(reason) => reason.text(),
        }
    }

    /// The one thing to do next; empty when there is nothing to do.
    pub const fn next_action(self) -> &'static str {
        match self {
            Self::Never | Self::Consenting => "Authorize it with the account it should act for.",
            Self::Healthy => "",
            Self::RefreshFailing => "Nothing yet: Tokenry keeps trying.",
            Self::ReauthorizationNeeded(reason) => reason.next_action(),
            Self::Cancelled(CancelReason::AccountDisabled) => {
                "Re-authorize it with an active account, best a service account, then publish."
            }
            Self::Cancelled(_) => "Authorize it again to bring it back, then publish.",
            Self::Misconfigured(reason) => reason.next_action(),
        }
    }
}

impl ReauthorizationReason {
    const fn text(self) -> &'static str {
        match self {
            Self::AccountNotFound => "the account is no longer in the directory",
            Self::ConsentMissing => "the consent is missing or was withdrawn",
            Self::GrantRevoked => "the provider revoked the sign-in",
            Self::RefreshTokenExpired => "the refresh token has expired",
            Self::PolicyRequiresSignIn => "a sign-in policy asks for the person",
            Self::NoRefreshToken => "the token has expired and there is no refresh token",
            Self::ClientChanged => "the client registration has changed",
            Self::Refused => "the provider refused the refresh",
            Self::AnswerLost => "a refresh was cut off and its answer is lost",
            Self::DatabaseRestored => "the database was restored from a backup",
            Self::Unreadable => "the stored refresh token was damaged",
        }
    }

    const fn next_action(self) -> &'static str {
        match self {
            Self::AnswerLost | Self::DatabaseRestored => {
                "Refresh it once to try the stored refresh token; re-authorize it if that is refused."
            }
            Self::AccountNotFound => {
                "Re-authorize it with an account of the directory, best a service account, then publish."
            }
            _ => "Re-authorize it, then publish.",
        }
    }
}

impl CancelReason {
    const fn text(self) -> &'static str {
        match self {
            Self::AccountDisabled => "account disabled",
            Self::Revoked => "revoked at the provider",
            Self::Deauthorized => "deauthorized",
        }
    }
}

impl MisconfigurationReason {
    const fn text(self) -> &'static str {
        match self {
            Self::SecretExpired => "the client secret has expired",
            Self::SecretWrong => "the client secret is not accepted",
            Self::AppUnavailable => "the app is not available at the provider",
            Self::RedirectMismatch => "the redirect URI is not registered",
            Self::TenantWrong => "the tenant does not fit the app",
            Self::ScopeInvalid => "a scope is not accepted",
            Self::RequestRefused => "the provider refused the request",
            Self::AccountLocked => "the account is locked or its password has expired",
            Self::AccessPolicyOff => "the organization's policy lets no app in",
        }
    }

    const fn next_action(self) -> &'static str {
        match self {
            Self::SecretExpired | Self::SecretWrong => {
                "Replace the client secret; nobody has to consent again."
            }
            Self::AppUnavailable => "Check the app registration at the provider.",
            Self::RedirectMismatch => {
                "Register the redirect URI of its settings with the app, character by character."
            }
            Self::TenantWrong => "Set the tenant id of the directory the app is registered in.",
            Self::ScopeInvalid => "Correct the scopes, or add the API permission to the app.",
            Self::RequestRefused => "Check the settings against the app registration.",
            Self::AccountLocked => {
                "Have the account unlocked or its password changed; Tokenry tries again by itself."
            }
            Self::AccessPolicyOff => {
                "Have an administrator allow third-party app access in the organization; Tokenry tries again by itself."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CancelReason, ReauthorizationReason, Status, StatusLabel};

    #[test]
    fn wire_format_is_flat() {
        let json = |status| serde_json::to_string(&status).unwrap();
        assert_eq!(json(Status::Never), r#"{"reason":"never"}"#);
        assert_eq!(
            json(Status::Cancelled(CancelReason::AccountDisabled)),
            r#"{"reason":"cancelled","reason_detail":"account_disabled"}"#
        );
    }

    #[test]
    fn what_is_cancelled_stays_cancelled() {
        let cancelled = Status::Cancelled(CancelReason::Deauthorized);
        assert!(cancelled.become_(Status::Healthy).is_err());
        assert!(cancelled.become_(Status::RefreshFailing).is_err());
        assert_eq!(cancelled.label(), StatusLabel::NotAuthorized);
    }

    #[test]
    fn a_late_success_may_heal_a_suspected_grant() {
        let suspect = Status::ReauthorizationNeeded(ReauthorizationReason::Refused);
        assert_eq!(suspect.become_(Status::Healthy), Ok(Status::Healthy));
        assert!(suspect.become_(Status::RefreshFailing).is_err());
    }
}
