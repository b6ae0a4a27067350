//! The overview: how many authorizations are how, and what to look at first.

use crate::{
    Broker,
    access::{Actor, Permission},
    authorizations::Surroundings,
    error::Fault,
    notify::connector_names,
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use dashmap::DashMap;
use model::{
    AuthorizationId, WorkspaceId,
    authorization::AuthorizationRef,
    health::{Attention, Overview, StateCount, StateGroup, Urgency},
    status::{ReauthorizationReason, Status},
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};
use storage::{
    Transaction,
    authorizations::{AuthorizationRecord, SecretRecord},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

/// Entries that are told of.
const ATTENTION: u32 = 100;
/// Secrets that work for longer than this are not mentioned.
const SECRET_WARNING: Days = Days::new(30);
/// After counting there is a rest, this many times as long as that took, and at most so long.
const REST: u32 = 4;
const LONGEST_REST: Duration = Duration::from_secs(1);

/// The last overview of each workspace. Counting a hundred thousand authorizations takes a while, and
/// every open page asks after every change: a part of the time goes into it. Whoever asks
/// meanwhile waits for the next count, and all who wait share it: nobody gets what was true before.
#[derive(Default)]
pub(crate) struct Overviews(DashMap<WorkspaceId, Arc<Mutex<Option<Counted>>>>);

struct Counted {
    began: Instant,
    rests_until: Instant,
    overview: Overview,
}

impl Broker {
    /// How all authorizations of the workspace are doing.
    pub async fn overview(&self, actor: &Actor) -> Result<Overview, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let asked = Instant::now();
        let last = Arc::clone(&self.overviews().0.entry(workspace).or_default());
        let mut last = last.lock().await;
        if let Some(last) = &*last {
            if asked <= last.began {
                return Ok(last.overview.clone());
            }
            sleep_until(last.rests_until).await;
        }
        let began = Instant::now();
        let overview = self.count_overview(workspace).await?;
        *last = Some(Counted {
            began,
            rests_until: Instant::now() + (began.elapsed() * REST).min(LONGEST_REST),
            overview: overview.clone(),
        });
        Ok(overview)
    }

    async fn count_overview(&self, workspace: WorkspaceId) -> Result<Overview, Fault> {
        let today = self.now().date_naive();
        let secrets_until = today.checked_add_days(SECRET_WARNING).unwrap_or(today);
        let mut tx = self.read().await?;
        let mut counts: BTreeMap<_, u64> = StateGroup::ALL
            .map(|group| (group, 0))
            .into_iter()
            .collect();
        for count in tx.overview().by_status(workspace).await? {
            let group = StateGroup::of(count.status.unwrap_or_default());
            *counts.entry(group).or_default() += count.number;
        }
        let mut attention = Vec::new();
        let mut seen = HashSet::new();
        // The form names another client than the one that was consented to: no database can tell.
        let altered = tx.overview().altered(workspace).await?;
        for id in altered {
            let Some((around, record)) = self.around(&mut *tx, workspace, id).await? else {
                continue;
            };
            let state = around.state(&record);
            if state != Status::ReauthorizationNeeded(ReauthorizationReason::ClientChanged) {
                continue;
            }
            let stored = around.grant_of(&record).map_or(state, |grant| grant.status);
            if let Some(number) = counts.get_mut(&StateGroup::of(stored)) {
                *number = number.saturating_sub(1);
            }
            *counts.entry(StateGroup::of(state)).or_default() += 1;
            seen.insert(id);
            attention.extend(
                self.attention(&mut *tx, &around, &record, secrets_until)
                    .await?,
            );
        }
        let unwell = tx
            .overview()
            .unwell(workspace, secrets_until, ATTENTION)
            .await?;
        for id in unwell.into_iter().filter(|id| !seen.contains(id)) {
            if let Some((around, record)) = self.around(&mut *tx, workspace, id).await? {
                attention.extend(
                    self.attention(&mut *tx, &around, &record, secrets_until)
                        .await?,
                );
            }
        }
        // Stable: within that they stay in the order of the database.
        attention.sort_by_key(|one| (one.urgency, !one.published));
        attention.truncate(ATTENTION as usize);
        let yesterday = today.pred_opt().unwrap_or(today);
        let inactive = tx.overview().inactive(workspace).await?;
        let next_refresh_at = tx.overview().next_refresh(workspace).await?;
        let today = tx.history().total(workspace, today).await?;
        let yesterday = tx.history().total(workspace, yesterday).await?;
        Ok(Overview {
            counts: counts
                .into_iter()
                .map(|(group, number)| StateCount { group, number })
                .collect(),
            inactive,
            attention,
            today,
            yesterday,
            next_refresh_at,
        })
    }

    /// One authorization and what surrounds it. One by one: what is read of many at once is read
    /// of the whole workspace.
    async fn around(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        id: AuthorizationId,
    ) -> Result<Option<(Surroundings, AuthorizationRecord)>, Fault> {
        let Some(record) = tx.authorizations().get(workspace, id).await? else {
            return Ok(None);
        };
        let around = self
            .surroundings(tx, workspace, std::slice::from_ref(&record))
            .await?;
        Ok(Some((around, record)))
    }

    /// What is the matter with an authorization; `None` when nothing is.
    async fn attention(
        &self,
        tx: &mut dyn Transaction,
        around: &Surroundings,
        record: &AuthorizationRecord,
        secrets_until: NaiveDate,
    ) -> Result<Option<Attention>, Fault> {
        let state = around.state(record);
        let secret_ends = last_day_of_secrets(around.secrets_of(record.id))
            .filter(|day| state == Status::Healthy && *day <= secrets_until);
        let Some((urgency, what, next_action)) = diagnosis(state, secret_ends) else {
            return Ok(None);
        };
        let since = match around.grant_of(record) {
            _ if secret_ends.is_some() => None,
            None => Some(record.created_at),
            Some(grant) => match grant.trouble.since {
                Some(since) => Some(since),
                None => self.state_since(tx, record, state).await?,
            },
        };
        let published = self
            .run_time()
            .published_grant(record.workspace_id, record.id)
            .is_some();
        Ok(Some(Attention {
            authorization: AuthorizationRef {
                id: record.id,
                name: record.name.clone(),
            },
            urgency,
            status: state.label(),
            state,
            published,
            connectors: connector_names(tx, record.workspace_id, &record.connectors).await?,
            what,
            since,
            next_action,
            secret_expires_on: secret_ends,
        }))
    }

    /// When history last tells of this state.
    async fn state_since(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        state: Status,
    ) -> Result<Option<DateTime<Utc>>, Fault> {
        let from = self.now() - TimeDelta::days(30);
        let last = tx
            .history()
            .events(record.workspace_id, record.id, from, 1)
            .await?;
        Ok(last
            .into_iter()
            .find(|event| event.state == state)
            .map(|event| event.at))
    }
}

/// How urgent a state is, what it is in words, and what to do.
fn diagnosis(state: Status, secret_ends: Option<NaiveDate>) -> Option<(Urgency, String, String)> {
    let urgency = match state {
        Status::Cancelled(_) | Status::ReauthorizationNeeded(_) | Status::Misconfigured(_) => {
            Urgency::Broken
        }
        Status::RefreshFailing => Urgency::AtRisk,
        Status::Never | Status::Consenting => Urgency::Open,
        Status::Healthy => {
            let day = secret_ends?;
            return Some((
                Urgency::AtRisk,
                format!("The client secret works until {day}"),
                "Add a new client secret; nobody has to consent again.".to_owned(),
            ));
        }
    };
    let group = StateGroup::of(state).text();
    let what = match state {
        Status::Never => group.to_owned(),
        _ => format!("{group}: {}", state.reason_text()),
    };
    Some((urgency, what, state.next_action().to_owned()))
}

/// The last day on which every secret field has a secret that works; `None` for no end.
fn last_day_of_secrets(secrets: &[SecretRecord]) -> Option<NaiveDate> {
    let mut fields: BTreeMap<&str, NaiveDate> = BTreeMap::new();
    for secret in secrets {
        let ends = secret.expires_on.unwrap_or(NaiveDate::MAX);
        let last = fields.entry(&secret.field).or_insert(ends);
        *last = ends.max(*last);
    }
    let first = fields.into_values().min()?;
    (first != NaiveDate::MAX).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::last_day_of_secrets;
    use chrono::{DateTime, NaiveDate};
    use model::SecretId;
    use storage::{Ciphertext, authorizations::SecretRecord};

    fn secret(field: &str, day: Option<u32>) -> SecretRecord {
        SecretRecord {
            id: SecretId(uuid::Uuid::nil()),
            authorization_id: uuid::Uuid::nil().into(),
            field: field.to_owned(),
            position: 0,
            value: Ciphertext(Vec::new()),
            ends_in: None,
            expires_on: day.map(day_of),
            set_at: DateTime::UNIX_EPOCH,
            last_worked_at: None,
            in_use: false,
        }
    }

    fn day_of(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    #[test]
    fn the_longest_secret_of_a_field_counts_and_the_shortest_field() {
        let one = [secret("a", Some(1)), secret("a", Some(9))];
        assert_eq!(last_day_of_secrets(&one), Some(day_of(9)));
        let endless = [secret("a", Some(1)), secret("a", None)];
        assert_eq!(last_day_of_secrets(&endless), None);
        let two = [
            secret("a", None),
            secret("b", Some(5)),
            secret("b", Some(4)),
        ];
        assert_eq!(last_day_of_secrets(&two), Some(day_of(5)));
        assert_eq!(last_day_of_secrets(&[]), None);
    }
}
