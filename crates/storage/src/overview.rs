//! All authorizations of a workspace at a glance, without reading each of them.

use crate::StorageError;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use model::{AuthorizationId, GrantId, WorkspaceId, status::Status};

/// How many active authorizations are in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusCount {
    /// The stored status of their grants; `None` for those without a grant.
    pub status: Option<Status>,
    /// How many.
    pub number: u64,
}

/// Counts and choices over all authorizations of a workspace.
#[async_trait]
pub trait OverviewRepository: Send {
    /// Active authorizations by the stored status of their grants, in any order.
    async fn by_status(&mut self, workspace: WorkspaceId)
    -> Result<Vec<StatusCount>, StorageError>;
    /// Authorizations that were put aside.
    async fn inactive(&mut self, workspace: WorkspaceId) -> Result<u64, StorageError>;
    /// Active authorizations that count as authorized, but whose settings are not, letter for
    /// letter, those the grant was given for. Whether that makes it another client is for the caller
    /// to say.
    async fn altered(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<AuthorizationId>, StorageError>;
    /// Active authorizations that something is the matter with: what is over or needs somebody
    /// first, then what is misconfigured, what is failing, what has no secret that works for longer
    /// than `secrets_until`, and what was never authorized. Within that, the longest first.
    /// At most `limit`.
    async fn unwell(
        &mut self,
        workspace: WorkspaceId,
        secrets_until: NaiveDate,
        limit: u32,
    ) -> Result<Vec<AuthorizationId>, StorageError>;
    /// The authorizations that these grants belong to; what is gone or elsewhere is left out.
    async fn authorizations_of(
        &mut self,
        workspace: WorkspaceId,
        grants: &[GrantId],
    ) -> Result<Vec<AuthorizationId>, StorageError>;
    /// The soonest refresh that is planned.
    async fn next_refresh(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<DateTime<Utc>>, StorageError>;
}
