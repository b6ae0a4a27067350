//! Why a provider refused, in terms of what has to be done.
//!
//! The words are ours; which of a provider's codes means which of them is data in its definition
//! (`[[reasons]]`), collected here into a [`ReasonTable`].

use std::collections::BTreeMap;

use serde::Deserialize;

/// Why a provider refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The account was deactivated.
    AccountDisabled,
    /// The account is not, or no longer, in the directory.
    AccountNotFound,
    /// The account is locked or its password has expired; that may pass.
    AccountLocked,
    /// Nobody consented to these scopes, or the consent was withdrawn.
    ConsentMissing,
    /// The person pressed Cancel.
    UserDeclined,
    /// Only an administrator of the directory may consent.
    AdminConsentNeeded,
    /// Sessions were revoked or the password changed.
    GrantRevoked,
    /// The refresh token expired or was unused for too long.
    RefreshTokenExpired,
    /// Multi-factor sign-in or conditional access asks for a person.
    PolicyRequiresSignIn,
    /// The client secret has expired.
    SecretExpired,
    /// The client secret is wrong or missing.
    SecretWrong,
    /// The app is missing, disabled or not assigned to the user.
    AppUnavailable,
    /// The redirect URI is not registered with the app.
    RedirectMismatch,
    /// The tenant setting does not fit the app.
    TenantWrong,
    /// A scope is unknown, or the app lacks the permission.
    ScopeInvalid,
    /// The organization's policy lets no app of this kind in.
    AccessPolicyOff,
    /// The code was used already, or the PKCE verifier does not fit.
    CodeRejected,
    /// The provider has a problem of its own.
    ProviderTrouble,
    /// The provider sees the same request again and again and asks to stop.
    ClientLoop,
}

/// What is done about a [`Reason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The authorization is over: cancel it and tell everybody.
    Cancel,
    /// A person has to sign in again.
    Reauthorize,
    /// A person has to sign in again, and the provider must show the consent screen.
    ReauthorizeWithConsent,
    /// Keep the token, try again seldom, and warn.
    KeepAndWarn,
    /// It stays as it was before the flow: Not authorized.
    StayUnauthorized,
    /// Show the link with which an administrator consents.
    AskAdministrator,
    /// The settings have to be corrected; asking for consent again would not help.
    FixSettings,
    /// Begin the consent flow anew.
    RestartFlow,
    /// Back off and keep the token.
    BackOff,
    /// Stop asking: open the circuit of this registration.
    OpenCircuit,
}

impl Reason {
    /// What to do about it.
    pub const fn remedy(self) -> Remedy {
        match self {
            Self::AccountDisabled => Remedy::Cancel,
            Self::AccountNotFound
            | Self::GrantRevoked
            | Self::RefreshTokenExpired
            | Self::PolicyRequiresSignIn => Remedy::Reauthorize,
            Self::ConsentMissing => Remedy::ReauthorizeWithConsent,
            Self::AccountLocked => Remedy::KeepAndWarn,
            Self::UserDeclined => Remedy::StayUnauthorized,
            Self::AdminConsentNeeded => Remedy::AskAdministrator,
            Self::SecretExpired
            | Self::SecretWrong
            | Self::AppUnavailable
            | Self::RedirectMismatch
            | Self::TenantWrong
            | Self::ScopeInvalid
            | Self::AccessPolicyOff => Remedy::FixSettings,
            Self::CodeRejected => Remedy::RestartFlow,
            Self::ProviderTrouble => Remedy::BackOff,
            Self::ClientLoop => Remedy::OpenCircuit,
        }
    }
}

/// One `[[reasons]]` row of a provider definition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonRow {
    reason: Reason,
    /// Numeric codes: single ones (`"50057"`) and ranges (`"53000-53003"`).
    #[serde(default)]
    codes: Vec<CodeRange>,
    /// Values of `error`.
    #[serde(default)]
    errors: Vec<String>,
    /// Beginnings of a message, for APIs that put their code there (`TF400813`).
    #[serde(default)]
    messages: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct CodeRange {
    first: u64,
    last: u64,
}

impl TryFrom<String> for CodeRange {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        Ok(Self {
            first: first.trim().parse()?,
            last: last.trim().parse()?,
        })
    }
}

/// A provider's codes and what they mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReasonTable {
    codes: BTreeMap<u64, Reason>,
    errors: BTreeMap<String, Reason>,
    messages: Vec<(String, Reason)>,
}

impl ReasonTable {
    pub(crate) fn new(rows: &[ReasonRow]) -> Self {
        let mut table = Self::default();
        for row in rows {
            for range in &row.codes {
                let codes = range.first..=range.last;
                table.codes.extend(codes.map(|code| (code, row.reason)));
            }
            let errors = row.errors.iter().map(|error| (error.clone(), row.reason));
            table.errors.extend(errors);
            let messages = row.messages.iter().map(|text| (text.clone(), row.reason));
            table.messages.extend(messages);
        }
        table
    }

    /// The reason of the first code that is known, else of the `error`, else of the message.
    pub(crate) fn look_up(&self, codes: &[u64], error: &str, message: &str) -> Option<Reason> {
        codes
            .iter()
            .find_map(|code| self.codes.get(code))
            .or_else(|| self.errors.get(error))
            .copied()
            .or_else(|| {
                let known = self.messages.iter();
                known
                    .filter(|(text, _)| message.contains(text.as_str()))
                    .map(|(_, reason)| *reason)
                    .next()
            })
    }
}
