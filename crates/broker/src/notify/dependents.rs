//! The connectors that depend on what is told.

use crate::error::Fault;
use model::{ConnectorId, WorkspaceId};
use std::collections::HashSet;
use storage::{Transaction, authorizations::AuthorizationRecord};

/// Connectors named in the message about several authorizations.
const NAMED: usize = 100;

/// Connectors of several authorizations, each once.
pub(crate) struct Connectors {
    /// Names, in the order of the authorizations.
    pub names: Vec<String>,
    /// How many there are beside those named.
    pub more: usize,
}

/// Names of connectors, in the order of the form.
pub(crate) async fn connector_names(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    ids: &[ConnectorId],
) -> Result<Vec<String>, Fault> {
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        let connector = tx.connectors().get(workspace, *id).await?;
        names.extend(connector.map(|connector| connector.name));
    }
    Ok(names)
}

/// The connectors of all these authorizations.
pub(super) async fn connectors_of(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    records: &[&AuthorizationRecord],
) -> Result<Connectors, Fault> {
    let mut seen = HashSet::new();
    let mut ids: Vec<_> = records
        .iter()
        .flat_map(|record| &record.connectors)
        .copied()
        .filter(|id| seen.insert(*id))
        .collect();
    let more = ids.len().saturating_sub(NAMED);
    ids.truncate(NAMED);
    Ok(Connectors {
        names: connector_names(tx, workspace, &ids).await?,
        more,
    })
}
