//! The configuration as it would be published now, and what is wrong with it.

use super::check;
use crate::{Broker, error::Fault};
use model::{WorkspaceId, publish::Issue};
use storage::{
    Transaction,
    publications::{Snapshot, SnapshotAuthorization, SnapshotConnector},
};

/// What would be published, and what publishing would report.
pub(super) struct Configured {
    pub snapshot: Snapshot,
    pub issues: Vec<Issue>,
}

impl Broker {
    pub(super) async fn configured(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
    ) -> Result<Configured, Fault> {
        let mut records = tx.authorizations().all(workspace).await?;
        records.retain(|record| record.active);
        records.sort_unstable_by_key(|record| record.id);
        let mut connectors = tx.connectors().list(workspace).await?;
        connectors.sort_unstable_by_key(|connector| connector.id);
        let around = self.surroundings(tx, workspace, &records).await?;

        let mut issues = Vec::new();
        for record in &records {
            let definition = self.definition(&record.provider);
            let secrets = around.secrets_of(record.id);
            let found = check::Found {
                record,
                provider: definition.map(|definition| &**definition),
                info: self.provider(&record.provider),
                state: around.state(record),
                grant: around.grant_of(record),
                secrets,
                today: self.now().date_naive(),
            };
            issues.extend(check::authorization(&found));
        }
        issues.extend(check::connectors(&connectors, &records));
        // Errors first, else in the order of the configuration.
        issues.sort_by_key(|issue| std::cmp::Reverse(issue.severity));

        let authorizations = records
            .iter()
            .map(|record| SnapshotAuthorization {
                id: record.id,
                name: record.name.clone(),
                provider: record.provider.clone(),
                settings: record.settings.clone(),
                scopes: record.scopes.clone(),
                connectors: record.connectors.clone(),
                grant_id: around.grant_in_force(record),
            })
            .collect();
        let connectors = connectors
            .into_iter()
            .map(|connector| SnapshotConnector {
                id: connector.id,
                name: connector.name,
                config: connector.config,
            })
            .collect();
        Ok(Configured {
            snapshot: Snapshot {
                authorizations,
                connectors,
            },
            issues,
        })
    }
}
