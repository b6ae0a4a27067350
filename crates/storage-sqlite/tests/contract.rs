//! The engine keeps the promises of the traits.

use std::sync::Arc;
use storage::Storage;
use storage_sqlite::SqliteStorage;

async fn open() -> Arc<dyn Storage> {
    Arc::new(SqliteStorage::temporary().await.expect("a database"))
}

storage::contract!(crate::open);
