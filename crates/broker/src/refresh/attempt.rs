//! One refresh of one grant, step by step:
//!
//! 1. Is there anything to refresh, may the client be asked, is there room in the journal?
//! 2. The intent is committed: generation, hash of the token, a lease that ends after the deadline.
//! 3. The journal notes that it is about to be sent. The request, with a deadline.
//! 4. The answer is sealed and fsynced to the journal, then committed by compare-and-swap on the
//!    generation; while the database does not answer that is tried again, and nothing is sent.
//! 5. The run time gets the new token.
//!
//! A refresh runs in a task of its own: a caller that goes away does not cut it off.

use std::{future::Future, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use model::{GrantId, status::Status};
use oauth::{TokenError, http::HttpError};
use secrecy::{ExposeSecret as _, SecretString};
use storage::{
    Change, StorageError,
    grants::{GrantRecord, RefreshLease, Trouble},
};
use tokio::time::Instant;
use uuid::Uuid;
use vault::{VaultError, hash_token};

use super::{
    RefreshOutcome, Why,
    answered::Answered,
    clock::CLOCK_WAS_SET,
    gate::Pass,
    journal::{Journal, Reservation},
    verdict,
};
use crate::{
    Broker,
    error::Fault,
    events::GrantEvent,
    failpoints,
    grants::GrantRegistration,
    sealing::Column,
    telemetry::{self, Outcome},
};

/// How much longer a lease lasts than the request may take: time for the journal and the commit.
pub(super) const COMMIT_BUDGET: TimeDelta = TimeDelta::seconds(20);
/// Of that, what must be left when the request is sent.
const LEAST_BUDGET: TimeDelta = TimeDelta::seconds(10);
/// When to look again at what cannot be refreshed for a reason of ours.
const SOON: TimeDelta = TimeDelta::seconds(5);
/// How often it is looked whether another process is done.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Pauses between two tries to store what must not be lost.
const INSIST: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Everything that is needed to ask.
struct Prepared {
    grant: GrantRecord,
    registration: GrantRegistration,
    token: SecretString,
    pass: Pass,
    room: Reservation,
}

/// Either the next step can be taken, or this is what came of the attempt.
type Step<T> = Result<T, RefreshOutcome>;

impl Broker {
    pub(super) async fn attempt_refresh(
        &self,
        id: GrantId,
        why: Why,
    ) -> Result<RefreshOutcome, Fault> {
        let decided = Instant::now();
        let Some(journal) = self.refreshing().journal() else {
            return Ok(self.postponed());
        };
        let prepared = match self.prepare(id, why, &journal).await? {
            Ok(prepared) => prepared,
            Err(outcome) => return Ok(outcome),
        };
        let under_way = telemetry::refresh_begins(&prepared.grant.client.provider, decided);
        let lease = match self.intend(&prepared, why, journal.id()).await? {
            Ok(lease) => lease,
            Err(outcome) => {
                // What is uncertain is counted where that is found out.
                if outcome == RefreshOutcome::Adopted {
                    under_way.ended(Outcome::Adopted);
                }
                return Ok(outcome);
            }
        };
        let _ = failpoints::pass("refresh.before_send");
        if !self.may_send(&prepared, &lease).await {
            self.insist(|| self.give_back(&lease)).await?;
            return Ok(self.postponed());
        }
        let (sent_at, begun) = (self.now(), Instant::now());
        let answer = self.ask(&prepared, sent_at).await;
        let sent_at = self.time_since(begun, sent_at);
        let Prepared {
            grant,
            pass,
            room,
            registration,
            ..
        } = prepared;
        match answer {
            Ok(response) => {
                pass.answered();
                let end = response.expires_in.and_then(|life| begun.checked_add(life));
                if let Some(end) = end.filter(|_| self.run_time().serves_grant(id)) {
                    self.run_time()
                        .note_end(id, grant.tokens.generation + 1, end);
                }
                let _ = failpoints::pass("refresh.after_send");
                let answered = Answered {
                    grant_id: id,
                    workspace_id: grant.workspace_id,
                    generation: grant.tokens.generation,
                    holder: lease.holder,
                    tokens: self.token_set(
                        grant.workspace_id,
                        id,
                        &response,
                        Some(&grant.tokens),
                        sent_at,
                    )?,
                    secret: registration.secret_to_note(&response, sent_at),
                    scopes: response.scopes.unwrap_or(grant.granted_scopes),
                };
                let outcome = self.keep_answer(&answered, &room).await?;
                under_way.ended(outcome.measured(Outcome::Refreshed));
                Ok(outcome)
            }
            Err(error) => {
                let setback =
                    self.judge_failure(&grant, &registration.provider, &lease, &error, pass);
                let outcome = self
                    .insist(|| self.store_setback(&grant, &lease, &setback))
                    .await?;
                under_way.ended(outcome.measured(error.class.into()));
                Ok(outcome)
            }
        }
    }

    /// The last look before the request is sent: much may have happened while this waited its turn.
    async fn may_send(&self, prepared: &Prepared, lease: &RefreshLease) -> bool {
        if self.refreshing().is_too_late() || prepared.pass.still_holds(self.now()).is_err() {
            return false;
        }
        if prepared.room.note_sent(lease.holder).await.is_err() {
            return false;
        }
        // When this process stood still, or the database took its time, the right may be somebody
        // else's by the time the answer comes.
        self.now() + self.deadline() + LEAST_BUDGET <= lease.expires_at
    }

    /// The time at which a request was sent that began then, by the clock as it goes now: it may have
    /// been set while the request was under way (R12).
    fn time_since(&self, begun: Instant, sent_at: DateTime<Utc>) -> DateTime<Utc> {
        let took = TimeDelta::from_std(begun.elapsed()).unwrap_or(TimeDelta::zero());
        let now = self.now();
        let was_set = (now - sent_at - took).abs() > CLOCK_WAS_SET;
        if was_set { now - took } else { sent_at }
    }

    /// Step 1. Nothing is written.
    async fn prepare(
        &self,
        id: GrantId,
        why: Why,
        journal: &Journal,
    ) -> Result<Step<Prepared>, Fault> {
        let now = self.now();
        let mut tx = self.read().await?;
        let Some(grant) = tx.grants().get(id).await? else {
            return Ok(Err(RefreshOutcome::Failed));
        };
        if let Some(outcome) = not_now(&grant, why, now) {
            return Ok(Err(outcome));
        }
        let Some(sealed) = &grant.tokens.refresh_token else {
            drop(tx);
            return self.no_refresh_token(&grant).await.map(Err);
        };
        let token = match self.open(grant.workspace_id, Column::RefreshToken(id), sealed) {
            Err(Fault::Vault(error)) if !matches!(error, VaultError::Sealed(_)) => {
                drop(tx);
                return self.unreadable(&grant, &error).await.map(Err);
            }
            token => token?,
        };
        let registration = match self.registration_of(&mut *tx, &grant).await {
            Err(Fault::Unreadable(_)) => {
                drop(tx);
                return self.incomplete(&grant).await.map(Err);
            }
            registration => registration?,
        };
        drop(tx);
        let pass = match self.refreshing().gates.enter(&registration, now) {
            Ok(pass) => pass,
            Err(closed) => return self.keep_out(&grant, why, closed).await.map(Err),
        };
        if !matches!(why, Why::Due) {
            let provider = self.refreshing().gates.provider(&grant.client.provider);
            provider.wait().await;
            if let Err(closed) = pass.still_holds(self.now()) {
                return self.keep_out(&grant, why, closed).await.map(Err);
            }
        }
        let Ok(room) = journal.reserve().await else {
            return Ok(Err(self.postponed()));
        };
        Ok(Ok(Prepared {
            grant,
            registration,
            token,
            pass,
            room,
        }))
    }

    /// Step 2. An intent that is open already is somebody's who is at it, or one whose outcome is
    /// not known.
    async fn intend(
        &self,
        prepared: &Prepared,
        why: Why,
        process: Uuid,
    ) -> Result<Step<RefreshLease>, Fault> {
        let grant = &prepared.grant;
        let mut tx = self.write().await?;
        // Taken after the wait for the database: the lease begins now.
        let now = self.now();
        let open = tx
            .grants()
            .lease(grant.id)
            .await?
            .filter(|open| open.generation == grant.tokens.generation);
        if let Some(open) = &open {
            let holds = open.expires_at > now || self.leases_are_doubtful();
            if open.is_held() && open.process != process && holds {
                drop(tx);
                return self.wait_for_other(grant, why).await.map(Err);
            }
            let harmless = verdict::may_send_again(&prepared.registration.provider, open, now);
            if !harmless && !matches!(why, Why::Asked) {
                self.flag_uncertain(&mut *tx, grant, open).await?;
                tx.save().await?;
                return Ok(Err(RefreshOutcome::Failed));
            }
        }
        let lease = RefreshLease {
            grant_id: grant.id,
            generation: grant.tokens.generation,
            token_hash: hash_token(prepared.token.expose_secret()),
            holder: self.new_id::<Uuid>(),
            process,
            sends: open.as_ref().map_or(1, |open| open.sends.saturating_add(1)),
            started_at: open.as_ref().map_or(now, |open| open.started_at),
            expires_at: now + self.deadline() + COMMIT_BUDGET,
        };
        let over = open.map(|open| open.holder);
        if !tx.grants().take_lease(&lease, over).await? {
            return Ok(Err(RefreshOutcome::Adopted));
        }
        tx.save().await?;
        Ok(Ok(lease))
    }

    /// Another process is at it. Whoever wants the token waits for that one's answer.
    async fn wait_for_other(&self, grant: &GrantRecord, why: Why) -> Result<RefreshOutcome, Fault> {
        if matches!(why, Why::Due) {
            return Ok(RefreshOutcome::Adopted);
        }
        let deadline = Instant::now() + self.refreshing().request_timeout;
        while Instant::now() < deadline {
            tokio::time::sleep(LOOK_AGAIN).await;
            let mut tx = self.read().await?;
            let current = tx.grants().get(grant.id).await?;
            let moved = current.is_none_or(|now| now.tokens.generation != grant.tokens.generation);
            if moved || tx.grants().lease(grant.id).await?.is_none() {
                return Ok(RefreshOutcome::Adopted);
            }
        }
        Ok(self.postponed())
    }

    /// Step 3.
    async fn ask(
        &self,
        prepared: &Prepared,
        sent_at: DateTime<Utc>,
    ) -> Result<oauth::TokenResponse, TokenError> {
        let request = prepared.registration.refresh(
            self.http(),
            &prepared.token,
            &prepared.grant.asked_scopes,
            sent_at,
        );
        let deadline = self.refreshing().request_timeout;
        let began = Instant::now();
        let answer = tokio::time::timeout(deadline, request)
            .await
            .unwrap_or_else(|_| Err(HttpError::Timeout(deadline).into()));
        let provider = &prepared.grant.client.provider;
        telemetry::token_request_ended(provider, began.elapsed());
        if let Ok(response) = &answer {
            telemetry::provider_paused(provider, false);
            if let Some(theirs) = response.server_date {
                telemetry::provider_clock(provider, theirs - self.now());
            }
        }
        answer
    }

    /// Steps 4 and 5.
    async fn keep_answer(
        &self,
        answered: &Answered,
        room: &Reservation,
    ) -> Result<RefreshOutcome, Fault> {
        let record = self.seal_answer(answered)?;
        if let Err(error) = room.write(&record).await {
            // The answer is in memory still, and the database may well take it.
            tracing::error!(%error, grant = %answered.grant_id, "an answer is not in the journal");
        }
        let _ = failpoints::pass("refresh.after_journal");
        let committed = self.insist(|| self.commit_answer(answered)).await?;
        let _ = failpoints::pass("refresh.after_commit");
        Ok(if committed {
            RefreshOutcome::Refreshed
        } else {
            RefreshOutcome::Adopted
        })
    }

    /// Stores an answer, unless a newer generation is there; says whether it did. Once is enough,
    /// and more does no harm: the journal's replay does the same.
    pub(super) async fn commit_answer(&self, answered: &Answered) -> Result<bool, Fault> {
        let mut tx = self.write().await?;
        let Some(before) = tx.grants().get(answered.grant_id).await? else {
            return Ok(false);
        };
        let committed = tx
            .grants()
            .commit_refresh(
                answered.grant_id,
                answered.generation,
                &answered.tokens,
                &answered.scopes,
                Status::Healthy,
            )
            .await?;
        tx.grants()
            .release_lease(answered.grant_id, answered.holder)
            .await?;
        let commits = tx.grants().commits().await?;
        if committed {
            if let Some(secret) = answered.secret {
                self.secret_worked(&mut *tx, secret).await?;
            }
            let after = GrantRecord {
                tokens: answered.tokens.clone(),
                granted_scopes: answered.scopes.clone(),
                status: Status::Healthy,
                last_error: None,
                trouble: Trouble::default(),
                ..before.clone()
            };
            let told = self
                .grant_happened(&mut *tx, &after, before.status, GrantEvent::Refreshed)
                .await;
            match told {
                Err(Fault::Storage(StorageError::Engine(error))) => {
                    return Err(StorageError::Engine(error).into());
                }
                // The token counts, not what cannot be told of it.
                Err(error) => {
                    tracing::error!(%error, grant = %after.id, "a refresh is not in its history");
                }
                Ok(()) => {}
            }
            tx.announce(Change::Grant(answered.workspace_id, answered.grant_id));
        }
        if !committed && before.ended_in(answered.generation) {
            // Ended while this was under way: what it brought has to end as well.
            let brought = GrantRecord {
                tokens: answered.tokens.clone(),
                ..before
            };
            self.queue_revocation(&mut *tx, &brought, Vec::new())
                .await?;
        }
        tx.save().await?;
        if let Some(journal) = self.refreshing().journal() {
            journal.mark(commits);
        }
        Ok(committed)
    }

    /// Nothing was sent.
    async fn give_back(&self, lease: &RefreshLease) -> Result<(), Fault> {
        let mut tx = self.write().await?;
        tx.grants()
            .release_lease(lease.grant_id, lease.holder)
            .await?;
        Ok(tx.save().await?)
    }

    /// Does what must not be given up, for as long as the database does not answer.
    async fn insist<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let (mut pause, longest) = INSIST;
        loop {
            match attempt().await {
                Err(Fault::Storage(StorageError::Engine(error))) => {
                    tracing::error!(%error, "the outcome of a refresh cannot be stored yet");
                }
                done => return done,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    pub(super) fn deadline(&self) -> TimeDelta {
        TimeDelta::from_std(self.refreshing().request_timeout).unwrap_or(COMMIT_BUDGET)
    }

    fn postponed(&self) -> RefreshOutcome {
        RefreshOutcome::Postponed {
            until: self.now() + SOON,
        }
    }
}

/// Why a grant is not refreshed now, if it is not.
fn not_now(grant: &GrantRecord, why: Why, now: DateTime<Utc>) -> Option<RefreshOutcome> {
    let next = grant.tokens.next_refresh_at;
    match why {
        _ if !grant.status.can_refresh() => Some(RefreshOutcome::Failed),
        Why::Asked => None,
        _ if grant.status.is_uncertain() => Some(RefreshOutcome::Failed),
        // Somebody was quicker.
        Why::Due => next
            .is_none_or(|at| at > now)
            .then_some(RefreshOutcome::Adopted),
        // Readers do not shorten the pause after a failure.
        Why::Read { seen } if grant.tokens.generation != seen => Some(RefreshOutcome::Adopted),
        Why::Read { .. } if grant.trouble.attempts == 0 => None,
        Why::Read { .. } => match next {
            Some(at) if at <= now => None,
            Some(until) => Some(RefreshOutcome::Postponed { until }),
            None => Some(RefreshOutcome::Failed),
        },
    }
}
