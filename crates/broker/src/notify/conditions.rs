//! From the status of a consent to what people should know about it, without any database.

use model::{
    settings::Settings,
    status::{CancelReason, MisconfigurationReason, ReauthorizationReason, Status},
};
use storage::grants::GrantClient;

/// How it is remembered that refreshes were told to be failing.
pub(crate) const FAILING: &str = "failing";

/// What makes one consent need a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Somebody has to sign in again.
    Reauthorize,
    /// It is over.
    Cancelled,
    /// A setting of this authorization is refused.
    Misconfigured,
}

impl Condition {
    /// As it is remembered.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reauthorize => "reauthorize",
            Self::Cancelled => "cancelled",
            Self::Misconfigured => "misconfigured",
        }
    }
}

/// What a status means for what is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It works: trouble that was told is over.
    Well,
    /// It may pass: only time tells, see the sweep.
    Unsettled,
    /// There is no consent, because a person wanted it so: nothing to tell, nothing to remember.
    Nothing,
    /// Somebody has to act.
    Trouble(Condition),
    /// The same for every authorization that uses this; told once.
    Shared(Shared),
}

/// What several authorizations have in common when they fail together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shared {
    /// How the memory names it.
    pub subject: String,
    /// What is told.
    pub kind: SharedKind,
}

/// Why several fail together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SharedKind {
    /// The provider refuses the client registration (R15).
    Registration,
    /// Refreshes are held since the database was restored (R17).
    Restored,
}

/// Prefixes of subjects that are shared.
const REGISTRATION: &str = "registration:";
pub(super) const RESTORED: &str = "restored:";
const OUTAGE: &str = "outage:";

/// The subject of an outage: many authorizations at one provider fail to refresh.
pub(crate) fn outage_subject(provider: &str) -> String {
    format!("{OUTAGE}{provider}")
}

/// What a shared subject is about: provider id and, for a registration, the client id.
pub(crate) fn parse_shared(subject: &str) -> Option<(&str, Option<&str>)> {
    if let Some(key) = subject.strip_prefix(REGISTRATION) {
        let (provider, client) = key.split_once('/')?;
        let client = client.split_once('@').map_or(client, |(client, _)| client);
        return Some((provider, (!client.is_empty()).then_some(client)));
    }
    let provider = subject
        .strip_prefix(RESTORED)
        .or_else(|| subject.strip_prefix(OUTAGE))?;
    Some((provider, None))
}

/// What this status means, of a consent that was given to this client.
pub(crate) fn meaning(status: Status, client: &GrantClient) -> Meaning {
    match status {
        Status::Healthy => Meaning::Well,
        Status::RefreshFailing => Meaning::Unsettled,
        Status::Never | Status::Consenting | Status::Cancelled(CancelReason::Deauthorized) => {
            Meaning::Nothing
        }
        Status::Cancelled(CancelReason::AccountDisabled | CancelReason::Revoked) => {
            Meaning::Trouble(Condition::Cancelled)
        }
        Status::ReauthorizationNeeded(ReauthorizationReason::DatabaseRestored) => {
            Meaning::Shared(Shared {
                subject: format!("{RESTORED}{}", client.provider),
                kind: SharedKind::Restored,
            })
        }
        Status::ReauthorizationNeeded(_) => Meaning::Trouble(Condition::Reauthorize),
        Status::Misconfigured(
            MisconfigurationReason::SecretExpired
            | MisconfigurationReason::SecretWrong
            | MisconfigurationReason::AppUnavailable,
        ) => Meaning::Shared(Shared {
            subject: registration_subject(client),
            kind: SharedKind::Registration,
        }),
        Status::Misconfigured(
            MisconfigurationReason::RedirectMismatch
            | MisconfigurationReason::TenantWrong
            | MisconfigurationReason::ScopeInvalid
            | MisconfigurationReason::RequestRefused,
        ) => Meaning::Trouble(Condition::Misconfigured),
    }
}

/// Generic providers differ by their token endpoint, which is a setting.
fn registration_subject(client: &GrantClient) -> String {
    let id = client_id(&client.settings).unwrap_or_default();
    let endpoint = client.settings.get("token_url");
    let endpoint = endpoint.map_or_else(String::new, |url| format!("@{url}"));
    format!("{REGISTRATION}{}/{id}{endpoint}", client.provider)
}

/// The id of the client registration.
pub(crate) fn client_id(settings: &Settings) -> Option<&str> {
    settings.get("client_id")
}

#[cfg(test)]
mod tests {
    use super::{Condition, Meaning, meaning, parse_shared};
    use model::status::{CancelReason, MisconfigurationReason, ReauthorizationReason, Status};
    use storage::grants::GrantClient;

    fn client(settings: &[(&str, &str)]) -> GrantClient {
        GrantClient {
            provider: "oauth2".to_owned(),
            settings: settings.iter().copied().collect(),
            redirect_uri: String::new(),
        }
    }

    #[test]
    fn what_a_person_did_is_not_told() {
        let status = Status::Cancelled(CancelReason::Deauthorized);
        assert_eq!(meaning(status, &client(&[])), Meaning::Nothing);
        let status = Status::Cancelled(CancelReason::Revoked);
        assert_eq!(
            meaning(status, &client(&[])),
            Meaning::Trouble(Condition::Cancelled)
        );
        let status = Status::ReauthorizationNeeded(ReauthorizationReason::Refused);
        assert_eq!(
            meaning(status, &client(&[])),
            Meaning::Trouble(Condition::Reauthorize)
        );
    }

    #[test]
    fn r15_the_same_client_at_two_endpoints_is_two_registrations() {
        let refused = Status::Misconfigured(MisconfigurationReason::SecretWrong);
        let subject = |settings: &[(&str, &str)]| match meaning(refused, &client(settings)) {
            Meaning::Shared(shared) => shared.subject,
            other => panic!("{other:?}"),
        };
        let one = subject(&[("client_id", "app"), ("token_url", "https://a.example/")]);
        let two = subject(&[("client_id", "app"), ("token_url", "https://b.example/")]);
        assert_ne!(one, two);
        assert_eq!(parse_shared(&one), Some(("oauth2", Some("app"))));
        assert_eq!(
            parse_shared("outage:azure-devops"),
            Some(("azure-devops", None))
        );
        assert_eq!(parse_shared("authorization:1"), None);
    }
}
