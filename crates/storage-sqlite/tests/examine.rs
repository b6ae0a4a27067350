//! Looking at a database without changing it.

use sqlx::{Connection, SqliteConnection};
use std::path::PathBuf;
use storage::Storage;
use storage_sqlite::{Schema, SqliteStorage};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A folder with a database that a server left behind.
    async fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let storage = SqliteStorage::open(&place.url()).await.unwrap();
        storage.close().await;
        place
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("tokenry.db")
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.file().display())
    }

    /// Something is done to the database past the engine.
    async fn execute(&self, statement: &'static str) {
        let mut sqlite = SqliteConnection::connect(&self.url()).await.unwrap();
        sqlx::query(statement).execute(&mut sqlite).await.unwrap();
        sqlite.close().await.unwrap();
    }

    async fn schema(&self) -> Schema {
        let attached = SqliteStorage::attach(&self.url()).await.unwrap();
        attached.schema().await.unwrap()
    }
}

#[tokio::test]
async fn nothing_is_created() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("none.db").display());
    assert!(SqliteStorage::attach(&url).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_healthy_database_is_read_and_not_changed() {
    let place = Place::new().await;
    let before = std::fs::read(place.file()).unwrap();
    let attached = SqliteStorage::attach(&place.url()).await.unwrap();
    assert!(attached.schema().await.unwrap().is_current());
    for thorough in [false, true] {
        assert!(attached.damage(thorough).await.unwrap().is_empty());
    }
    let mut transaction = attached.read().await.unwrap();
    assert!(transaction.users().workspaces().await.unwrap().is_empty());
    drop(transaction);
    attached.close().await;
    assert_eq!(std::fs::read(place.file()).unwrap(), before);
}

#[tokio::test]
async fn it_works_beside_a_server() {
    let place = Place::new().await;
    let server = SqliteStorage::open(&place.url()).await.unwrap();
    server.check().await.unwrap();
    let attached = SqliteStorage::attach(&place.url()).await.unwrap();
    assert!(attached.schema().await.unwrap().is_current());
    attached.check().await.unwrap();
    server.check().await.unwrap();
}

#[tokio::test]
async fn other_versions_are_told() {
    let place = Place::new().await;
    place
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'of the future', TRUE, x'00', 0)",
        )
        .await;
    assert_eq!(place.schema().await.unknown, [9999]);
    place
        .execute("DELETE FROM _sqlx_migrations WHERE version > 1")
        .await;
    let schema = place.schema().await;
    assert!(schema.pending.starts_with(&[2]), "{schema:?}");
    place
        .execute("UPDATE _sqlx_migrations SET checksum = x'00'")
        .await;
    assert_eq!(place.schema().await.altered, [1]);
    place.execute("DROP TABLE _sqlx_migrations").await;
    assert!(place.schema().await.pending.starts_with(&[1, 2]));
}

/// R16: a page that was overwritten, a file that was cut off.
#[tokio::test]
async fn r16_a_damaged_structure_is_found() {
    let place = Place::new().await;
    let whole = std::fs::read(place.file()).unwrap();
    let mut scribbled = whole.clone();
    let page = 4096 * 2;
    scribbled[page..page + 64].fill(0xa5);
    let cut = whole[..whole.len() / 2].to_vec();
    for (name, damaged) in [("scribbled", scribbled), ("cut", cut)] {
        std::fs::write(place.file(), damaged).unwrap();
        let found = match SqliteStorage::attach(&place.url()).await {
            Ok(attached) => attached.damage(false).await,
            Err(error) => Err(error),
        };
        assert!(!matches!(&found, Ok(found) if found.is_empty()), "{name}");
    }
}

/// Whether it takes writes is a question, not a condition.
#[cfg(unix)]
#[tokio::test]
async fn a_database_that_takes_no_writes_is_looked_at_all_the_same() {
    let place = Place::new().await;
    place.execute("DELETE FROM readiness").await;
    let attached = SqliteStorage::attach(&place.url()).await.unwrap();
    assert!(attached.schema().await.unwrap().is_current());
    assert!(attached.check().await.is_err());
}
