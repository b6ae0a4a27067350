//! Keeping a grant's token fresh without losing it.
//!
//! The lease keeps two workers from asking at once; the generation is the fence that lets exactly
//! one answer in. The request ends before the lease does, so a slow answer can never be written by
//! somebody who no longer may.

use crate::{
    Broker,
    access::{Actor, Permission},
    authorizations::existing,
    error::{Fault, WriteError, not_authorized},
    grants::{error_info, status_after},
    sealing::Column,
};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    AuthorizationId, GrantId, WorkspaceId,
    authorization::Authorization,
    problem::Problem,
    status::{MisconfigurationReason, ReauthorizationReason, Status},
};
use oauth::{ErrorClass, TokenError, http::HttpError};
use secrecy::ExposeSecret;
use std::time::Duration;
use storage::{
    Change, StorageError,
    grants::{GrantRecord, RefreshLease},
};
use thiserror::Error;
use uuid::Uuid;
use vault::hash_token;

/// How long the provider may take; ends well before the lease.
const REQUEST_DEADLINE: Duration = Duration::from_secs(40);
/// How long the right to refresh lasts.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Pause after a failure that should pass, unless the provider names one.
const RETRY: TimeDelta = TimeDelta::seconds(30);

/// Why nothing was refreshed.
#[derive(Debug, Error)]
pub enum RefreshError {
    /// There is no consent in force that could be refreshed.
    #[error("not authorized: {0:?}")]
    NotAuthorized(Status),
    /// Anything else.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<StorageError> for RefreshError {
    fn from(error: StorageError) -> Self {
        Self::Write(error.into())
    }
}

impl From<Fault> for RefreshError {
    fn from(fault: Fault) -> Self {
        Self::Write(fault.into())
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::NotAuthorized(status) => not_authorized(status),
            RefreshError::Write(error) => error.into(),
        }
    }
}

/// What came of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// There is a new token.
    Refreshed,
    /// Somebody else refreshed, or is doing so; what they stored is in force.
    Adopted,
    /// There is none; the grant's status says why.
    Failed,
}

impl Broker {
    /// Refreshes an authorization's stored grant now, whether it is due or not.
    pub async fn refresh(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Authorization, RefreshError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let record = existing(&mut *tx, workspace, id, None).await?;
        let state = self.view(&mut *tx, &record).await?.state;
        drop(tx);
        match record.grant_id {
            Some(grant) if state.can_refresh() => self.refresh_grant(workspace, grant).await?,
            _ => return Err(RefreshError::NotAuthorized(state)),
        };
        let mut tx = self.read().await?;
        let record = existing(&mut *tx, workspace, id, None).await?;
        Ok(self.view(&mut *tx, &record).await?)
    }

    /// One refresh of one grant. Call it through the single flight where several may ask.
    pub(crate) async fn refresh_grant(
        &self,
        workspace: WorkspaceId,
        id: GrantId,
    ) -> Result<RefreshOutcome, Fault> {
        let outcome = self.refresh_stored(id).await;
        if self.run_time().serves_grant(id) {
            self.load_grants(&[id]).await?;
        }
        tracing::info!(%workspace, grant = %id, ?outcome, "refresh");
        outcome
    }

    async fn refresh_stored(&self, id: GrantId) -> Result<RefreshOutcome, Fault> {
        let mut tx = self.write().await?;
        let Some(grant) = tx.grants().get(id).await? else {
            return Ok(RefreshOutcome::Failed);
        };
        if !grant.status.can_refresh() {
            return Ok(RefreshOutcome::Failed);
        }
        let Some(sealed) = &grant.tokens.refresh_token else {
            return self.no_refresh_token(tx, &grant).await;
        };
        let token = self.open(grant.workspace_id, Column::RefreshToken(id), sealed)?;
        let registration = self.registration_of(&mut *tx, &grant).await?;
        let sent_at = self.now();
        let lease = RefreshLease {
            grant_id: id,
            generation: grant.tokens.generation,
            token_hash: hash_token(token.expose_secret()),
            holder: self.new_id::<Uuid>(),
            process: Uuid::nil(),
            sends: 1,
            started_at: sent_at,
            expires_at: sent_at + LEASE,
        };
        if !tx.grants().take_lease(&lease, None).await? {
            return Ok(RefreshOutcome::Adopted);
        }
        tx.save().await?;

        let request = registration.refresh(self.http(), &token, &grant.asked_scopes, sent_at);
        let answer = tokio::time::timeout(REQUEST_DEADLINE, request)
            .await
            .unwrap_or_else(|_| Err(HttpError::Timeout(REQUEST_DEADLINE).into()));
        match answer {
            Ok(response) => {
                let tokens = self.token_set(
                    grant.workspace_id,
                    id,
                    &response,
                    Some(&grant.tokens),
                    sent_at,
                )?;
                let scopes = response.scopes.as_ref().unwrap_or(&grant.granted_scopes);
                let mut tx = self.write().await?;
                let committed = tx
                    .grants()
                    .commit_refresh(
                        id,
                        grant.tokens.generation,
                        &tokens,
                        scopes,
                        Status::Healthy,
                    )
                    .await?;
                tx.grants().release_lease(id, lease.holder).await?;
                tx.announce(Change::Grant(grant.workspace_id, id));
                tx.save().await?;
                Ok(if committed {
                    RefreshOutcome::Refreshed
                } else {
                    RefreshOutcome::Adopted
                })
            }
            Err(error) => self.note_failure(&grant, &lease, &error).await,
        }
    }

    /// Writes down why there is no new token, unless somebody else got one meanwhile.
    async fn note_failure(
        &self,
        grant: &GrantRecord,
        lease: &RefreshLease,
        error: &TokenError,
    ) -> Result<RefreshOutcome, Fault> {
        tracing::warn!(grant = %grant.id, class = ?error.class, %error, "refresh failed");
        let now = self.now();
        let status = grant
            .status
            .become_(status_of(error))
            .unwrap_or(grant.status);
        let mut tx = self.write().await?;
        let noted = tx
            .grants()
            .set_back(
                grant.id,
                grant.tokens.generation,
                &storage::grants::Setback {
                    status,
                    error: Some(error_info(error, now)),
                    trouble: storage::grants::Trouble {
                        since: grant.trouble.since.or(Some(now)),
                        attempts: grant.trouble.attempts + 1,
                        suspected_at: None,
                    },
                    next_refresh_at: next_try(status, error, now),
                },
            )
            .await?;
        tx.grants().release_lease(grant.id, lease.holder).await?;
        tx.announce(Change::Grant(grant.workspace_id, grant.id));
        tx.save().await?;
        Ok(if noted {
            RefreshOutcome::Failed
        } else {
            RefreshOutcome::Adopted
        })
    }

    /// Without a refresh token the access token is all there is: once it has expired, a person is needed.
    async fn no_refresh_token(
        &self,
        mut tx: Box<dyn storage::Transaction>,
        grant: &GrantRecord,
    ) -> Result<RefreshOutcome, Fault> {
        let expired = grant.tokens.expires_at.is_some_and(|at| at <= self.now());
        if expired {
            let status = Status::ReauthorizationNeeded(ReauthorizationReason::NoRefreshToken);
            tx.grants()
                .set_back(
                    grant.id,
                    grant.tokens.generation,
                    &storage::grants::Setback {
                        status,
                        error: None,
                        trouble: grant.trouble,
                        next_refresh_at: None,
                    },
                )
                .await?;
            tx.announce(Change::Grant(grant.workspace_id, grant.id));
            tx.save().await?;
        }
        Ok(RefreshOutcome::Failed)
    }
}

/// What a failed refresh makes of the grant: the provider's own reason first, else the class.
fn status_of(error: &TokenError) -> Status {
    if let Some(status) = error.reason.and_then(status_after) {
        return status;
    }
    match error.class {
        ErrorClass::Transient | ErrorClass::Ambiguous => Status::RefreshFailing,
        ErrorClass::InvalidGrant => Status::ReauthorizationNeeded(ReauthorizationReason::Refused),
        ErrorClass::InvalidClient => Status::Misconfigured(MisconfigurationReason::SecretWrong),
        ErrorClass::Configuration => Status::Misconfigured(MisconfigurationReason::RequestRefused),
        ErrorClass::InteractionRequired => {
            Status::ReauthorizationNeeded(ReauthorizationReason::PolicyRequiresSignIn)
        }
    }
}

/// When it is worth trying again; `None` when only a person can help.
fn next_try(status: Status, error: &TokenError, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !status.can_refresh() {
        return None;
    }
    let pause = error
        .retry_after
        .and_then(|pause| TimeDelta::from_std(pause).ok())
        .unwrap_or(RETRY);
    now.checked_add_signed(pause)
}

#[cfg(test)]
mod tests {
    use super::REQUEST_DEADLINE;
    use chrono::TimeDelta;

    #[test]
    fn the_request_ends_before_the_lease() {
        let deadline = TimeDelta::from_std(REQUEST_DEADLINE).unwrap();
        assert!(deadline + TimeDelta::seconds(10) < super::LEASE);
    }
}
