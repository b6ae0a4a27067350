//! What notifications say: what happened, to whom, and the one thing to do next.
//!
//! Nothing here knows a secret (S17). Of what a provider said only its error code and the id of the
//! request are passed on: its explanations may quote what was sent.

mod shared;

use super::{conditions::Condition, dependents::Connectors};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use model::{
    authorization::{AuthorizationRef, ProviderErrorInfo},
    notification::{NotificationKind, NotificationSeverity},
    status::{MisconfigurationReason, Status},
};

pub(crate) use shared::{all_recovered, client, outage, registration_refused, restored};

/// Names listed before "and 3 more".
const NAMES: usize = 5;

/// A notification before it has an id and a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub kind: NotificationKind,
    pub severity: NotificationSeverity,
    pub title: String,
    pub text: String,
    pub connectors: Vec<String>,
    pub next_action: String,
    pub authorization: Option<AuthorizationRef>,
}

/// Whom a message about one consent is about.
pub(crate) struct About<'a> {
    pub authorization: AuthorizationRef,
    /// Name of the provider.
    pub provider: &'a str,
    /// Connectors that depend on it, by name.
    pub connectors: Vec<String>,
    /// Who had consented, when the provider told.
    pub account: Option<&'a str>,
    /// It is an earlier consent, which this publication still serves.
    pub still_served: Option<i64>,
    /// What the provider said last, or why it was not asked.
    pub error: Option<&'a ProviderErrorInfo>,
}

impl About<'_> {
    fn message(
        self,
        kind: NotificationKind,
        severity: NotificationSeverity,
        title: String,
        text: String,
        next_action: String,
    ) -> Message {
        let text = match self.still_served {
            Some(number) => format!(
                "{text} This is about an earlier consent, which publication {number} still serves."
            ),
            None => text,
        };
        Message {
            kind,
            severity,
            title,
            text,
            connectors: self.connectors,
            next_action,
            authorization: Some(self.authorization),
        }
    }

    fn next_action(&self, action: &str) -> String {
        if self.still_served.is_some() {
            "Publish, so that connectors get the consent that is stored now.".to_owned()
        } else {
            action.to_owned()
        }
    }
}

/// A consent that needs a person, because of this status.
pub(crate) fn trouble(about: About<'_>, condition: Condition, status: Status) -> Message {
    let name = &about.authorization.name;
    let provider = about.provider;
    let reason = status.reason_text();
    let account = match about.account {
        Some(account) => format!("The consent of {account}"),
        None => "The consent".to_owned(),
    };
    let said = said(about.error);
    let (kind, title, text) = match condition {
        Condition::Cancelled => (
            NotificationKind::Cancelled,
            format!("{name}: authorization cancelled ({reason})"),
            format!("{account} at {provider} is over: {reason}.{said}"),
        ),
        Condition::Reauthorize => (
            NotificationKind::ReauthorizationNeeded,
            format!("{name} needs to be re-authorized ({reason})"),
            format!("{account} at {provider} brings no new tokens: {reason}.{said}"),
        ),
        Condition::Misconfigured => (
            NotificationKind::Misconfigured,
            match status {
                Status::Misconfigured(
                    MisconfigurationReason::AccountLocked | MisconfigurationReason::AccessPolicyOff,
                ) => format!("{name} cannot be refreshed ({reason})"),
                _ => format!("{name} is misconfigured ({reason})"),
            },
            format!(
                "{provider} refuses to refresh it: {reason}. The consent itself is as good as before.{said}"
            ),
        ),
    };
    let next_action = about.next_action(status.next_action());
    about.message(kind, NotificationSeverity::Error, title, text, next_action)
}

/// A consent whose refreshes have been failing for a while.
pub(crate) fn failing(
    about: About<'_>,
    since: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Message {
    let title = format!(
        "{}: no fresh token for {}",
        about.authorization.name,
        duration(now - since)
    );
    let served = match expires_at {
        Some(at) if at <= now => format!("The last token ended at {}.", utc(at)),
        Some(at) => format!("The last token is served until {}.", utc(at)),
        None => "The last token is served meanwhile.".to_owned(),
    };
    let text = format!(
        "{} has given no new token since {}. {served}{}",
        about.provider,
        utc(since),
        said(about.error)
    );
    let next_action = about.next_action(Status::RefreshFailing.next_action());
    about.message(
        NotificationKind::RefreshFailing,
        NotificationSeverity::Warning,
        title,
        text,
        next_action,
    )
}

/// What was told to be broken works again.
pub(crate) fn recovered(about: About<'_>, told_at: DateTime<Utc>, now: DateTime<Utc>) -> Message {
    let title = format!("{} works again", about.authorization.name);
    let text = format!(
        "{} gives fresh tokens again, {} after you were told.",
        about.provider,
        duration(now - told_at)
    );
    about.message(
        NotificationKind::Recovered,
        NotificationSeverity::Info,
        title,
        text,
        String::new(),
    )
}

/// A client secret that expires soon, or has expired.
pub(crate) struct ExpiringSecret<'a> {
    pub authorizations: &'a [AuthorizationRef],
    pub provider: &'a str,
    pub client_id: Option<&'a str>,
    pub ends_in: Option<&'a str>,
    pub expires_on: NaiveDate,
    pub connectors: Connectors,
}

pub(crate) fn secret_expiring(secret: ExpiringSecret<'_>, today: NaiveDate) -> Message {
    let all: Vec<_> = secret
        .authorizations
        .iter()
        .map(|authorization| authorization.name.clone())
        .collect();
    let days = (secret.expires_on - today).num_days();
    let when = match days {
        ..0 => format!("expired on {}", secret.expires_on),
        0 => "expires today".to_owned(),
        1 => "expires tomorrow".to_owned(),
        days => format!("expires in {days} days"),
    };
    let known = match secret.ends_in {
        Some(end) => format!("The secret that ends in …{end}"),
        None => "The secret".to_owned(),
    };
    let (severity, verb) = if days < 0 {
        (NotificationSeverity::Error, "worked")
    } else {
        (NotificationSeverity::Warning, "works")
    };
    Message {
        kind: NotificationKind::SecretExpiring,
        severity,
        title: format!("Client secret of {} {when}", names(&all)),
        text: format!(
            "{known} of {} at {} {verb} until {}.{}",
            client(secret.client_id),
            secret.provider,
            secret.expires_on,
            and_more(&secret.connectors)
        ),
        connectors: secret.connectors.names,
        next_action: "Add the next client secret; nobody has to consent again.".to_owned(),
        authorization: match secret.authorizations {
            [only] => Some(only.clone()),
            _ => None,
        },
    }
}

/// A consent that ended here and may live on at the provider.
pub(crate) fn revocation_failed(
    authorization: &AuthorizationRef,
    exists: bool,
    provider: &str,
    account: Option<&str>,
    error: Option<&ProviderErrorInfo>,
    ends_at: Option<DateTime<Utc>>,
) -> Message {
    let whose = account.map_or_else(String::new, |account| format!(" of {account}"));
    let until = ends_at.map_or_else(String::new, |at| {
        format!(" The last access token works there until {}.", utc(at))
    });
    Message {
        kind: NotificationKind::RevocationFailed,
        severity: NotificationSeverity::Warning,
        title: format!("{}: the ended consent was not revoked", authorization.name),
        text: format!(
            "The consent{whose} has ended here, but {provider} did not take the revocation.{until}{}",
            said(error)
        ),
        connectors: Vec::new(),
        next_action: "Remove the app from the account at the provider.".to_owned(),
        authorization: exists.then(|| authorization.clone()),
    }
}

/// Somebody tries a channel.
pub(crate) fn test(by: &str) -> Message {
    Message {
        kind: NotificationKind::Test,
        severity: NotificationSeverity::Info,
        title: "This is a test".to_owned(),
        text: format!("{by} tries whether notifications arrive here. They do."),
        connectors: Vec::new(),
        next_action: String::new(),
        authorization: None,
    }
}

/// `A, B, C, D, E and 3 more`.
fn names(all: &[String]) -> String {
    let shown = all.iter().take(NAMES).map(String::as_str);
    let listed = shown.collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMES) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// Connectors that depend on it and are not listed.
fn and_more(connectors: &Connectors) -> String {
    match connectors.more {
        0 => String::new(),
        1 => " One more connector than those listed depends on it.".to_owned(),
        more => format!(" {more} more connectors than those listed depend on it."),
    }
}

fn said(error: Option<&ProviderErrorInfo>) -> String {
    let Some(error) = error else {
        return String::new();
    };
    // Codes of our own, for what no provider said.
    let ours = match error.code.as_str() {
        "unreachable" => " The provider could not be reached.",
        "no_answer" => " The provider did not answer.",
        "unexpected_answer" | "no_token_in_answer" => {
            " The provider's answer could not be understood."
        }
        "registration_incomplete" => {
            " Tokenry did not ask: the client registration is not complete."
        }
        "address_refused" => {
            " Tokenry did not ask: the operator allows no requests to that address."
        }
        "request_malformed" => " Tokenry did not ask: these settings make no request.",
        // The reason says it all.
        "answer_lost" | "no_refresh_token" | "unreadable" => "",
        _ => {
            let request = error
                .correlation_id
                .as_ref()
                .map_or_else(String::new, |id| format!(", request {id}"));
            return format!(" The provider's error: {}{request}.", error.code);
        }
    };
    ours.to_owned()
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn duration(span: TimeDelta) -> String {
    let (number, unit) = match span.num_minutes() {
        ..1 => return "less than a minute".to_owned(),
        minutes @ 1..120 => (minutes, "minute"),
        minutes @ 120..2_880 => (minutes / 60, "hour"),
        minutes => (minutes / 1_440, "day"),
    };
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{ending}")
}

#[cfg(test)]
mod tests {
    use super::{About, ExpiringSecret, duration, names, secret_expiring, trouble};
    use crate::notify::{conditions::Condition, dependents::Connectors};
    use chrono::{DateTime, NaiveDate, TimeDelta};
    use model::{
        authorization::{AuthorizationRef, ProviderErrorInfo},
        status::{CancelReason, Status},
    };
    use uuid::Uuid;

    fn boards() -> AuthorizationRef {
        AuthorizationRef {
            id: Uuid::from_u128(1).into(),
            name: "Boards".to_owned(),
        }
    }

    fn about() -> About<'static> {
        About {
            authorization: boards(),
            provider: "Azure DevOps",
            connectors: vec!["Sprint report".to_owned()],
            account: Some("svc@contoso.example"),
            still_served: None,
            error: None,
        }
    }

    #[test]
    fn a_cancelled_authorization_names_account_connectors_and_the_next_action() {
        let status = Status::Cancelled(CancelReason::AccountDisabled);
        let message = trouble(about(), Condition::Cancelled, status);
        assert_eq!(
            message.title,
            "Boards: authorization cancelled (account disabled)"
        );
        assert_eq!(
            message.text,
            "The consent of svc@contoso.example at Azure DevOps is over: account disabled."
        );
        assert_eq!(message.connectors, ["Sprint report"]);
        assert!(message.next_action.ends_with("then publish."));
    }

    #[test]
    fn an_earlier_consent_asks_for_a_publish_alone() {
        let about = About {
            still_served: Some(3),
            ..about()
        };
        let status = Status::Cancelled(CancelReason::Revoked);
        let message = trouble(about, Condition::Cancelled, status);
        assert!(message.text.ends_with("which publication 3 still serves."));
        assert!(message.next_action.starts_with("Publish"));
    }

    #[test]
    fn days_left_read_well() {
        let title = |day| {
            let secret = ExpiringSecret {
                authorizations: &[boards()],
                provider: "Azure DevOps",
                client_id: None,
                ends_in: Some("a1b2"),
                expires_on: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
                connectors: Connectors {
                    names: Vec::new(),
                    more: 0,
                },
            };
            secret_expiring(secret, NaiveDate::from_ymd_opt(2026, 11, day).unwrap()).title
        };
        assert_eq!(title(17), "Client secret of Boards expires in 7 days");
        assert_eq!(title(23), "Client secret of Boards expires tomorrow");
        assert_eq!(title(24), "Client secret of Boards expires today");
        assert_eq!(title(25), "Client secret of Boards expired on 2026-11-24");
    }

    #[test]
    fn only_what_the_provider_said_is_called_its_error() {
        let said = |code: &str| {
            super::said(Some(&ProviderErrorInfo {
                code: code.to_owned(),
                message: "not passed on".to_owned(),
                correlation_id: Some("7".to_owned()),
                at: DateTime::UNIX_EPOCH,
            }))
        };
        assert_eq!(
            said("invalid_grant"),
            " The provider's error: invalid_grant, request 7."
        );
        assert_eq!(said("no_answer"), " The provider did not answer.");
        assert_eq!(said("answer_lost"), "");
    }

    #[test]
    fn long_lists_are_cut_and_times_are_rough() {
        let all: Vec<_> = (1..=7).map(|number| number.to_string()).collect();
        assert_eq!(names(&all), "1, 2, 3, 4, 5 and 2 more");
        assert_eq!(names(&all[..2]), "1, 2");
        assert_eq!(duration(TimeDelta::minutes(15)), "15 minutes");
        assert_eq!(duration(TimeDelta::minutes(125)), "2 hours");
        assert_eq!(duration(TimeDelta::days(3)), "3 days");
    }
}
