//! Cases of [`PublicationRepository`](crate::publications::PublicationRepository).

use super::fixture::{Db, Place, assert_taken, at, new_id, read, texts, write};
use crate::publications::{PublicationRecord, Snapshot, SnapshotAuthorization, SnapshotConnector};
use model::{
    WorkspaceId,
    connector::{AdvancedRestApi, ConnectorConfig},
    publish::{
        Change, ChangeKind, EntityKind, EntityRef, Issue, IssueCode, PublishResult, Severity,
    },
};

fn publication(workspace: WorkspaceId, number: i64) -> PublicationRecord {
    let entity = EntityRef {
        kind: EntityKind::Authorization,
        id: new_id(),
        name: "Boards".to_owned(),
    };
    PublicationRecord {
        workspace_id: workspace,
        number,
        published_at: at(number),
        published_by: "Ada".to_owned(),
        result: PublishResult::Warning,
        issues: vec![Issue {
            severity: Severity::Warning,
            code: IssueCode::SecretExpiring,
            message: "The client secret expires soon.".to_owned(),
            entity: Some(entity.clone()),
        }],
        changes: vec![Change {
            kind: ChangeKind::Changed,
            entity,
            fields: texts(&["scopes", "consent"]),
        }],
        restored_from: Some(1),
        snapshot: snapshot(),
    }
}

fn snapshot() -> Snapshot {
    let connector = new_id();
    Snapshot {
        authorizations: vec![SnapshotAuthorization {
            id: new_id(),
            name: "Boards".to_owned(),
            provider: "azure-devops".to_owned(),
            settings: [("tenant", "contoso")].into_iter().collect(),
            scopes: texts(&["vso.work"]),
            connectors: vec![connector],
            grant_id: Some(new_id()),
        }],
        connectors: vec![SnapshotConnector {
            id: connector,
            name: "REST".to_owned(),
            config: ConnectorConfig::AdvancedRestApi(AdvancedRestApi {
                base_url: "https://dev.example/".to_owned(),
                timeout_seconds: 10,
            }),
        }],
    }
}

/// By number, and as the last one.
pub async fn a_publication_round_trips(db: Db) {
    let workspace = Place::new(&db).await.workspace;
    let (full, mut bare) = (publication(workspace, 2), publication(workspace, 1));
    (bare.issues, bare.changes, bare.restored_from) = (Vec::new(), Vec::new(), None);
    (bare.result, bare.snapshot) = (PublishResult::Success, Snapshot::default());
    let mut transaction = write(&db).await;
    let latest = transaction.publications().latest(workspace).await.unwrap();
    assert_eq!(latest, None);
    transaction.publications().insert(&bare).await.unwrap();
    transaction.publications().insert(&full).await.unwrap();
    transaction.save().await.unwrap();

    let mut transaction = read(&db).await;
    let mut publications = transaction.publications();
    assert_eq!(publications.get(workspace, 1).await.unwrap(), Some(bare));
    assert_eq!(publications.get(workspace, 3).await.unwrap(), None);
    assert_eq!(publications.latest(workspace).await.unwrap(), Some(full));
}

/// Two who publish at the same time do not overwrite each other.
pub async fn a_number_is_taken(db: Db) {
    let workspace = Place::new(&db).await.workspace;
    let mut transaction = write(&db).await;
    let mut publications = transaction.publications();
    publications
        .insert(&publication(workspace, 1))
        .await
        .unwrap();
    let refused = publications.insert(&publication(workspace, 1)).await;
    assert_taken(refused, "number");
}

/// Below a number, so many at a time.
pub async fn the_history_is_listed_newest_first(db: Db) {
    let workspace = Place::new(&db).await.workspace;
    let mut transaction = write(&db).await;
    let mut publications = transaction.publications();
    for number in [1, 3, 2, 4] {
        publications
            .insert(&publication(workspace, number))
            .await
            .unwrap();
    }
    for (before, limit, expected) in [
        (None, 10, vec![4, 3, 2, 1]),
        (None, 2, vec![4, 3]),
        (Some(3), 10, vec![2, 1]),
        (Some(1), 10, vec![]),
    ] {
        let listed = publications.list(workspace, before, limit).await.unwrap();
        let numbers: Vec<_> = listed
            .iter()
            .map(|publication| publication.number)
            .collect();
        assert_eq!(numbers, expected);
    }
}

/// From 1, whatever the others have published.
pub async fn every_workspace_counts_for_itself(db: Db) {
    let mut transaction = write(&db).await;
    let one = Place::within(&mut *transaction, "one").await.workspace;
    let two = Place::within(&mut *transaction, "two").await.workspace;
    let mut publications = transaction.publications();
    let records = [
        publication(one, 1),
        publication(two, 1),
        publication(one, 2),
    ];
    for record in &records {
        publications.insert(record).await.unwrap();
    }
    let latest = publications.latest(two).await.unwrap();
    assert_eq!(latest.as_ref(), Some(&records[1]));
    assert_eq!(publications.list(two, None, 10).await.unwrap().len(), 1);
}
