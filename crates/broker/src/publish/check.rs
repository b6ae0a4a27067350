//! What is worth telling somebody who is about to publish. To add a finding: a code in
//! `model::publish::IssueCode`, and the function here that finds it.

use crate::client_secrets;
use chrono::NaiveDate;
use model::{
    provider::{FieldKind, ProviderInfo},
    publish::{EntityKind, EntityRef, Issue, IssueCode, Severity},
    scopes,
    status::{Status, StatusLabel},
};
use oauth::Provider;
use storage::{
    authorizations::{AuthorizationRecord, SecretRecord},
    connectors::ConnectorRecord,
    grants::GrantRecord,
};

/// A client secret that ends sooner than this is worth a warning, in days.
const SECRET_WARNING_DAYS: i64 = 30;

/// An active authorization and what is known of it.
pub(super) struct Found<'a> {
    pub record: &'a AuthorizationRecord,
    pub provider: Option<&'a Provider>,
    pub info: Option<ProviderInfo>,
    pub state: Status,
    pub grant: Option<&'a GrantRecord>,
    pub secrets: &'a [SecretRecord],
    pub today: NaiveDate,
}

impl Found<'_> {
    fn issue(&self, severity: Severity, code: IssueCode, message: String) -> Issue {
        Issue {
            severity,
            code,
            message,
            entity: Some(EntityRef {
                kind: EntityKind::Authorization,
                id: self.record.id.into(),
                name: self.record.name.clone(),
            }),
        }
    }

    fn warning(&self, code: IssueCode, message: String) -> Issue {
        self.issue(Severity::Warning, code, message)
    }
}

/// Everything to say of one authorization.
pub(super) fn authorization(found: &Found<'_>) -> Vec<Issue> {
    [
        provider(found),
        secret_missing(found),
        state(found),
        chosen(found),
        granted(found),
        personal(found),
        secret_expiring(found),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn provider(found: &Found<'_>) -> Option<Issue> {
    if found.provider.is_some() {
        return None;
    }
    let message = format!(
        "“{}” uses the provider {}, which this version does not know.",
        found.record.name, found.record.provider
    );
    Some(found.issue(Severity::Error, IssueCode::ProviderUnknown, message))
}

fn secret_missing(found: &Found<'_>) -> Option<Issue> {
    let missing = found.info.as_ref()?.fields.iter().find(|field| {
        field.kind == FieldKind::Secret
            && field.required
            && found.secrets.iter().all(|secret| secret.field != field.key)
    })?;
    let message = format!(
        "“{}” has no {}. Fill it in.",
        found.record.name, missing.label
    );
    Some(found.issue(Severity::Error, IssueCode::SecretMissing, message))
}

fn state(found: &Found<'_>) -> Option<Issue> {
    let name = &found.record.name;
    let why = found.state.reason_text();
    let next = found.state.next_action();
    match (found.state.label(), found.state) {
        (_, Status::Healthy) => None,
        (_, uncertain) if uncertain.is_uncertain() => Some(found.warning(
            IssueCode::AuthorizationNeedsAttention,
            format!("“{name}” is not refreshed: {why}. Connectors get its token until it expires. {next}"),
        )),
        (StatusLabel::NotAuthorized, _) => Some(found.warning(
            IssueCode::AuthorizationNotAuthorized,
            format!("“{name}” is not authorized: {why}. Connectors get no token. {next}"),
        )),
        (StatusLabel::Authorized, _) => Some(found.warning(
            IssueCode::AuthorizationNeedsAttention,
            format!("“{name}” needs attention: {why}. {next}"),
        )),
    }
}

fn chosen(found: &Found<'_>) -> Option<Issue> {
    let name = &found.record.name;
    if found.record.connectors.is_empty() {
        let message = format!("“{name}” has no connector: add the one that should use it.");
        return Some(found.warning(IssueCode::AuthorizationWithoutConnectors, message));
    }
    if found.record.scopes.is_empty() {
        let message = format!("“{name}” asks for no scope: calls will be refused.");
        return Some(found.warning(IssueCode::AuthorizationWithoutScopes, message));
    }
    None
}

fn granted(found: &Found<'_>) -> Option<Issue> {
    let (provider, grant) = (found.provider?, found.grant?);
    if found.state.label() == StatusLabel::NotAuthorized {
        return None;
    }
    let missing = scopes::compare(
        &found.record.scopes,
        &grant.granted_scopes,
        provider.scopes(),
        provider.scope_prefix(),
    )
    .missing;
    if missing.is_empty() {
        return None;
    }
    let message = format!(
        "“{}” was not granted {}. Re-authorize it, or take the scopes out.",
        found.record.name,
        missing.join(", ")
    );
    Some(found.warning(IssueCode::ScopesNotGranted, message))
}

fn personal(found: &Found<'_>) -> Option<Issue> {
    let account = found.grant?.account.as_ref()?;
    if !account.personal || found.state.label() == StatusLabel::NotAuthorized {
        return None;
    }
    let message = format!(
        "“{}” works with the personal account {}. When that account is deactivated, it stops; use a service account.",
        found.record.name,
        account.label()
    );
    Some(found.warning(IssueCode::PersonalAccount, message))
}

fn secret_expiring(found: &Found<'_>) -> Option<Issue> {
    let last_day = client_secrets::last_day(found.secrets)?;
    let days = (last_day - found.today).num_days();
    if days > SECRET_WARNING_DAYS {
        return None;
    }
    let when = match days {
        ..0 => format!("expired on {last_day}"),
        0 => "expires today".to_owned(),
        1 => "expires tomorrow".to_owned(),
        _ => format!("expires in {days} days"),
    };
    let message = format!(
        "The client secret of “{}” {when}. Make a new one at the provider and replace it here.",
        found.record.name
    );
    Some(found.warning(IssueCode::SecretExpiring, message))
}

/// Everything to say of connectors.
pub(super) fn connectors(
    connectors: &[ConnectorRecord],
    authorizations: &[AuthorizationRecord],
) -> Vec<Issue> {
    connectors
        .iter()
        .filter_map(|connector| {
            let users: Vec<_> = authorizations
                .iter()
                .filter(|authorization| authorization.connectors.contains(&connector.id))
                .map(|authorization| format!("“{}”", authorization.name))
                .collect();
            let (code, message) = match users.as_slice() {
                [] => (
                    IssueCode::ConnectorUnused,
                    format!("No active authorization has the connector “{}”.", connector.name),
                ),
                [_] => return None,
                several => (
                    IssueCode::ConnectorShared,
                    format!(
                        "The connector “{}” is in {}. Which one its calls use is not certain: leave it in one.",
                        connector.name,
                        several.join(" and ")
                    ),
                ),
            };
            Some(Issue {
                severity: Severity::Warning,
                code,
                message,
                entity: Some(EntityRef {
                    kind: EntityKind::Connector,
                    id: connector.id.into(),
                    name: connector.name.clone(),
                }),
            })
        })
        .collect()
}
