//! Transactions and announcements.

use super::fixture::{Db, Place, new_id, read, workspace, write};
use crate::Change;
use tokio::sync::broadcast::error::TryRecvError;

/// A saved transaction's work is seen by the next one.
pub async fn what_is_saved_is_seen(db: Db) {
    let record = workspace("default");
    let mut transaction = write(&db).await;
    transaction.users().insert_workspace(&record).await.unwrap();
    transaction.save().await.unwrap();
    let seen = read(&db).await.users().workspaces().await.unwrap();
    assert_eq!(seen, [record]);
}

/// Dropping rolls back, as cancelling does; the database takes writes afterwards.
pub async fn what_is_dropped_or_cancelled_is_gone(db: Db) {
    let mut dropped = write(&db).await;
    let one = workspace("one");
    dropped.users().insert_workspace(&one).await.unwrap();
    drop(dropped);

    let mut cancelled = write(&db).await;
    let two = workspace("two");
    cancelled.users().insert_workspace(&two).await.unwrap();
    cancelled.cancel().await.unwrap();

    Place::new(&db).await;
    let mut transaction = read(&db).await;
    let seen = transaction.users().workspaces().await.unwrap();
    let slugs: Vec<_> = seen
        .iter()
        .map(|workspace| workspace.slug.as_str())
        .collect();
    assert_eq!(slugs, ["default"]);
}

/// A transaction that reads refuses to write.
pub async fn a_read_writes_nothing(db: Db) {
    let mut transaction = read(&db).await;
    let refused = transaction.users().insert_workspace(&workspace("x")).await;
    assert!(refused.is_err());
    drop(transaction);
    assert!(
        read(&db)
            .await
            .users()
            .workspaces()
            .await
            .unwrap()
            .is_empty()
    );
}

/// What is saved meanwhile does not show in a transaction that has begun to read.
pub async fn a_read_sees_one_state(db: Db) {
    let mut reader = read(&db).await;
    assert_eq!(reader.users().count().await.unwrap(), 0);
    Place::new(&db).await;
    assert_eq!(reader.users().count().await.unwrap(), 0);
    assert_eq!(read(&db).await.users().count().await.unwrap(), 1);
}

/// Listeners hear of a change when the transaction is saved, not before.
pub async fn changes_are_announced_after_the_save(db: Db) {
    let mut listener = db.changes();
    let (published, configured) = (Change::Published(new_id()), Change::Configuration(new_id()));
    let mut transaction = write(&db).await;
    transaction.announce(published);
    transaction.announce(configured);
    assert_eq!(listener.try_recv(), Err(TryRecvError::Empty));
    transaction.save().await.unwrap();
    assert_eq!(listener.recv().await, Ok(published));
    assert_eq!(listener.recv().await, Ok(configured));
}

/// What was not saved did not happen.
pub async fn changes_of_a_dropped_transaction_are_not_announced(db: Db) {
    let mut listener = db.changes();
    let mut dropped = write(&db).await;
    dropped.announce(Change::Published(new_id()));
    drop(dropped);
    let marker = Change::Grant(new_id(), new_id());
    let mut saved = write(&db).await;
    saved.announce(marker);
    saved.save().await.unwrap();
    assert_eq!(listener.recv().await, Ok(marker));
}

/// Readiness, also while a reader is at work.
pub async fn it_proves_that_it_takes_writes(db: Db) {
    let mut reader = read(&db).await;
    reader.users().count().await.unwrap();
    db.check().await.unwrap();
    db.check().await.unwrap();
}
