//! Outages: what fails at a provider for one reason is one message, whether it all begins to fail at
//! once or one after the other, as the tokens end.
//!
//! The first few are told one by one. When there are more, the outage is told, and those few join it:
//! its end is told once, not theirs. It is over when the last one leaves it, or when only a few are
//! left long after the others recovered: these fail for reasons of their own.

use super::{
    conditions::{self, FAILING, OUTAGE, parse_shared, recovered_at},
    dependents::connectors_of,
    watch::Role,
    words,
};
use crate::{Broker, error::Fault};
use chrono::{DateTime, TimeDelta, Utc};
use model::{AuthorizationId, WorkspaceId};
use storage::{
    Transaction,
    authorizations::AuthorizationRecord,
    grants::GrantRecord,
    notifications::{AlertRecord, subject},
};
use uuid::Uuid;

/// More than so many authorizations that fail for one reason are one message: it is the provider
/// that fails.
pub(super) const OUTAGE_ABOVE: usize = 3;
/// When nobody has recovered for so long, those that are left are not part of the outage. Longer than
/// any pause between two tries.
const SETTLED: TimeDelta = TimeDelta::hours(1);

/// An authorization that was told of before there was an outage to speak of.
pub(super) struct ToldAlone {
    pub record: AuthorizationRecord,
    pub since: Option<DateTime<Utc>>,
    role: Role,
}

impl Broker {
    /// The outage that a failing grant belongs to; `None` when it fails for a reason of its own.
    pub(super) fn outage_of(&self, grant: &GrantRecord) -> Option<String> {
        let provider = self.definition(&grant.client.provider);
        conditions::outage_of(grant, provider.map(|provider| &**provider))
    }

    /// Those that fail for the reason of this outage, and were told of one by one.
    pub(super) async fn told_alone(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        outage: &str,
    ) -> Result<Vec<ToldAlone>, Fault> {
        let mut alerts = tx.notifications().alerts(workspace, AUTHORIZATION).await?;
        alerts.extend(tx.notifications().alerts(workspace, PUBLISHED).await?);
        let mut alone = Vec::new();
        for alert in alerts.iter().filter(|alert| alert.told == FAILING) {
            let Some(id) = authorization_of(&alert.subject) else {
                continue;
            };
            let Some(record) = tx.authorizations().get(workspace, id).await? else {
                continue;
            };
            let served = self.run_time().published_grant(workspace, id);
            let served = served.and_then(|(_, grant)| grant);
            for grant in record.grant_id.into_iter().chain(served) {
                let role = self.role(&record, grant);
                let role = role.filter(|role| role.subject(&record) == alert.subject);
                let Some((role, grant)) = role.zip(tx.grants().get(grant).await?) else {
                    continue;
                };
                if self.outage_of(&grant).as_deref() == Some(outage) {
                    alone.push(ToldAlone {
                        record,
                        since: grant.trouble.since,
                        role,
                    });
                    break;
                }
            }
        }
        Ok(alone)
    }

    /// Tells of an outage. Those who were told of before join it.
    pub(super) async fn tell_outage(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        outage: &str,
        failing: &[(&AuthorizationRecord, DateTime<Utc>)],
        alone: &[ToldAlone],
    ) -> Result<(), Fault> {
        let now = self.now();
        let before = alone.iter().map(|one| (&one.record, one.since));
        let all = before.chain(
            failing
                .iter()
                .map(|(record, since)| (*record, Some(*since))),
        );
        let since = all.clone().filter_map(|(_, since)| since).min();
        let mut records: Vec<&AuthorizationRecord> = all.map(|(record, _)| record).collect();
        // One with two consents is there twice.
        records.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
        records.dedup_by_key(|record| record.id);
        let names: Vec<_> = records.iter().map(|record| record.name.clone()).collect();
        let connectors = connectors_of(tx, workspace, &records).await?;
        let what = self.name_of_shared(outage);
        let message = words::outage(&what, &names, since.unwrap_or(now), connectors, now);
        self.tell(tx, workspace, message).await?;
        let mut notifications = tx.notifications();
        let alert = AlertRecord {
            subject: outage.to_owned(),
            told: FAILING.to_owned(),
            since: now,
        };
        notifications.put_alert(workspace, &alert).await?;
        for one in alone {
            let subject = one.role.subject(&one.record);
            notifications.delete_alert(workspace, &subject).await?;
            notifications
                .join_alert(workspace, outage, one.record.id)
                .await?;
        }
        Ok(())
    }

    /// Ends the outages that are over without anybody having left them. Those that fail on are told
    /// of again, as what they are.
    pub(super) async fn end_outages(&self) -> Result<(), Fault> {
        let mut tx = self.read().await?;
        let over = self.outages_over(&mut *tx).await?;
        drop(tx);
        if over.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        for (workspace, alert) in self.outages_over(&mut *tx).await? {
            self.end_shared(&mut *tx, workspace, &alert).await?;
        }
        tx.save().await?;
        Ok(())
    }

    async fn outages_over(
        &self,
        tx: &mut dyn Transaction,
    ) -> Result<Vec<(WorkspaceId, AlertRecord)>, Fault> {
        let settled = self.now() - SETTLED;
        let mut over = Vec::new();
        let workspaces = tx.users().workspaces().await?;
        let mut notifications = tx.notifications();
        for workspace in workspaces {
            for alert in notifications.alerts(workspace.id, OUTAGE).await? {
                let left = notifications.joined(workspace.id, &alert.subject).await?;
                let few = left <= OUTAGE_ABOVE as u64;
                let settled = recovered_at(&alert.told).is_some_and(|at| at <= settled);
                // Before there was one for each host it was written in another way.
                if left == 0 || (few && settled) || parse_shared(&alert.subject).is_none() {
                    over.push((workspace.id, alert));
                }
            }
        }
        Ok(over)
    }
}

/// How the subjects of [`subject`] begin.
const AUTHORIZATION: &str = "authorization:";
const PUBLISHED: &str = "published:";

fn authorization_of(subject: &str) -> Option<AuthorizationId> {
    let id = subject
        .strip_prefix(AUTHORIZATION)
        .or_else(|| subject.strip_prefix(PUBLISHED))?;
    let id: AuthorizationId = Uuid::try_parse(id).ok()?.into();
    // Written there, read here: one that is not the same is none.
    let written = [subject::authorization(id), subject::published(id)];
    written.iter().any(|one| one == subject).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::authorization_of;
    use model::AuthorizationId;
    use storage::notifications::subject;
    use uuid::Uuid;

    #[test]
    fn subjects_are_read_as_they_are_written() {
        let id = AuthorizationId(Uuid::from_u128(7));
        assert_eq!(authorization_of(&subject::authorization(id)), Some(id));
        assert_eq!(authorization_of(&subject::published(id)), Some(id));
        assert_eq!(authorization_of("registration:azure-devops/7"), None);
    }
}
