//! From the status of a consent to what people should know about it, without any database.

use chrono::{DateTime, Utc};
use model::{
    settings::Settings,
    status::{CancelReason, MisconfigurationReason, ReauthorizationReason, Status},
};
use oauth::{ErrorClass, Provider, Reason};
use storage::grants::{GrantClient, GrantRecord};
use url::Url;

/// How it is remembered that refreshes were told to be failing.
pub(crate) const FAILING: &str = "failing";
/// How it is remembered that some of those who shared a trouble work again, with the time at which
/// the last one did.
const RECOVERING: &str = "recovering:";

/// What is remembered of a shared trouble when somebody is out of it.
pub(crate) fn recovering(at: DateTime<Utc>) -> String {
    format!("{RECOVERING}{}", at.timestamp())
}

/// When somebody was last out of a shared trouble; `None` when nobody is.
pub(crate) fn recovered_at(told: &str) -> Option<DateTime<Utc>> {
    let seconds = told.strip_prefix(RECOVERING)?.parse().ok()?;
    DateTime::from_timestamp(seconds, 0)
}

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

impl Shared {
    /// Whether another consent shares it as well, whether or not that has shown yet.
    pub(crate) fn is_shared_by(&self, grant: &GrantRecord) -> bool {
        match self.kind {
            SharedKind::Registration => {
                grant.status.can_refresh() && registration_subject(&grant.client) == self.subject
            }
            SharedKind::Restored => matches!(
                meaning(grant.status, &grant.client),
                Meaning::Shared(shared) if shared == *self
            ),
        }
    }
}

/// Prefixes of subjects that are shared.
const REGISTRATION: &str = "registration:";
pub(super) const RESTORED: &str = "restored:";
pub(super) const OUTAGE: &str = "outage:";

/// The outage that a grant which fails to refresh belongs to: of the provider at the origin of the
/// token endpoint, or of the client alone when the provider asks it to stop. `None` when the grant
/// fails for a reason of its own.
pub(crate) fn outage_of(grant: &GrantRecord, provider: Option<&Provider>) -> Option<String> {
    if grant.status != Status::RefreshFailing {
        return None;
    }
    // Read again from what is stored, by the table that judged it in the first place.
    let error = grant.last_error.as_ref().zip(provider).map(|(error, at)| {
        let read = at.callback_error(&error.code, Some(&error.message));
        (read.class, read.reason)
    });
    let GrantClient {
        provider, settings, ..
    } = &grant.client;
    let client = match error {
        Some((_, Some(Reason::ClientLoop))) => client_id(settings),
        // Suspected dead, and about to be asked again.
        Some((ErrorClass::InvalidGrant, reason)) if reason != Some(Reason::ProviderTrouble) => {
            return None;
        }
        _ => None,
    };
    let origin = token_url(settings).map(|url| origin(url).unwrap_or_else(|| url.to_owned()));
    Some(format!(
        "{OUTAGE}{provider}/{}@{}",
        client.unwrap_or_default(),
        origin.unwrap_or_default()
    ))
}

/// What a shared subject is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SharedBy<'a> {
    /// Id of the provider.
    pub provider: &'a str,
    /// The client, when not everybody at the provider is concerned.
    pub client: Option<&'a str>,
    /// Where the provider is, when that is a setting.
    pub endpoint: Option<&'a str>,
}

/// What a shared subject is about; `None` when it is none.
pub(crate) fn parse_shared(subject: &str) -> Option<SharedBy<'_>> {
    if let Some(provider) = subject.strip_prefix(RESTORED) {
        return Some(SharedBy {
            provider,
            client: None,
            endpoint: None,
        });
    }
    let key = subject
        .strip_prefix(REGISTRATION)
        .or_else(|| subject.strip_prefix(OUTAGE))?;
    let (provider, key) = key.split_once('/')?;
    let (client, endpoint) = key.split_once('@').unwrap_or((key, ""));
    Some(SharedBy {
        provider,
        client: Some(client).filter(|client| !client.is_empty()),
        endpoint: Some(endpoint).filter(|endpoint| !endpoint.is_empty()),
    })
}

/// The host of an address, as people write it.
pub(crate) fn host(url: &str) -> Option<String> {
    let origin = origin(url)?;
    origin.split_once("://").map(|(_, host)| host.to_owned())
}

/// Scheme, host and port of an address that has them.
fn origin(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
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
            | MisconfigurationReason::RequestRefused
            | MisconfigurationReason::AccountLocked
            | MisconfigurationReason::AccessPolicyOff,
        ) => Meaning::Trouble(Condition::Misconfigured),
    }
}

/// Generic providers differ by their token endpoint, which is a setting.
fn registration_subject(client: &GrantClient) -> String {
    let id = client_id(&client.settings).unwrap_or_default();
    let endpoint = token_url(&client.settings);
    let endpoint = endpoint.map_or_else(String::new, |url| format!("@{url}"));
    format!("{REGISTRATION}{}/{id}{endpoint}", client.provider)
}

/// The id of the client registration.
pub(crate) fn client_id(settings: &Settings) -> Option<&str> {
    settings.get("client_id")
}

/// The token endpoint of a provider that is wherever the settings say.
pub(crate) fn token_url(settings: &Settings) -> Option<&str> {
    settings.get("token_url")
}

#[cfg(test)]
mod tests {
    use super::{
        Condition, Meaning, SharedBy, host, meaning, outage_of, parse_shared, recovered_at,
        recovering,
    };
    use chrono::DateTime;
    use model::{
        authorization::ProviderErrorInfo,
        status::{CancelReason, MisconfigurationReason, ReauthorizationReason, Status},
    };
    use oauth::Catalogue;
    use storage::grants::{GrantClient, GrantRecord, TokenSet, Trouble};
    use uuid::Uuid;

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
        let registration = SharedBy {
            provider: "oauth2",
            client: Some("app"),
            endpoint: Some("https://a.example/"),
        };
        assert_eq!(parse_shared(&one), Some(registration));
        assert_eq!(parse_shared("authorization:1"), None);
        // As it was written before there was one for each host.
        assert_eq!(parse_shared("outage:oauth2"), None);
    }

    /// The outage of a refresh that failed like this.
    fn outage(
        provider: &str,
        token_url: Option<&str>,
        code: &str,
        message: &str,
    ) -> Option<String> {
        let mut settings = vec![("client_id", "app")];
        settings.extend(token_url.map(|url| ("token_url", url)));
        let grant = GrantRecord {
            id: Uuid::nil().into(),
            workspace_id: Uuid::nil().into(),
            authorization_id: Uuid::nil().into(),
            client: GrantClient {
                provider: provider.to_owned(),
                ..client(&settings)
            },
            account: None,
            asked_scopes: Vec::new(),
            granted_scopes: Vec::new(),
            warning: None,
            status: Status::RefreshFailing,
            last_error: Some(ProviderErrorInfo {
                code: code.to_owned(),
                message: message.to_owned(),
                correlation_id: None,
                at: DateTime::UNIX_EPOCH,
            }),
            authorized_at: DateTime::UNIX_EPOCH,
            tokens: TokenSet::none(),
            trouble: Trouble::default(),
        };
        let catalogue = Catalogue::load(&[]).unwrap();
        outage_of(&grant, catalogue.get(provider).map(|provider| &**provider))
    }

    #[test]
    fn an_outage_is_one_of_a_provider_at_one_host() {
        let plain = |url| outage("oauth2", Some(url), "no_answer", "timed out").unwrap();
        let subject = plain("https://login.example.com/token");
        assert_eq!(subject, plain("https://login.example.com:443/other"));
        assert_ne!(subject, plain("https://id.example.org/token"));
        let parsed = parse_shared(&subject).unwrap();
        assert_eq!((parsed.provider, parsed.client), ("oauth2", None));
        let named = parsed.endpoint.and_then(host);
        assert_eq!(named.as_deref(), Some("login.example.com"));
        assert_eq!(
            parse_shared(&outage("azure-devops", None, "unreachable", "no route").unwrap()),
            Some(SharedBy {
                provider: "azure-devops",
                client: None,
                endpoint: None
            })
        );
    }

    #[test]
    fn only_trouble_of_the_provider_is_part_of_its_outage() {
        let entra = |code, message| outage("azure-devops", None, code, message);
        let down = entra("unexpected_answer", "The provider answered with HTTP 503.");
        assert!(down.is_some());
        assert_eq!(entra("invalid_grant", "AADSTS90033: transient"), down);
        assert_eq!(entra("invalid_grant", "no code"), None);
        // It asks this client to stop, and no other.
        let subject = entra("invalid_grant", "AADSTS50196: a loop").unwrap();
        assert_eq!(parse_shared(&subject).unwrap().client, Some("app"));
        assert_ne!(Some(subject), down);
    }

    #[test]
    fn the_time_of_the_last_recovery_is_remembered() {
        let at = DateTime::from_timestamp(1_795_500_000, 0).unwrap();
        assert_eq!(recovered_at(&recovering(at)), Some(at));
        assert_eq!(recovered_at(super::FAILING), None);
    }
}
