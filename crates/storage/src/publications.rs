//! Publications: immutable numbered snapshots of a workspace.

use crate::StorageError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, ConnectorId, GrantId, WorkspaceId,
    connector::ConnectorConfig,
    publish::{Change, Issue, PublishResult},
    settings::Settings,
};
use serde::{Deserialize, Serialize};

/// A publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationRecord {
    /// Where.
    pub workspace_id: WorkspaceId,
    /// 1 for the first of a workspace, then one more each.
    pub number: i64,
    /// When.
    pub published_at: DateTime<Utc>,
    /// Who, in words.
    pub published_by: String,
    /// How it went.
    pub result: PublishResult,
    /// What was found.
    pub issues: Vec<Issue>,
    /// What differed from the one before.
    pub changes: Vec<Change>,
    /// The publication whose content it brought back.
    pub restored_from: Option<i64>,
    /// What is published.
    pub snapshot: Snapshot,
}

/// What the run time reads: active authorizations and all connectors, ordered by id. It names
/// grants, and holds neither tokens nor secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Active authorizations.
    pub authorizations: Vec<SnapshotAuthorization>,
    /// Connectors.
    pub connectors: Vec<SnapshotConnector>,
}

/// A published authorization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotAuthorization {
    /// Its id.
    pub id: AuthorizationId,
    /// Its name.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// Settings without secrets.
    pub settings: Settings,
    /// Scopes chosen.
    pub scopes: Vec<String>,
    /// Connectors that use it.
    pub connectors: Vec<ConnectorId>,
    /// Which consent is meant; `None` when there is none in force.
    pub grant_id: Option<GrantId>,
}

/// A published connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotConnector {
    /// Its id.
    pub id: ConnectorId,
    /// Its name.
    pub name: String,
    /// Type and configuration.
    #[serde(flatten)]
    pub config: ConnectorConfig,
}

/// Publications.
#[async_trait]
pub trait PublicationRepository: Send {
    /// Adds one. [`StorageError::Taken`] when the number is.
    async fn insert(&mut self, publication: &PublicationRecord) -> Result<(), StorageError>;
    /// The last one of a workspace.
    async fn latest(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<PublicationRecord>, StorageError>;
    /// One by number.
    async fn get(
        &mut self,
        workspace: WorkspaceId,
        number: i64,
    ) -> Result<Option<PublicationRecord>, StorageError>;
    /// Newest first, below `before` when given, at most `limit`.
    async fn list(
        &mut self,
        workspace: WorkspaceId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PublicationRecord>, StorageError>;
}
