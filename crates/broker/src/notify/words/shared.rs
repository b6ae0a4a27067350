//! What is said once to all whom it concerns.

use super::{About, Message, and_more, duration, names, said, utc};
use crate::notify::dependents::Connectors;
use chrono::{DateTime, Utc};
use model::{
    notification::{NotificationKind, NotificationSeverity},
    status::Status,
};

/// The refreshes of many authorizations fail for one reason.
pub(crate) fn outage(
    what: &str,
    authorizations: &[String],
    since: DateTime<Utc>,
    connectors: Connectors,
    now: DateTime<Utc>,
) -> Message {
    let count = authorizations.len();
    Message {
        kind: NotificationKind::RefreshFailing,
        severity: NotificationSeverity::Warning,
        title: format!(
            "{what}: no fresh tokens for {} ({count} authorizations)",
            duration(now - since)
        ),
        text: format!(
            "There have been no new tokens since {} for {}. Tokens that are still good are served. Others that fail for the same reason are part of this: you are told when it is over.{}",
            utc(since),
            names(authorizations),
            and_more(&connectors)
        ),
        connectors: connectors.names,
        next_action: Status::RefreshFailing.next_action().to_owned(),
        authorization: None,
    }
}

/// A client registration that the provider refuses, whoever uses it.
pub(crate) fn registration_refused(
    about: About<'_>,
    client_id: Option<&str>,
    status: Status,
    connectors: Connectors,
) -> Message {
    let client = client(client_id);
    let provider = about.provider;
    let reason = status.reason_text();
    Message {
        kind: NotificationKind::RegistrationRefused,
        severity: NotificationSeverity::Error,
        title: format!("{provider} refuses {client} ({reason})"),
        text: format!(
            "First noticed with {}. No consent is lost: refreshes go on as soon as it is corrected. You are told once, however many authorizations use it.{}{}",
            about.authorization.name,
            and_more(&connectors),
            said(about.error)
        ),
        connectors: connectors.names,
        next_action: status.next_action().to_owned(),
        authorization: Some(about.authorization),
    }
}

/// Refreshes are held at a provider since the database was restored.
pub(crate) fn restored(provider: &str, connectors: Connectors) -> Message {
    Message {
        kind: NotificationKind::ReauthorizationNeeded,
        severity: NotificationSeverity::Error,
        title: format!("{provider}: refreshes are held (database restored)"),
        text: format!(
            "The database was restored from a backup, or is a copy. A refresh token in it may have been replaced since, and sending it again could end the consent; so nothing is refreshed by itself.{}",
            and_more(&connectors)
        ),
        connectors: connectors.names,
        next_action: "If this database is the newest one, the operator runs `tokenry admin resume-refreshes`. Otherwise refresh each authorization once, and re-authorize those that are refused.".to_owned(),
        authorization: None,
    }
}

/// What was told once for several authorizations is over.
pub(crate) fn all_recovered(what: &str, told_at: DateTime<Utc>, now: DateTime<Utc>) -> Message {
    Message {
        kind: NotificationKind::Recovered,
        severity: NotificationSeverity::Info,
        title: format!("{what}: works again"),
        text: format!(
            "There are fresh tokens again, {} after you were told. If an authorization still gets none, you are told of it on its own.",
            duration(now - told_at)
        ),
        connectors: Vec::new(),
        next_action: String::new(),
        authorization: None,
    }
}

/// A client registration, named.
pub(crate) fn client(client_id: Option<&str>) -> String {
    match client_id {
        Some(id) => format!("the client registration {id}"),
        None => "the client registration".to_owned(),
    }
}
