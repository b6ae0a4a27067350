//! Processes that keep a journal of refreshes.
//!
//! The list is what a journal found on disk is compared with: a file that the database does not
//! know, or knows as another file, was copied, and then the database may be a copy too.

use crate::StorageError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A process that keeps, or kept, a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessRecord {
    /// Its id; the name of its journal.
    pub id: Uuid,
    /// Identity of the journal's file in the file system.
    pub journal: String,
    /// When it started.
    pub started_at: DateTime<Utc>,
}

/// Processes.
#[async_trait]
pub trait ProcessRepository: Send {
    /// Adds one.
    async fn insert(&mut self, process: &ProcessRecord) -> Result<(), StorageError>;
    /// All that were not deleted, oldest first.
    async fn all(&mut self) -> Result<Vec<ProcessRecord>, StorageError>;
    /// Forgets one whose journal has been worked off; `false` when there is none.
    async fn delete(&mut self, id: Uuid) -> Result<bool, StorageError>;
}
