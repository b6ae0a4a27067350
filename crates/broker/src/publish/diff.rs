//! What differs between two snapshots.

use model::publish::{Change, ChangeKind, EntityKind, EntityRef};
use std::collections::BTreeMap;
use storage::publications::{Snapshot, SnapshotAuthorization, SnapshotConnector};
use uuid::Uuid;

/// Changes from the last publication, or from nothing, to `new`: authorizations first.
pub(super) fn changes(last: Option<&Snapshot>, new: &Snapshot) -> Vec<Change> {
    let empty = Snapshot::default();
    let last = last.unwrap_or(&empty);
    let mut changes = compare(&last.authorizations, &new.authorizations);
    changes.extend(compare(&last.connectors, &new.connectors));
    changes
}

/// Something in a snapshot that can be compared with what it was.
trait Entity {
    fn reference(&self) -> EntityRef;
    /// Names of what differs.
    fn differences(&self, old: &Self) -> Vec<String>;
}

impl Entity for SnapshotAuthorization {
    fn reference(&self) -> EntityRef {
        EntityRef {
            kind: EntityKind::Authorization,
            id: self.id.into(),
            name: self.name.clone(),
        }
    }

    fn differences(&self, old: &Self) -> Vec<String> {
        named([
            ("name", self.name != old.name),
            ("settings", self.settings != old.settings),
            ("scopes", self.scopes != old.scopes),
            ("connectors", self.connectors != old.connectors),
            ("consent", self.grant_id != old.grant_id),
        ])
    }
}

impl Entity for SnapshotConnector {
    fn reference(&self) -> EntityRef {
        EntityRef {
            kind: EntityKind::Connector,
            id: self.id.into(),
            name: self.name.clone(),
        }
    }

    fn differences(&self, old: &Self) -> Vec<String> {
        named([
            ("name", self.name != old.name),
            ("configuration", self.config != old.config),
        ])
    }
}

fn named<const N: usize>(differences: [(&str, bool); N]) -> Vec<String> {
    differences
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn compare<E: Entity>(old: &[E], new: &[E]) -> Vec<Change> {
    let mut gone: BTreeMap<Uuid, &E> = old.iter().map(|one| (one.reference().id, one)).collect();
    let mut changes = Vec::new();
    for one in new {
        let entity = one.reference();
        let (kind, fields) = match gone.remove(&entity.id) {
            None => (ChangeKind::Added, Vec::new()),
            Some(old) => (ChangeKind::Changed, one.differences(old)),
        };
        if kind == ChangeKind::Added || !fields.is_empty() {
            changes.push(Change {
                kind,
                entity,
                fields,
            });
        }
    }
    changes.extend(gone.into_values().map(|one| Change {
        kind: ChangeKind::Removed,
        entity: one.reference(),
        fields: Vec::new(),
    }));
    changes
}

#[cfg(test)]
mod tests {
    use super::changes;
    use model::{
        connector::{AdvancedRestApi, ConnectorConfig},
        publish::ChangeKind,
    };
    use storage::publications::{Snapshot, SnapshotConnector};
    use uuid::Uuid;

    fn connector(id: u128, name: &str) -> SnapshotConnector {
        SnapshotConnector {
            id: Uuid::from_u128(id).into(),
            name: name.to_owned(),
            config: ConnectorConfig::AdvancedRestApi(AdvancedRestApi {
                base_url: "https://dev.azure.com/contoso".to_owned(),
                timeout_seconds: 100,
            }),
        }
    }

    fn snapshot(connectors: Vec<SnapshotConnector>) -> Snapshot {
        Snapshot {
            authorizations: Vec::new(),
            connectors,
        }
    }

    #[test]
    fn added_changed_and_removed_are_told_apart() {
        let old = snapshot(vec![
            connector(1, "kept"),
            connector(2, "old"),
            connector(3, "gone"),
        ]);
        let new = snapshot(vec![
            connector(1, "kept"),
            connector(2, "new"),
            connector(4, "added"),
        ]);
        let found: Vec<_> = changes(Some(&old), &new)
            .into_iter()
            .map(|change| (change.kind, change.entity.name, change.fields.join(",")))
            .collect();
        assert_eq!(
            found,
            [
                (ChangeKind::Changed, "new".to_owned(), "name".to_owned()),
                (ChangeKind::Added, "added".to_owned(), String::new()),
                (ChangeKind::Removed, "gone".to_owned(), String::new()),
            ]
        );
        assert!(changes(Some(&new), &new).is_empty());
    }
}
