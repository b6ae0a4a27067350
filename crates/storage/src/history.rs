//! What happened to the consents of authorizations lately: refreshes as counters, the rest as events.

use crate::StorageError;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use model::{
    AuthorizationId, WorkspaceId,
    account::AccountInfo,
    authorization::ProviderErrorInfo,
    health::{HealthDay, HealthEventKind},
    status::Status,
};

/// Something that happened to the consent of an authorization, which need not be saved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Its id; a `UUIDv7`, so that events of the same millisecond keep their order.
    pub id: uuid::Uuid,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Whose.
    pub authorization_id: AuthorizationId,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: HealthEventKind,
    /// State of the consent after it.
    pub state: Status,
    /// What the provider said.
    pub error: Option<ProviderErrorInfo>,
    /// Who consented.
    pub account: Option<AccountInfo>,
}

/// Whether a refresh brought a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Refreshed,
    /// It did not.
    Failed,
}

/// The last weeks of authorizations.
#[async_trait]
pub trait HistoryRepository: Send {
    /// Counts a refresh on its day, and answers what the day's counters are then. One statement:
    /// every refresh does this.
    async fn count(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
        day: NaiveDate,
        outcome: Outcome,
    ) -> Result<HealthDay, StorageError>;
    /// Adds an event.
    async fn insert(&mut self, event: &EventRecord) -> Result<(), StorageError>;
    /// The counters of those of these days that have any, oldest first.
    async fn days(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
        days: &[NaiveDate],
    ) -> Result<Vec<HealthDay>, StorageError>;
    /// Events of an authorization since `from`, newest first, at most `limit`.
    async fn events(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
        from: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<EventRecord>, StorageError>;
    /// The counters of all authorizations of a workspace together; zeros when there are none.
    async fn total(
        &mut self,
        workspace: WorkspaceId,
        day: NaiveDate,
    ) -> Result<HealthDay, StorageError>;
    /// Deletes the counters and events of an authorization.
    async fn forget(
        &mut self,
        workspace: WorkspaceId,
        authorization: AuthorizationId,
    ) -> Result<(), StorageError>;
    /// Deletes counters and events from before a day, oldest first, at most `limit` of each;
    /// answers how many went.
    async fn delete_before(&mut self, day: NaiveDate, limit: u32) -> Result<u64, StorageError>;
}
