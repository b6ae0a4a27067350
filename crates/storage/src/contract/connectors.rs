//! Cases of [`ConnectorRepository`](crate::connectors::ConnectorRepository).

use super::fixture::{Db, Place, assert_taken, at, ids, new_id, read, write};
use model::{WorkspaceId, authorization::AuthorizationRef};

/// As it was put in.
pub async fn a_connector_round_trips(db: Db) {
    let place = Place::new(&db).await;
    let record = place.connector("Boards");
    let mut transaction = write(&db).await;
    transaction.connectors().insert(&record).await.unwrap();
    transaction.save().await.unwrap();
    let mut transaction = read(&db).await;
    let stored = transaction
        .connectors()
        .get(place.workspace, record.id)
        .await;
    assert_eq!(stored.unwrap(), Some(record));
    let absent = transaction
        .connectors()
        .get(place.workspace, new_id())
        .await;
    assert_eq!(absent.unwrap(), None);
}

/// In any case, also beyond ASCII: `ä` and `Ä` stand together.
pub async fn connectors_are_listed_by_name(db: Db) {
    let place = Place::new(&db).await;
    let records = ["Älter", "b", "A", "älteste", "C"].map(|name| place.connector(name));
    let mut transaction = write(&db).await;
    for record in &records {
        transaction.connectors().insert(record).await.unwrap();
    }
    let listed = transaction
        .connectors()
        .list(place.workspace)
        .await
        .unwrap();
    let names: Vec<_> = listed.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(names, ["A", "b", "C", "Älter", "älteste"]);
}

/// In its workspace; another workspace has names of its own.
pub async fn a_name_is_taken_in_any_case(db: Db) {
    let mut transaction = write(&db).await;
    let one = Place::within(&mut *transaction, "one").await;
    let two = Place::within(&mut *transaction, "two").await;
    let mut connectors = transaction.connectors();
    connectors.insert(&one.connector("Über")).await.unwrap();
    connectors.insert(&two.connector("ÜBER")).await.unwrap();
    assert_taken(connectors.insert(&one.connector("ÜBER")).await, "name");
}

/// The first of two who started from the same version wins.
pub async fn an_update_needs_the_version(db: Db) {
    let place = Place::new(&db).await;
    let mut record = place.connector("Boards");
    let mut transaction = write(&db).await;
    let mut connectors = transaction.connectors();
    connectors.insert(&record).await.unwrap();

    record.name = "BOARDS".into();
    record.updated_at = at(50);
    assert!(connectors.update(&record).await.unwrap());
    let mut late = record.clone();
    late.name = "Late".into();
    assert!(!connectors.update(&late).await.unwrap());

    record.version = 2;
    let stored = connectors.get(place.workspace, record.id).await.unwrap();
    assert_eq!(stored, Some(record));
    let absent = place.connector("Absent");
    assert!(!connectors.update(&absent).await.unwrap());
}

/// Renaming to another's name is refused.
pub async fn an_update_cannot_take_a_name(db: Db) {
    let place = Place::new(&db).await;
    let (one, mut two) = (place.connector("One"), place.connector("Two"));
    let mut transaction = write(&db).await;
    let mut connectors = transaction.connectors();
    connectors.insert(&one).await.unwrap();
    connectors.insert(&two).await.unwrap();
    two.name = "ONE".into();
    assert_taken(connectors.update(&two).await, "name");
}

/// By name of the authorization.
pub async fn who_uses_it_is_known(db: Db) {
    let place = Place::new(&db).await;
    let records = ["One", "Two"].map(|name| place.connector(name));
    let mut transaction = write(&db).await;
    for record in &records {
        transaction.connectors().insert(record).await.unwrap();
    }
    let mut users = ["b", "A"].map(|name| place.authorization(name));
    for user in &mut users {
        user.connectors = ids(&records[..1]);
        transaction.authorizations().insert(user).await.unwrap();
    }
    let mut connectors = transaction.connectors();
    let [b, a] = users.map(|user| AuthorizationRef {
        id: user.id,
        name: user.name,
    });
    let used = connectors
        .used_by(place.workspace, records[0].id)
        .await
        .unwrap();
    assert_eq!(used, [a, b]);
    let unused = connectors
        .used_by(place.workspace, records[1].id)
        .await
        .unwrap();
    assert!(unused.is_empty());
}

/// An authorization that has it keeps it alive.
pub async fn one_in_use_is_not_deleted(db: Db) {
    let place = Place::new(&db).await;
    let record = place.connector("One");
    let mut authorization = place.authorization("A");
    authorization.connectors = vec![record.id];
    let mut transaction = write(&db).await;
    transaction.connectors().insert(&record).await.unwrap();
    transaction
        .authorizations()
        .insert(&authorization)
        .await
        .unwrap();
    let workspace = place.workspace;
    assert!(
        !transaction
            .connectors()
            .delete(workspace, record.id)
            .await
            .unwrap()
    );
    let kept = transaction
        .connectors()
        .get(workspace, record.id)
        .await
        .unwrap();
    assert!(kept.is_some());

    let gone = transaction
        .authorizations()
        .delete(workspace, authorization.id)
        .await;
    assert!(gone.unwrap());
    assert!(
        transaction
            .connectors()
            .delete(workspace, record.id)
            .await
            .unwrap()
    );
    assert!(
        !transaction
            .connectors()
            .delete(workspace, record.id)
            .await
            .unwrap()
    );
    transaction.save().await.unwrap();
    assert!(
        read(&db)
            .await
            .connectors()
            .list(workspace)
            .await
            .unwrap()
            .is_empty()
    );
}

/// Neither to read nor to change it.
pub async fn other_workspaces_do_not_reach_it(db: Db) {
    let place = Place::new(&db).await;
    let elsewhere: WorkspaceId = new_id();
    let record = place.connector("One");
    let mut transaction = write(&db).await;
    let mut connectors = transaction.connectors();
    connectors.insert(&record).await.unwrap();
    assert_eq!(connectors.get(elsewhere, record.id).await.unwrap(), None);
    assert!(connectors.list(elsewhere).await.unwrap().is_empty());
    assert!(!connectors.delete(elsewhere, record.id).await.unwrap());
    let mut stolen = record.clone();
    stolen.workspace_id = elsewhere;
    assert!(!connectors.update(&stolen).await.unwrap());
    let stored = connectors.get(place.workspace, record.id).await.unwrap();
    assert_eq!(stored, Some(record));
}
