//! Publishing: what changed, what was found, what came of it.

use crate::status::Status;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What `GET /publish` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishState {
    /// The configuration differs from the last publication.
    pub needed: bool,
    /// What differs.
    pub changes: Vec<Change>,
    /// What publishing now would report.
    pub issues: Vec<Issue>,
    /// The publication the run time serves.
    pub last: Option<Publication>,
}

/// One difference between the configuration and the last publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// What happened to it.
    pub kind: ChangeKind,
    /// What it happened to.
    pub entity: EntityRef,
    /// What changed in it: `scopes`, `consent`. Names only, never values of secrets.
    pub fields: Vec<String>,
}

/// What happened to an entity since the last publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// New.
    Added,
    /// Changed.
    Changed,
    /// Gone, or inactive.
    Removed,
}

/// Something that was found while publishing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// Stable code: `authorization_not_authorized`.
    pub code: IssueCode,
    /// What it is and what to do, in words.
    pub message: String,
    /// What it is about.
    pub entity: Option<EntityRef>,
}

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Published all the same.
    Warning,
    /// Nothing was published.
    Error,
}

/// What can be found while publishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IssueCode {
    /// Connectors will get no token.
    AuthorizationNotAuthorized,
    /// The consent works, but needs attention.
    AuthorizationNeedsAttention,
    /// No connector uses it.
    AuthorizationWithoutConnectors,
    /// No scope is chosen.
    AuthorizationWithoutScopes,
    /// Chosen scopes differ from the granted ones.
    ScopesNotGranted,
    /// A person's own account consented.
    PersonalAccount,
    /// The client secret has expired or will within 30 days.
    SecretExpiring,
    /// There is no client secret.
    SecretMissing,
    /// The provider definition is gone from the catalogue.
    ProviderUnknown,
    /// No authorization has it.
    ConnectorUnused,
    /// More than one authorization has it: which one a call uses is not certain.
    ConnectorShared,
}

/// A thing in the workspace, named and linkable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntityRef {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EntityKind,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// Kinds of things that are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// An authorization.
    Authorization,
    /// A connector.
    Connector,
}

/// How a publish went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PublishResult {
    /// Published.
    Success,
    /// Published; there are issues that do not stop it working.
    Warning,
}

/// What `POST /publish` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Published {
    /// Number of the publication, 1 for the first of a workspace.
    pub number: i64,
    /// How it went.
    pub result: PublishResult,
    /// What was found.
    pub issues: Vec<Issue>,
}

/// One publication of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Publication {
    /// Its number.
    pub number: i64,
    /// When.
    pub published_at: DateTime<Utc>,
    /// Who: an e-mail address or the name of an API key.
    pub published_by: String,
    /// How it went.
    pub result: PublishResult,
    /// Published authorizations.
    pub authorizations: usize,
    /// Published connectors.
    pub connectors: usize,
    /// The publication whose content it brought back.
    pub restored_from: Option<i64>,
    /// What differed from the one before.
    pub changes: Vec<Change>,
    /// The run time serves this one.
    pub current: bool,
}

/// What the run time serves for one authorization (shown beside the editor's status).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serving {
    /// The publication it is part of.
    pub number: i64,
    /// State of the published consent.
    pub state: Status,
}
