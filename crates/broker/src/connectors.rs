//! Connectors.

use crate::{
    Broker,
    access::{Actor, Permission},
    error::{Fault, WriteError},
};
use model::{
    ConnectorId, WorkspaceId,
    authorization::AuthorizationRef,
    connector::{Connector, ConnectorInput},
    validate,
};
use storage::{Change, Transaction, connectors::ConnectorRecord};

impl Broker {
    /// All connectors, by name.
    pub async fn connectors(&self, actor: &Actor) -> Result<Vec<Connector>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let records = tx.connectors().list(workspace).await?;
        let authorizations = tx.authorizations().all(workspace).await?;
        let used_by = |id: ConnectorId| {
            authorizations
                .iter()
                .filter(|authorization| authorization.connectors.contains(&id))
                .map(|authorization| AuthorizationRef {
                    id: authorization.id,
                    name: authorization.name.clone(),
                })
                .collect()
        };
        Ok(records
            .into_iter()
            .map(|record| {
                let used_by = used_by(record.id);
                view(record, used_by)
            })
            .collect())
    }

    /// One connector.
    pub async fn connector(
        &self,
        actor: &Actor,
        id: ConnectorId,
    ) -> Result<Option<Connector>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let record = tx.connectors().get(workspace, id).await?;
        match record {
            Some(record) => Ok(Some(with_uses(&mut *tx, workspace, record).await?)),
            None => Ok(None),
        }
    }

    /// Makes a connector.
    pub async fn create_connector(
        &self,
        actor: &Actor,
        input: ConnectorInput,
    ) -> Result<Connector, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        WriteError::check(validate::connector(&input))?;
        let now = self.now();
        let record = ConnectorRecord {
            id: self.new_id(),
            workspace_id: workspace,
            name: input.name.trim().to_owned(),
            config: input.config,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.write().await?;
        tx.connectors().insert(&record).await?;
        tx.announce(Change::Configuration(workspace));
        tx.save().await?;
        Ok(view(record, Vec::new()))
    }

    /// Changes a connector, if it is still at that version.
    pub async fn update_connector(
        &self,
        actor: &Actor,
        id: ConnectorId,
        version: i64,
        input: ConnectorInput,
    ) -> Result<Connector, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        WriteError::check(validate::connector(&input))?;
        let mut tx = self.write().await?;
        let mut record = tx
            .connectors()
            .get(workspace, id)
            .await?
            .ok_or(WriteError::NotFound("connector"))?;
        if record.version != version {
            return Err(WriteError::Stale);
        }
        input.name.trim().clone_into(&mut record.name);
        record.config = input.config;
        record.updated_at = self.now();
        if !tx.connectors().update(&record).await? {
            return Err(WriteError::Stale);
        }
        record.version += 1;
        let connector = with_uses(&mut *tx, workspace, record).await?;
        tx.announce(Change::Configuration(workspace));
        tx.save().await?;
        Ok(connector)
    }

    /// Deletes a connector that no authorization has, if it is still at that version; `false` when
    /// there is none.
    pub async fn delete_connector(
        &self,
        actor: &Actor,
        id: ConnectorId,
        version: Option<i64>,
    ) -> Result<bool, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let Some(record) = tx.connectors().get(workspace, id).await? else {
            return Ok(false);
        };
        if version.is_some_and(|version| version != record.version) {
            return Err(WriteError::Stale);
        }
        let used_by = tx.connectors().used_by(workspace, id).await?;
        if !used_by.is_empty() {
            let names: Vec<_> = used_by
                .into_iter()
                .map(|authorization| authorization.name)
                .collect();
            return Err(WriteError::InUse(names.join(", ")));
        }
        tx.connectors().delete(workspace, id).await?;
        tx.announce(Change::Configuration(workspace));
        tx.save().await?;
        Ok(true)
    }
}

async fn with_uses(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    record: ConnectorRecord,
) -> Result<Connector, Fault> {
    let used_by = tx.connectors().used_by(workspace, record.id).await?;
    Ok(view(record, used_by))
}

fn view(record: ConnectorRecord, used_by: Vec<AuthorizationRef>) -> Connector {
    Connector {
        id: record.id,
        name: record.name,
        config: record.config,
        used_by,
        version: record.version,
        created_at: record.created_at,
        updated_at: record.updated_at,
    }
}
