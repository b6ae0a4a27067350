//! Opening the database, and the connections to it.

use crate::{error::failed, transaction::SqliteTransaction};
use async_trait::async_trait;
use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{fs::OpenOptions, io, path::Path, time::Duration};
use storage::{Change, Storage, StorageError, Transaction};
use tokio::sync::broadcast;

/// How long SQLite waits for a lock that another process holds (a backup, the command line).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a transaction waits for its connection before the request is given up.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// Reads are short and the hot path makes none.
const READERS: u32 = 4;
/// Changes a slow listener may fall behind by before it is told that it lags.
const CHANGE_BACKLOG: usize = 1024;

/// How tables come into being.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

/// A database in one file.
///
/// SQLite has one writer at a time: it is one connection here, for which transactions queue in the
/// order they came, instead of many that get in each other's way. Readers see the state of their
/// first read and block nobody (WAL).
#[derive(Debug)]
pub struct SqliteStorage {
    writer: SqlitePool,
    readers: SqlitePool,
    changes: broadcast::Sender<Change>,
    /// Deletes the folder of a temporary database with it.
    #[cfg(feature = "temporary")]
    folder: Option<tempfile::TempDir>,
}

impl SqliteStorage {
    /// Opens the database of a URL, `sqlite:data/tokenry.db`. A file that is missing is created,
    /// readable by its owner alone; its folder must exist. Then brings the tables up to date.
    ///
    /// # Errors
    /// When the URL is wrong or names no file, when the file cannot be opened or is no database, and
    /// when a migration fails or one that was applied is not known here (the file is from a later
    /// version).
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        Self::connect(parse(url)?).await
    }

    /// Opens the database in a file, as [`open`](Self::open) does.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_file(path: impl AsRef<Path>) -> Result<Self, StorageError> {
        Self::connect(SqliteConnectOptions::new().filename(path)).await
    }

    /// A new database that is deleted when this is dropped.
    ///
    /// # Errors
    /// When there is no place for it.
    #[cfg(feature = "temporary")]
    pub async fn temporary() -> Result<Self, StorageError> {
        let folder = tempfile::tempdir().map_err(StorageError::engine)?;
        let mut storage = Self::open_file(folder.path().join("tokenry.db")).await?;
        storage.folder = Some(folder);
        Ok(storage)
    }

    async fn connect(options: SqliteConnectOptions) -> Result<Self, StorageError> {
        create_private(options.get_filename()).map_err(StorageError::engine)?;
        let options = as_always(options);
        // Never closed for age or idleness: the next request would pay for opening it again.
        let pool = SqlitePoolOptions::new()
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool
            .clone()
            .max_connections(1)
            .connect_with(options.clone().journal_mode(SqliteJournalMode::Wal))
            .await
            .map_err(StorageError::engine)?;
        MIGRATIONS
            .run(&writer)
            .await
            .map_err(StorageError::engine)?;
        let readers = pool
            .max_connections(READERS)
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(StorageError::engine)?;
        Ok(Self::of(writer, readers))
    }

    /// Opens a database as it is, to look at it: none is created, nothing is brought up to date, and
    /// what reads cannot write. Works beside a running server.
    ///
    /// The repositories fit the tables only where [`schema`](Self::schema) says that they do.
    ///
    /// # Errors
    /// When the URL is wrong, or the file is not there, cannot be read or is no database.
    pub async fn attach(url: &str) -> Result<Self, StorageError> {
        let options = as_always(parse(url)?.create_if_missing(false));
        let pool = SqlitePoolOptions::new().acquire_timeout(BUSY_TIMEOUT * 2);
        let readers = pool
            .clone()
            .max_connections(1)
            .connect_with(options.clone().read_only(true))
            .await
            .map_err(StorageError::engine)?;
        // Opened when it is needed: whether it can be is one of the questions.
        let writer = pool.max_connections(1).connect_lazy_with(options);
        Ok(Self::of(writer, readers))
    }

    fn of(writer: SqlitePool, readers: SqlitePool) -> Self {
        Self {
            writer,
            readers,
            changes: broadcast::Sender::new(CHANGE_BACKLOG),
            #[cfg(feature = "temporary")]
            folder: None,
        }
    }

    /// The connections that read.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Closes all connections, after the transactions that are open. The last one folds the
    /// write-ahead log into the database file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Storage for SqliteStorage {
    async fn read(&self) -> Result<Box<dyn Transaction>, StorageError> {
        let transaction = self.readers.begin().await.map_err(StorageError::engine)?;
        Ok(Box::new(SqliteTransaction::new(
            transaction,
            self.changes.clone(),
        )))
    }

    async fn write(&self) -> Result<Box<dyn Transaction>, StorageError> {
        // IMMEDIATE takes the write lock at once: what was read cannot be out of date when it comes
        // to writing, which would end in an error that no timeout heals.
        let transaction = self
            .writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(StorageError::engine)?;
        Ok(Box::new(SqliteTransaction::new(
            transaction,
            self.changes.clone(),
        )))
    }

    async fn check(&self) -> Result<(), StorageError> {
        // A statement of its own is a transaction of its own: this is on the disk when it returns.
        let written = sqlx::query!("UPDATE readiness SET checks = checks + 1 WHERE id = 1")
            .execute(&self.writer)
            .await
            .map_err(failed("readiness row"))?
            .rows_affected();
        if written == 1 {
            Ok(())
        } else {
            Err(StorageError::Corrupt {
                what: "readiness row",
                why: "it is gone".to_owned(),
            })
        }
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}

fn parse(url: &str) -> Result<SqliteConnectOptions, StorageError> {
    // sqlx would take another scheme for the name of a file.
    if !url.starts_with("sqlite:") {
        return Err(StorageError::engine(
            "the URL of an SQLite database begins with `sqlite:`",
        ));
    }
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(StorageError::engine(
            "a database in memory cannot be shared by writer and readers",
        ));
    }
    url.parse().map_err(StorageError::engine)
}

fn as_always(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        // WAL would be consistent with NORMAL too, but could lose the last commits when the power
        // fails. The last commit may hold the only copy of a rotated refresh token, and a lost
        // refresh token is a lost grant.
        .synchronous(SqliteSynchronous::Full)
}

/// Creates the file where there is none. SQLite would do so readable by everybody; the files it
/// puts beside it (`-wal`, `-shm`) take over the mode of this one.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created.map(drop),
    }
}
