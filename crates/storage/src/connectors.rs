//! Connectors.

use crate::StorageError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{
    ConnectorId, WorkspaceId, authorization::AuthorizationRef, connector::ConnectorConfig,
};

/// A connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorRecord {
    /// Its id.
    pub id: ConnectorId,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace, whatever the case.
    pub name: String,
    /// Type and configuration.
    pub config: ConnectorConfig,
    /// Starts at 1, goes up with every update.
    pub version: i64,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of the last update.
    pub updated_at: DateTime<Utc>,
}

/// Connectors of a workspace.
#[async_trait]
pub trait ConnectorRepository: Send {
    /// Adds one. [`StorageError::Taken`] when the name is.
    async fn insert(&mut self, connector: &ConnectorRecord) -> Result<(), StorageError>;
    /// One by id.
    async fn get(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectorId,
    ) -> Result<Option<ConnectorRecord>, StorageError>;
    /// All, by name.
    async fn list(&mut self, workspace: WorkspaceId) -> Result<Vec<ConnectorRecord>, StorageError>;
    /// Authorizations that have it, by name.
    async fn used_by(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectorId,
    ) -> Result<Vec<AuthorizationRef>, StorageError>;
    /// Stores `connector` with `version + 1` where the stored version is still `connector.version`;
    /// `false` when it is not (somebody else saved, or it is gone). [`StorageError::Taken`] when the name is.
    async fn update(&mut self, connector: &ConnectorRecord) -> Result<bool, StorageError>;
    /// Deletes one that no authorization has; `false` when there is none.
    async fn delete(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectorId,
    ) -> Result<bool, StorageError>;
}
