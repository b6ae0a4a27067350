//! Cases of [`UserRepository`](crate::users::UserRepository).

use super::fixture::{
    Db, Place, assert_taken, at, hash, new_id, race, read, user, workspace, write,
};
use crate::users::MembershipRecord;
use model::user::Role;

/// Ordered by time of creation.
pub async fn workspaces_round_trip_oldest_first(db: Db) {
    let (mut young, old) = (workspace("a"), workspace("b"));
    young.created_at = at(1);
    let mut transaction = write(&db).await;
    transaction.users().insert_workspace(&young).await.unwrap();
    transaction.users().insert_workspace(&old).await.unwrap();
    transaction.save().await.unwrap();

    let mut transaction = read(&db).await;
    let mut users = transaction.users();
    assert_eq!(users.workspaces().await.unwrap(), [old.clone(), young]);
    assert_eq!(users.workspace_by_slug("b").await.unwrap(), Some(old));
    assert_eq!(users.workspace_by_slug("c").await.unwrap(), None);
}

/// Slugs are unique.
pub async fn a_slug_is_taken(db: Db) {
    let mut transaction = write(&db).await;
    let mut users = transaction.users();
    users.insert_workspace(&workspace("a")).await.unwrap();
    assert_taken(users.insert_workspace(&workspace("a")).await, "slug");
}

/// The name changes, the slug does not.
pub async fn a_workspace_is_renamed(db: Db) {
    let mut record = workspace("a");
    let mut transaction = write(&db).await;
    let mut users = transaction.users();
    users.insert_workspace(&record).await.unwrap();
    assert!(users.rename_workspace(record.id, "Contoso").await.unwrap());
    assert!(!users.rename_workspace(new_id(), "Contoso").await.unwrap());
    record.name = "Contoso".into();
    assert_eq!(users.workspaces().await.unwrap(), [record]);
}

/// By id, and by address in any case, also beyond ASCII.
pub async fn people_are_found_by_id_and_address(db: Db) {
    let record = user("Jörg@Example.com");
    let mut transaction = write(&db).await;
    transaction.users().insert(&record).await.unwrap();
    transaction.save().await.unwrap();

    let mut transaction = read(&db).await;
    let mut users = transaction.users();
    // No `assert_eq!`: a user has no `Debug`, for the sake of its password hash.
    assert!(users.get(record.id).await.unwrap().as_ref() == Some(&record));
    let found = users.get_by_email("JÖRG@example.COM").await.unwrap();
    assert!(found.as_ref() == Some(&record));
    assert!(users.get(new_id()).await.unwrap().is_none());
    assert!(
        users
            .get_by_email("j_rg@example.com")
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(users.count().await.unwrap(), 1);
}

/// Addresses are unique whatever the case.
pub async fn an_address_is_taken_in_any_case(db: Db) {
    let mut transaction = write(&db).await;
    let mut users = transaction.users();
    users.insert(&user("ada@example.com")).await.unwrap();
    assert_taken(users.insert(&user("ADA@example.com")).await, "email");
}

/// Only of the person meant.
pub async fn a_password_is_replaced(db: Db) {
    let (ada, bob) = (user("ada@example.com"), user("bob@example.com"));
    let mut transaction = write(&db).await;
    let mut users = transaction.users();
    users.insert(&ada).await.unwrap();
    users.insert(&bob).await.unwrap();
    assert!(users.set_password(ada.id, "$new").await.unwrap());
    assert!(!users.set_password(new_id(), "$new").await.unwrap());
    assert_eq!(
        users.get(ada.id).await.unwrap().unwrap().password_hash,
        "$new"
    );
    assert!(users.get(bob.id).await.unwrap() == Some(bob));
}

/// Setting a role again is no error.
pub async fn roles_are_set_and_listed(db: Db) {
    let (mut young, old) = (workspace("young"), workspace("old"));
    young.created_at = at(10);
    let ada = user("ada@example.com");
    let mut transaction = write(&db).await;
    let mut users = transaction.users();
    users.insert_workspace(&young).await.unwrap();
    users.insert_workspace(&old).await.unwrap();
    users.insert(&ada).await.unwrap();
    for workspace in [young.id, old.id, young.id] {
        users
            .set_role(ada.id, workspace, Role::Administrator)
            .await
            .unwrap();
    }
    let memberships = users.memberships(ada.id).await.unwrap();
    let expected = [old, young].map(|workspace| MembershipRecord {
        workspace,
        role: Role::Administrator,
    });
    assert_eq!(memberships, expected);
    assert!(users.memberships(new_id()).await.unwrap().is_empty());
}

/// There is one setup link at a time.
pub async fn a_setup_link_replaces_the_last_one(db: Db) {
    let mut transaction = write(&db).await;
    let mut users = transaction.users();
    users.put_setup_link(&hash(1), at(60)).await.unwrap();
    users.put_setup_link(&hash(2), at(60)).await.unwrap();
    assert!(!users.setup_link_is(&hash(1), at(0)).await.unwrap());
    assert!(users.setup_link_is(&hash(2), at(0)).await.unwrap());
    assert!(!users.take_setup_link(&hash(1), at(0)).await.unwrap());
    assert!(users.take_setup_link(&hash(2), at(0)).await.unwrap());
    assert!(!users.setup_link_is(&hash(2), at(0)).await.unwrap());
}

/// At the moment it expires it is over.
pub async fn a_setup_link_works_until_it_expires(db: Db) {
    let mut transaction = write(&db).await;
    let mut users = transaction.users();
    users.put_setup_link(&hash(1), at(60)).await.unwrap();
    assert!(users.setup_link_is(&hash(1), at(59)).await.unwrap());
    assert!(!users.setup_link_is(&hash(1), at(60)).await.unwrap());
    assert!(!users.take_setup_link(&hash(1), at(60)).await.unwrap());
}

/// Of several who open it at the same time, one becomes administrator.
pub async fn a_setup_link_works_once(db: Db) {
    Place::new(&db).await;
    let mut transaction = write(&db).await;
    transaction
        .users()
        .put_setup_link(&hash(1), at(60))
        .await
        .unwrap();
    transaction.save().await.unwrap();
    let winners = race(&db, |mut transaction| async move {
        let won = transaction.users().take_setup_link(&hash(1), at(0)).await;
        (transaction, won.unwrap())
    })
    .await;
    assert_eq!(winners, 1);
}
