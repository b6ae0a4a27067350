//! Connectors.

use crate::{
    columns::{Millis, fold},
    error::failed,
};
use async_trait::async_trait;
use model::{
    ConnectorId, WorkspaceId, authorization::AuthorizationRef, connector::ConnectorConfig,
};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    StorageError,
    connectors::{ConnectorRecord, ConnectorRepository},
};

pub(crate) struct Connectors<'c>(pub &'c mut SqliteConnection);

struct ConnectorRow {
    id: Uuid,
    workspace_id: Uuid,
    name: String,
    config: Json<ConnectorConfig>,
    version: i64,
    created_at: Millis,
    updated_at: Millis,
}

impl From<ConnectorRow> for ConnectorRecord {
    fn from(row: ConnectorRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            name: row.name,
            config: row.config.0,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// Selects [`ConnectorRow`]s.
macro_rules! connectors {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            ConnectorRow,
            r#"SELECT id AS "id: Uuid", workspace_id AS "workspace_id: Uuid", name,
                      config AS "config: Json<ConnectorConfig>", version,
                      created_at AS "created_at: Millis", updated_at AS "updated_at: Millis"
               FROM connectors "# + $rest
            $(, $argument)*
        )
    };
}

#[async_trait]
impl ConnectorRepository for Connectors<'_> {
    async fn insert(&mut self, connector: &ConnectorRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO connectors (id, workspace_id, name, name_key, config, version,
                                     created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            connector.id.0,
            connector.workspace_id.0,
            connector.name,
            fold(&connector.name),
            Json(&connector.config),
            connector.version,
            Millis(connector.created_at),
            Millis(connector.updated_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("connector"))?;
        Ok(())
    }

    async fn get(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectorId,
    ) -> Result<Option<ConnectorRecord>, StorageError> {
        let row = connectors!("WHERE workspace_id = ? AND id = ?", workspace.0, id.0)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(failed("connector"))?;
        Ok(row.map(Into::into))
    }

    async fn list(&mut self, workspace: WorkspaceId) -> Result<Vec<ConnectorRecord>, StorageError> {
        let rows = connectors!("WHERE workspace_id = ? ORDER BY name_key", workspace.0)
            .fetch_all(&mut *self.0)
            .await
            .map_err(failed("connector"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn used_by(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectorId,
    ) -> Result<Vec<AuthorizationRef>, StorageError> {
        let rows = sqlx::query!(
            r#"SELECT a.id AS "id: Uuid", a.name
               FROM authorization_connectors u JOIN authorizations a ON a.id = u.authorization_id
               WHERE u.connector_id = ? AND a.workspace_id = ?
               ORDER BY a.name_key"#,
            id.0,
            workspace.0
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        Ok(rows
            .into_iter()
            .map(|row| AuthorizationRef {
                id: row.id.into(),
                name: row.name,
            })
            .collect())
    }

    async fn update(&mut self, connector: &ConnectorRecord) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE connectors
             SET name = ?, name_key = ?, config = ?, updated_at = ?, version = version + 1
             WHERE workspace_id = ? AND id = ? AND version = ?",
            connector.name,
            fold(&connector.name),
            Json(&connector.config),
            Millis(connector.updated_at),
            connector.workspace_id.0,
            connector.id.0,
            connector.version
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("connector"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectorId,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "DELETE FROM connectors
             WHERE workspace_id = ?1 AND id = ?2
               AND NOT EXISTS (SELECT 1 FROM authorization_connectors WHERE connector_id = ?2)",
            workspace.0,
            id.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("connector"))?;
        Ok(done.rows_affected() == 1)
    }
}
