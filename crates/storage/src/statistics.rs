//! Counts for the operator's graphs: of the whole installation, without names.

use crate::StorageError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::status::Status;

/// How many consents are in some state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantCount {
    /// Provider id.
    pub provider: String,
    /// Their state.
    pub status: Status,
    /// How many.
    pub count: u64,
}

/// Refreshes whose time has come and that were not made yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// How many.
    pub count: u64,
    /// When the first of them should have been made; `None` when there is none.
    pub since: Option<DateTime<Utc>>,
}

/// What waits to be sent, due or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unsent {
    /// Deliveries of notifications.
    pub deliveries: u64,
    /// Revocations.
    pub revocations: u64,
}

/// Counts.
#[async_trait]
pub trait StatisticsRepository: Send {
    /// The consents that active authorizations point to, by provider and state, in any order.
    async fn grants(&mut self) -> Result<Vec<GrantCount>, StorageError>;
    /// Grants whose next refresh was to be before `now`.
    async fn overdue(&mut self, now: DateTime<Utc>) -> Result<Overdue, StorageError>;
    /// What waits to be sent.
    async fn unsent(&mut self) -> Result<Unsent, StorageError>;
}
