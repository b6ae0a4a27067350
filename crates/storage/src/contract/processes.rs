//! Cases of [`ProcessRepository`](crate::processes::ProcessRepository).

use super::fixture::{Db, at, new_id, write};
use crate::processes::ProcessRecord;

/// Oldest first.
pub async fn a_process_is_listed_until_it_is_forgotten(db: Db) {
    let process = |started| ProcessRecord {
        id: new_id(),
        journal: format!("1:{started}"),
        started_at: at(started),
    };
    let (late, early) = (process(20), process(10));
    let mut transaction = write(&db).await;
    let mut processes = transaction.processes();
    processes.insert(&late).await.unwrap();
    processes.insert(&early).await.unwrap();
    assert_eq!(
        processes.all().await.unwrap(),
        [early.clone(), late.clone()]
    );
    assert!(processes.delete(early.id).await.unwrap());
    assert!(!processes.delete(early.id).await.unwrap());
    assert_eq!(processes.all().await.unwrap(), [late]);
}
