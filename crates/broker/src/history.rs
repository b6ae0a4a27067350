//! How a consent has been doing: keeps its history while things happen, and tells it.
//!
//! Writing is part of the refresh engine's transactions: a refresh that goes as it should costs one
//! statement, a failure one more, and only what is new leaves an event.

use crate::{
    Broker,
    access::{Actor, Permission},
    error::Fault,
    events::GrantEvent,
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use model::{
    AuthorizationId,
    health::{DAYS, Health, HealthDay, HealthEvent, HealthEventKind},
    status::{CancelReason, Status, StatusLabel},
};
use std::collections::HashMap;
use storage::{
    Transaction,
    grants::GrantRecord,
    history::{EventRecord, Outcome},
};

/// Events that are told.
const EVENTS: u32 = 200;
/// Different failures of one streak that are kept.
const STREAK: u32 = 20;
/// How long history is kept: a little longer than it is shown, since days begin at different hours.
const KEPT: Days = Days::new(35);
/// Rows deleted in one transaction, so that refreshes need not wait for the sweep.
const SWEEP_AT_ONCE: u32 = 5_000;

impl Broker {
    /// How an authorization has been doing; `None` when there is none.
    pub async fn health(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Option<Health>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let Some(record) = tx.authorizations().get(workspace, id).await? else {
            return Ok(None);
        };
        let around = self
            .surroundings(&mut *tx, workspace, std::slice::from_ref(&record))
            .await?;
        let days = last_days(self.now().date_naive());
        let counted = tx.history().days(workspace, id, &days).await?;
        let events = tx
            .history()
            .events(workspace, id, beginning_of(days[0]), EVENTS)
            .await?;
        let state = around.state(&record);
        let grant = around.grant_of(&record);
        Ok(Some(Health {
            state,
            next_action: state.next_action().to_owned(),
            expires_at: grant.and_then(|grant| grant.tokens.expires_at),
            refreshed_at: grant.and_then(|grant| grant.tokens.refreshed_at),
            next_refresh_at: grant.and_then(|grant| grant.tokens.next_refresh_at),
            failing_since: grant.and_then(|grant| grant.trouble.since),
            attempts: grant.map_or(0, |grant| grant.trouble.attempts),
            last_error: grant.and_then(|grant| grant.last_error.clone()),
            days: filled(&days, counted),
            events: events.into_iter().map(told).collect(),
        }))
    }

    /// Writes down what happened to a grant, in the transaction in which it did.
    pub(crate) async fn note_in_history(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        before: Status,
        event: GrantEvent<'_>,
    ) -> Result<(), Fault> {
        match event {
            GrantEvent::Refreshed => {
                let today = self.count(tx, grant, Outcome::Refreshed).await?;
                // The state may have stayed as it was through a short failure.
                let failed = before != Status::Healthy
                    || (today.failed > 0 && !self.streak(tx, grant).await?.is_empty());
                if failed {
                    self.keep(tx, grant, HealthEventKind::Recovered).await?;
                }
            }
            GrantEvent::Failed(error) => {
                self.count(tx, grant, Outcome::Failed).await?;
                let is_over = grant.status.label() == StatusLabel::NotAuthorized;
                let known = self.streak(tx, grant).await?.iter().any(|event| {
                    let same_error = event.error.as_ref().map(|known| &known.code);
                    event.state == grant.status && same_error == Some(&error.code)
                });
                if !known || (is_over && before != grant.status) {
                    let kind = if before == grant.status {
                        HealthEventKind::Failed
                    } else {
                        HealthEventKind::StateChanged
                    };
                    let mut event = self.event(grant, kind);
                    event.error = Some(error.clone());
                    tx.history().insert(&event).await?;
                }
            }
            GrantEvent::Consented { again } => {
                let kind = if again {
                    HealthEventKind::Reconsented
                } else {
                    HealthEventKind::Consented
                };
                let mut event = self.event(grant, kind);
                event.account.clone_from(&grant.account);
                tx.history().insert(&event).await?;
            }
            GrantEvent::Ended => self.note_end(tx, grant).await?,
        }
        Ok(())
    }

    /// A grant that gave way to another one is no end of the consent. That of a form that was never
    /// saved leaves nothing.
    async fn note_end(&self, tx: &mut dyn Transaction, grant: &GrantRecord) -> Result<(), Fault> {
        let (workspace, id) = (grant.workspace_id, grant.authorization_id);
        let authorization = tx.authorizations().get(workspace, id).await?;
        match authorization {
            Some(authorization) if authorization.grant_id == Some(grant.id) => {
                self.keep(tx, grant, HealthEventKind::Ended).await
            }
            Some(_) => Ok(()),
            None => Ok(tx.history().forget(workspace, id).await?),
        }
    }

    /// Writes down that somebody ended the consent. `tombstone` is what stands for it from now on.
    pub(crate) async fn note_deauthorized(
        &self,
        tx: &mut dyn Transaction,
        tombstone: &GrantRecord,
    ) -> Result<(), Fault> {
        debug_assert_eq!(
            tombstone.status,
            Status::Cancelled(CancelReason::Deauthorized)
        );
        self.keep(tx, tombstone, HealthEventKind::Ended).await
    }

    /// Forgets what is too old to be shown.
    pub(crate) async fn sweep_history(&self) -> Result<(), Fault> {
        let today = self.now().date_naive();
        let Some(first) = today.checked_sub_days(KEPT) else {
            return Ok(());
        };
        loop {
            let mut tx = self.write().await?;
            let gone = tx.history().delete_before(first, SWEEP_AT_ONCE).await?;
            tx.save().await?;
            if gone < u64::from(SWEEP_AT_ONCE) {
                return Ok(());
            }
        }
    }

    async fn count(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        outcome: Outcome,
    ) -> Result<HealthDay, Fault> {
        let (workspace, id) = (grant.workspace_id, grant.authorization_id);
        let today = self.now().date_naive();
        Ok(tx.history().count(workspace, id, today, outcome).await?)
    }

    /// The different failures since the last thing that was none, newest first.
    async fn streak(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
    ) -> Result<Vec<EventRecord>, Fault> {
        let (workspace, id) = (grant.workspace_id, grant.authorization_id);
        let from = self.now() - TimeDelta::days(30);
        let events = tx.history().events(workspace, id, from, STREAK).await?;
        Ok(events
            .into_iter()
            .take_while(|event| {
                matches!(
                    event.kind,
                    HealthEventKind::Failed | HealthEventKind::StateChanged
                )
            })
            .collect())
    }

    async fn keep(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        kind: HealthEventKind,
    ) -> Result<(), Fault> {
        Ok(tx.history().insert(&self.event(grant, kind)).await?)
    }

    fn event(&self, grant: &GrantRecord, kind: HealthEventKind) -> EventRecord {
        EventRecord {
            id: self.new_id(),
            workspace_id: grant.workspace_id,
            authorization_id: grant.authorization_id,
            at: self.now(),
            kind,
            state: grant.status,
            error: None,
            account: None,
        }
    }
}

fn told(event: EventRecord) -> HealthEvent {
    HealthEvent {
        at: event.at,
        kind: event.kind,
        state: event.state,
        error: event.error,
        account: event.account,
    }
}

/// The days that are shown, oldest first.
fn last_days(today: NaiveDate) -> Vec<NaiveDate> {
    let mut days: Vec<_> = today.iter_days().rev().take(DAYS).collect();
    days.reverse();
    days
}

fn beginning_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Every day with its counters; zeros where nothing was counted.
fn filled(days: &[NaiveDate], counted: Vec<HealthDay>) -> Vec<HealthDay> {
    let counted: HashMap<_, _> = counted.into_iter().map(|day| (day.day, day)).collect();
    days.iter()
        .map(|&day| {
            counted.get(&day).copied().unwrap_or(HealthDay {
                day,
                refreshed: 0,
                failed: 0,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{filled, last_days};
    use chrono::NaiveDate;
    use model::health::{DAYS, HealthDay};

    #[test]
    fn thirty_days_end_today_and_gaps_are_zero() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let days = last_days(today);
        assert_eq!(days.len(), DAYS);
        assert_eq!(days[DAYS - 1], today);
        assert_eq!(days[DAYS - 2].to_string(), "2026-02-28");
        let counted = HealthDay {
            day: today,
            refreshed: 3,
            failed: 1,
        };
        let all = filled(&days, vec![counted]);
        assert_eq!(all[DAYS - 1], counted);
        assert_eq!(
            (all[0].day, all[0].refreshed, all[0].failed),
            (days[0], 0, 0)
        );
    }
}
