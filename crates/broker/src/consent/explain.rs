//! A trip that brought no consent, in words: what happened, what to do, and at which field.

use crate::grants;
use chrono::{DateTime, Utc};
use model::authorization::FlowError;
use oauth::{ErrorClass, Reason, TokenError};
use url::Url;

/// A failure that the provider said nothing about.
pub(super) fn flow_error(message: impl Into<String>) -> FlowError {
    FlowError {
        message: message.into(),
        provider: None,
        field: None,
        admin_consent_url: None,
    }
}

/// The person said no.
pub(super) fn declined() -> FlowError {
    flow_error("The consent was declined at the provider. Nothing has changed here.")
}

/// What the provider said, in place of a code or of a token. `admin_consent` is where an
/// administrator can consent, if the provider has such a page.
pub(super) fn explain(
    error: &TokenError,
    redirect_uri: &str,
    admin_consent: Option<&Url>,
    now: DateTime<Utc>,
) -> FlowError {
    if error.reason == Some(Reason::AdminConsentNeeded) {
        return FlowError {
            message: admin_consent_needed(admin_consent.is_some()).to_owned(),
            provider: Some(grants::error_info(error, now)),
            field: None,
            admin_consent_url: admin_consent.map(Url::to_string),
        };
    }
    if error.reason == Some(Reason::UserDeclined) || error.error == "access_denied" {
        return declined();
    }
    let (message, field) = error
        .reason
        .and_then(by_reason)
        .unwrap_or_else(|| by_class(error));
    FlowError {
        message: message.replace("{redirect_uri}", redirect_uri),
        provider: Some(grants::error_info(error, now)),
        field: field.map(str::to_owned),
        admin_consent_url: None,
    }
}

const fn admin_consent_needed(has_page: bool) -> &'static str {
    if has_page {
        "An administrator of the directory has to consent to these permissions first. Send the link below to one of them; after they agree, authorize again."
    } else {
        "An administrator of the directory has to consent to these permissions first. After they agree, authorize again."
    }
}

type Explanation = (&'static str, Option<&'static str>);

const fn by_reason(reason: Reason) -> Option<Explanation> {
    Some(match reason {
        Reason::SecretExpired => (
            "The client secret has expired. Make a new one at the provider and fill it in here.",
            Some("settings.client_secret"),
        ),
        Reason::SecretWrong => (
            "The provider does not accept the client secret. Copy its value (not its id) again.",
            Some("settings.client_secret"),
        ),
        Reason::AppUnavailable => (
            "The provider does not know this app, or it is disabled. Check the App ID and the tenant.",
            Some("settings.client_id"),
        ),
        Reason::RedirectMismatch => (
            "The redirect URI is not registered with the app. Register exactly {redirect_uri}",
            Some("redirect_uri"),
        ),
        Reason::TenantWrong => (
            "The tenant does not fit the app. Set the id of the directory the app is registered in.",
            Some("settings.tenant"),
        ),
        Reason::ScopeInvalid => (
            "The provider does not accept a scope, or the app lacks the permission for it. Choose only scopes that are registered with the app.",
            Some("scopes"),
        ),
        Reason::AccountDisabled => (
            "The account is deactivated at the provider. Sign in with an active one.",
            None,
        ),
        Reason::AccountNotFound => (
            "The account is not in the directory that the app belongs to. Sign in with one that is.",
            None,
        ),
        Reason::AccountLocked => (
            "The account is locked, or its password has expired. Unlock it, then authorize again.",
            None,
        ),
        Reason::CodeRejected => (
            "The sign-in took too long or was repeated. Start again with Authorize.",
            None,
        ),
        Reason::AccessPolicyOff
        | Reason::AdminConsentNeeded
        | Reason::ConsentMissing
        | Reason::UserDeclined
        | Reason::GrantRevoked
        | Reason::RefreshTokenExpired
        | Reason::PolicyRequiresSignIn
        | Reason::ProviderTrouble
        | Reason::ClientLoop => return None,
    })
}

fn by_class(error: &TokenError) -> Explanation {
    if error.error == "invalid_scope" {
        return by_reason(Reason::ScopeInvalid).unwrap_or_default();
    }
    let message = match error.class {
        ErrorClass::Transient | ErrorClass::Ambiguous => {
            "The provider did not answer as it should. Nothing is lost: try again in a moment."
        }
        ErrorClass::InvalidGrant => {
            "The provider no longer accepts the code it had given. Start again with Authorize."
        }
        ErrorClass::InvalidClient => {
            "The provider does not accept App ID and client secret. Check both."
        }
        ErrorClass::Configuration => {
            "The provider refused the request. Check the settings against the app registration."
        }
        ErrorClass::InteractionRequired => {
            "The provider wants the person to sign in again. Start again with Authorize."
        }
    };
    (message, None)
}

#[cfg(test)]
mod tests {
    use super::explain;
    use chrono::DateTime;
    use oauth::{ErrorClass, Reason, TokenError};
    use url::Url;

    fn refused(reason: Option<Reason>) -> TokenError {
        TokenError {
            class: ErrorClass::Configuration,
            reason,
            error: "access_denied".to_owned(),
            description: None,
            retry_after: None,
            correlation_id: None,
            status: None,
        }
    }

    // Entra says `access_denied` for both.
    #[test]
    fn who_may_not_consent_has_not_declined() {
        let page = Url::parse("https://login.example/t/adminconsent").unwrap();
        let told =
            |reason, page| explain(&refused(reason), "https://t/c", page, DateTime::UNIX_EPOCH);
        let needed = told(Some(Reason::AdminConsentNeeded), Some(&page));
        assert_eq!(needed.admin_consent_url.as_deref(), Some(page.as_str()));
        assert!(needed.message.contains("the link below"));
        let elsewhere = told(Some(Reason::AdminConsentNeeded), None);
        assert_eq!(elsewhere.admin_consent_url, None);
        assert!(!elsewhere.message.contains("link"));
        let declined = told(None, Some(&page));
        assert!(declined.message.contains("declined"));
        assert_eq!(declined.admin_consent_url, None);
    }
}
