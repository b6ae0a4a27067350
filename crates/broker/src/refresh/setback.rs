//! What is written down when there is no new token: after a refusal, or when nothing could be sent.

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    authorization::ProviderErrorInfo,
    status::{MisconfigurationReason, ReauthorizationReason, Status},
};
use oauth::{ErrorClass, Provider, Reason, TokenError};
use storage::{
    Change, Transaction,
    grants::{GrantRecord, RefreshLease, Setback, Trouble},
};
use vault::VaultError;

use super::{
    RefreshOutcome, Why,
    gate::{Closed, Pass},
    timing,
    verdict::{self, Case, Verdict},
};
use crate::{
    Broker,
    error::Fault,
    events::GrantEvent,
    grants::error_info,
    telemetry::{self, Outcome},
};

/// What a failure comes to.
pub(super) struct Judged {
    setback: Setback,
    /// The intent stays open until then: so long the token may be sent again.
    settled_by: Option<DateTime<Utc>>,
}

fn setback(verdict: &Verdict, error: ProviderErrorInfo, next: Option<DateTime<Utc>>) -> Setback {
    Setback {
        status: verdict.status,
        error: Some(error),
        trouble: verdict.trouble,
        next_refresh_at: next,
    }
}

impl Broker {
    /// Tells the gate how it went, and what becomes of the grant.
    pub(super) fn judge_failure(
        &self,
        grant: &GrantRecord,
        provider: &Provider,
        lease: &RefreshLease,
        error: &TokenError,
        pass: Pass,
    ) -> Judged {
        tracing::warn!(grant = %grant.id, class = ?error.class, %error, "refresh failed");
        let now = self.now();
        let again = verdict::may_send_again(provider, lease, now);
        let verdict = verdict::judge(&Case::new(grant, error, again, now));
        let mut rng = self.rng();
        let asked = error
            .retry_after
            .and_then(|pause| TimeDelta::from_std(pause).ok());
        let until = match error.class {
            _ if error.reason == Some(Reason::ClientLoop) => {
                pass.failed(error, Some(TimeDelta::hours(1)), now, &mut rng)
            }
            ErrorClass::InvalidClient => Some(pass.refused(error, now, &mut rng)),
            ErrorClass::Transient | ErrorClass::Ambiguous => {
                pass.failed(error, asked, now, &mut rng)
            }
            ErrorClass::InvalidGrant
            | ErrorClass::Configuration
            | ErrorClass::InteractionRequired => {
                pass.answered();
                None
            }
        };
        let paused = until.is_some() && error.class != ErrorClass::InvalidClient;
        telemetry::provider_paused(&grant.client.provider, paused);
        let next = verdict::next_try(&verdict, until, now, &mut rng);
        Judged {
            settled_by: verdict
                .unsettled
                .then(|| verdict::settled_by(provider, lease))
                .filter(|_| provider.rotates_refresh_tokens()),
            setback: setback(&verdict, error_info(error, now), next),
        }
    }

    /// Writes down why there is no new token, unless somebody else got one meanwhile.
    pub(super) async fn store_setback(
        &self,
        grant: &GrantRecord,
        lease: &RefreshLease,
        judged: &Judged,
    ) -> Result<RefreshOutcome, Fault> {
        let mut tx = self.write().await?;
        match judged.settled_by {
            // Nobody is at it, but the token was sent.
            Some(settled_by) => {
                let open = lease.left_open(settled_by);
                tx.grants().take_lease(&open, Some(lease.holder)).await?;
            }
            None => {
                tx.grants().release_lease(grant.id, lease.holder).await?;
            }
        }
        let noted = self.set_back(&mut *tx, grant, &judged.setback).await?;
        tx.save().await?;
        Ok(if noted {
            RefreshOutcome::Failed
        } else {
            RefreshOutcome::Adopted
        })
    }

    /// Stores a setback and tells of it; `false` when the grant has moved on.
    pub(super) async fn set_back(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        setback: &Setback,
    ) -> Result<bool, Fault> {
        let generation = grant.tokens.generation;
        if !tx.grants().set_back(grant.id, generation, setback).await? {
            return Ok(false);
        }
        if matches!(setback.status, Status::Cancelled(_)) {
            // Over for good: nothing that it could still be used for is kept.
            tx.grants().end(grant.id, setback.status).await?;
        }
        let after = tx.grants().get(grant.id).await?;
        if let (Some(error), Some(after)) = (&setback.error, after) {
            let event = GrantEvent::Failed(error);
            self.grant_happened(tx, &after, grant.status, event).await?;
        }
        tx.announce(Change::Grant(grant.workspace_id, grant.id));
        Ok(true)
    }

    /// The answer of an open intent is lost, and the token may not be sent again by itself.
    pub(super) async fn flag_uncertain(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        open: &RefreshLease,
    ) -> Result<(), Fault> {
        tracing::warn!(grant = %grant.id, sent = %open.started_at, "the answer to a refresh is lost");
        telemetry::refresh_ended(&grant.client.provider, Outcome::Uncertain);
        let setback = self.needs_person(
            grant,
            Status::ReauthorizationNeeded(ReauthorizationReason::AnswerLost),
            "answer_lost",
            "The refresh token was sent, and no answer is known. The provider may have replaced it.",
        );
        tx.grants().release_lease(grant.id, open.holder).await?;
        self.set_back(tx, grant, &setback).await?;
        Ok(())
    }

    /// The client may not be asked now.
    pub(super) async fn keep_out(
        &self,
        grant: &GrantRecord,
        why: Why,
        closed: Closed,
    ) -> Result<RefreshOutcome, Fault> {
        match closed {
            Closed::Paused { until, error } => self.pause(grant, why, until, error.as_ref()).await,
            Closed::Refused { until, error } => self.refuse(grant, &error, until).await,
        }
    }

    /// The client pauses: the grant is put off, not to be looked at again and again. Once its token
    /// has expired that is a failure of its own, which people are told of.
    async fn pause(
        &self,
        grant: &GrantRecord,
        why: Why,
        until: DateTime<Utc>,
        error: Option<&TokenError>,
    ) -> Result<RefreshOutcome, Fault> {
        telemetry::refresh_ended(&grant.client.provider, Outcome::Postponed);
        if !matches!(why, Why::Due) {
            return Ok(RefreshOutcome::Postponed { until });
        }
        let now = self.now();
        let next = until + timing::up_to(TimeDelta::seconds(15), &mut *self.rng());
        let mut tx = self.write().await?;
        match error {
            Some(error) if grant.tokens.expires_at.is_some_and(|at| at <= now) => {
                let verdict = verdict::judge(&Case::new(grant, error, true, now));
                let setback = setback(&verdict, error_info(error, now), Some(next));
                self.set_back(&mut *tx, grant, &setback).await?;
            }
            _ => tx.grants().schedule(&[(grant.id, next)]).await?,
        }
        tx.save().await?;
        Ok(RefreshOutcome::Postponed { until })
    }

    /// The client is known to be refused: the grant is told so without asking.
    async fn refuse(
        &self,
        grant: &GrantRecord,
        error: &TokenError,
        until: DateTime<Utc>,
    ) -> Result<RefreshOutcome, Fault> {
        let now = self.now();
        let verdict = verdict::judge(&Case::new(grant, error, true, now));
        let next = verdict::next_try(&verdict, Some(until), now, &mut *self.rng());
        let setback = setback(&verdict, error_info(error, now), next);
        let mut tx = self.write().await?;
        self.set_back(&mut *tx, grant, &setback).await?;
        tx.save().await?;
        telemetry::refresh_ended(&grant.client.provider, Outcome::InvalidClient);
        Ok(RefreshOutcome::Failed)
    }

    /// Without a refresh token the access token is all there is: once it has expired, a person is needed.
    pub(super) async fn no_refresh_token(
        &self,
        grant: &GrantRecord,
    ) -> Result<RefreshOutcome, Fault> {
        if grant.tokens.expires_at.is_none_or(|at| at > self.now()) {
            return Ok(RefreshOutcome::Failed);
        }
        let message = "The access token has expired, and the provider gave no refresh token.";
        self.give_up(
            grant,
            Status::ReauthorizationNeeded(ReauthorizationReason::NoRefreshToken),
            ("no_refresh_token", message),
        )
        .await
    }

    /// The stored token was damaged: it never reaches the provider (R16).
    pub(super) async fn unreadable(
        &self,
        grant: &GrantRecord,
        error: &VaultError,
    ) -> Result<RefreshOutcome, Fault> {
        tracing::error!(%error, grant = %grant.id, "a stored refresh token cannot be opened");
        let message = "The stored refresh token cannot be opened: the database was damaged. The operator runs `tokenry doctor`.";
        self.give_up(
            grant,
            Status::ReauthorizationNeeded(ReauthorizationReason::Unreadable),
            ("unreadable", message),
        )
        .await
    }

    /// The client registration does not fit together any more: a secret is missing, or the provider
    /// has left the catalogue.
    pub(super) async fn incomplete(&self, grant: &GrantRecord) -> Result<RefreshOutcome, Fault> {
        let message =
            "The client registration is not complete: check the settings and the client secrets.";
        self.give_up(
            grant,
            Status::Misconfigured(MisconfigurationReason::RequestRefused),
            ("registration_incomplete", message),
        )
        .await
    }

    /// Nothing was sent, and nothing will be before a person has done something.
    async fn give_up(
        &self,
        grant: &GrantRecord,
        status: Status,
        (code, message): (&str, &str),
    ) -> Result<RefreshOutcome, Fault> {
        let mut tx = self.write().await?;
        let setback = self.needs_person(grant, status, code, message);
        self.set_back(&mut *tx, grant, &setback).await?;
        tx.save().await?;
        Ok(RefreshOutcome::Failed)
    }

    /// What a grant becomes that only a person can help.
    pub(super) fn needs_person(
        &self,
        grant: &GrantRecord,
        status: Status,
        code: &str,
        message: &str,
    ) -> Setback {
        let now = self.now();
        Setback {
            status: grant.status.become_(status).unwrap_or(grant.status),
            error: Some(ProviderErrorInfo {
                code: code.to_owned(),
                message: message.to_owned(),
                correlation_id: None,
                at: now,
            }),
            trouble: Trouble {
                since: grant.trouble.since.or(Some(now)),
                attempts: grant.trouble.attempts.saturating_add(1),
                suspected_at: None,
            },
            next_refresh_at: None,
        }
    }
}
