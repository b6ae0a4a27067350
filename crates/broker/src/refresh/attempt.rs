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

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    GrantId,
    authorization::ProviderErrorInfo,
    status::{MisconfigurationReason, ReauthorizationReason, Status},
};
use oauth::{ErrorClass, Provider, Reason, TokenError, http::HttpError};
use secrecy::{ExposeSecret as _, SecretString};
use std::{future::Future, time::Duration};
use storage::{
    Change, StorageError, Transaction,
    grants::{GrantRecord, RefreshLease, Setback, Trouble},
};
use tokio::time::Instant;
use uuid::Uuid;
use vault::{VaultError, hash_token};

use super::{
    RefreshOutcome, Why,
    answered::Answered,
    gate::{Closed, Pass},
    journal::{Journal, Reservation},
    verdict::{self, Case, Verdict},
};
use crate::{
    Broker,
    error::Fault,
    events::GrantEvent,
    failpoints,
    grants::{GrantRegistration, error_info},
    sealing::Column,
    telemetry::{self, Outcome},
};

/// How much longer a lease lasts than the request may take: time for the journal and the commit.
pub(super) const COMMIT_BUDGET: TimeDelta = TimeDelta::seconds(20);
/// Of that, what must be left when the request is sent.
const LEAST_BUDGET: TimeDelta = TimeDelta::seconds(10);
/// When to look again at what cannot be refreshed for a reason of ours.
const SOON: TimeDelta = TimeDelta::seconds(5);
/// Two clocks that differ by more than this do so because one was set.
const CLOCK_WAS_SET: TimeDelta = TimeDelta::seconds(1);
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
        if prepared.room.note_sent(lease.holder).await.is_err() {
            self.give_back(&lease).await?;
            return Ok(self.postponed());
        }
        let sent_at = self.now();
        if sent_at + self.deadline() + LEAST_BUDGET > lease.expires_at {
            // This process stood still, or the database took its time: the right may be somebody
            // else's by the time the answer comes.
            self.give_back(&lease).await?;
            return Ok(self.postponed());
        }
        let begun = Instant::now();
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
            Err(Closed::Paused { until, error }) => {
                return self
                    .pause(&grant, why, until, error.as_ref())
                    .await
                    .map(Err);
            }
            Err(Closed::Refused { until, error }) => {
                return self.refuse(&grant, &error, until).await.map(Err);
            }
        };
        if !matches!(why, Why::Due) {
            let provider = self.refreshing().gates.provider(&grant.client.provider);
            provider.wait().await;
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
            if open.is_held() && open.process != process && open.expires_at > now {
                drop(tx);
                return self.wait_for_other(grant, why).await.map(Err);
            }
            let harmless = may_send_again(&prepared.registration.provider, open, now);
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
            self.grant_happened(&mut *tx, &after, before.status, GrantEvent::Refreshed)
                .await?;
            tx.announce(Change::Grant(answered.workspace_id, answered.grant_id));
        }
        tx.save().await?;
        if let Some(journal) = self.refreshing().journal() {
            journal.mark(commits);
        }
        Ok(committed)
    }

    /// Tells the gate how it went, and what becomes of the grant.
    fn judge_failure(
        &self,
        grant: &GrantRecord,
        provider: &Provider,
        lease: &RefreshLease,
        error: &TokenError,
        pass: Pass,
    ) -> Judged {
        tracing::warn!(grant = %grant.id, class = ?error.class, %error, "refresh failed");
        let now = self.now();
        let verdict = verdict::judge(&Case {
            error,
            status: grant.status,
            trouble: grant.trouble,
            may_send_again: may_send_again(provider, lease, now),
            now,
        });
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
        if until.is_some() && error.class != ErrorClass::InvalidClient {
            telemetry::provider_paused(&grant.client.provider, true);
        }
        let next = verdict::next_try(&verdict, until, now, &mut rng);
        Judged {
            settled_by: verdict
                .unsettled
                .then(|| lease.started_at + grace(provider))
                .filter(|_| provider.rotates_refresh_tokens()),
            setback: setback(&verdict, error_info(error, now), next),
        }
    }

    /// Writes down why there is no new token, unless somebody else got one meanwhile.
    async fn store_setback(
        &self,
        grant: &GrantRecord,
        lease: &RefreshLease,
        judged: &Judged,
    ) -> Result<RefreshOutcome, Fault> {
        let mut tx = self.write().await?;
        match judged.settled_by {
            // Nobody is at it, but the token was sent.
            Some(settled_by) => {
                let open = RefreshLease {
                    process: Uuid::nil(),
                    expires_at: settled_by,
                    ..lease.clone()
                };
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
        let next = until + super::timing::up_to(TimeDelta::seconds(15), &mut *self.rng());
        let mut tx = self.write().await?;
        match error {
            Some(error) if grant.tokens.expires_at.is_some_and(|at| at <= now) => {
                let verdict = verdict::judge(&Case {
                    error,
                    status: grant.status,
                    trouble: grant.trouble,
                    may_send_again: true,
                    now,
                });
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
        let verdict = verdict::judge(&Case {
            error,
            status: grant.status,
            trouble: grant.trouble,
            may_send_again: true,
            now,
        });
        let next = verdict::next_try(&verdict, Some(until), now, &mut *self.rng());
        let setback = setback(&verdict, error_info(error, now), next);
        let mut tx = self.write().await?;
        self.set_back(&mut *tx, grant, &setback).await?;
        tx.save().await?;
        telemetry::refresh_ended(&grant.client.provider, Outcome::InvalidClient);
        Ok(RefreshOutcome::Failed)
    }

    /// Without a refresh token the access token is all there is: once it has expired, a person is needed.
    async fn no_refresh_token(&self, grant: &GrantRecord) -> Result<RefreshOutcome, Fault> {
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
    async fn unreadable(
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
    async fn incomplete(&self, grant: &GrantRecord) -> Result<RefreshOutcome, Fault> {
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

    fn deadline(&self) -> TimeDelta {
        TimeDelta::from_std(self.refreshing().request_timeout).unwrap_or(COMMIT_BUDGET)
    }

    fn postponed(&self) -> RefreshOutcome {
        RefreshOutcome::Postponed {
            until: self.now() + SOON,
        }
    }
}

/// What a failure comes to.
struct Judged {
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

/// Whether a token that was sent may be sent again without doing harm: the provider does not replace
/// tokens, or honours replaced ones for a while.
pub(super) fn may_send_again(provider: &Provider, open: &RefreshLease, now: DateTime<Utc>) -> bool {
    !provider.rotates_refresh_tokens() || now < open.started_at + grace(provider)
}

pub(super) fn grace(provider: &Provider) -> TimeDelta {
    TimeDelta::from_std(provider.refresh_grace()).unwrap_or(TimeDelta::zero())
}
