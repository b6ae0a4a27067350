//! What only time tells: refreshes that have been failing for long, and notifications that are old.

use super::{
    conditions::{FAILING, outage_subject},
    watch::{Role, connector_names},
    words,
};
use crate::{Broker, error::Fault};
use chrono::{DateTime, TimeDelta, Utc};
use model::{ConnectorId, WorkspaceId, status::Status};
use std::collections::{BTreeMap, HashMap};
use storage::{
    Transaction,
    authorizations::AuthorizationRecord,
    grants::GrantRecord,
    notifications::{AlertRecord, FailingGrant},
};

/// More than so many authorizations of one provider that begin to fail together are one message:
/// it is the provider that fails.
const OUTAGE_ABOVE: usize = 3;
/// Connectors named in the message of an outage.
const CONNECTORS_NAMED: usize = 20;
/// Authorizations in one transaction: refreshes wait no longer than that for their turn to write.
const AT_ONCE: usize = 200;
/// How long notifications are kept.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Consents of one provider that fail, longest first.
type Group = Vec<(AuthorizationRecord, FailingGrant)>;

impl Broker {
    /// Tells of refreshes that have been failing for longer than the operator's patience.
    pub async fn tell_failing(&self) -> Result<(), Fault> {
        let before = self.now() - self.failing_after();
        let mut tx = self.read().await?;
        let failing = tx.notifications().failing_untold(before).await?;
        if failing.is_empty() {
            return Ok(());
        }
        let mut groups: BTreeMap<(WorkspaceId, String), Group> = BTreeMap::new();
        for grant in failing {
            let (workspace, id) = (grant.workspace_id, grant.authorization_id);
            let record = tx.authorizations().get(workspace, id).await?;
            if let Some(record) = record.filter(|one| self.role(one, grant.grant_id).is_some()) {
                groups
                    .entry((workspace, record.provider.clone()))
                    .or_default()
                    .push((record, grant));
            }
        }
        drop(tx);
        for ((workspace, provider), group) in groups {
            self.tell_group(workspace, &provider, &group).await?;
        }
        Ok(())
    }

    /// Tells of expiring secrets, and forgets what is too old to be read.
    pub async fn sweep_notifications(&self) -> Result<(), Fault> {
        self.tell_expiring_secrets().await?;
        let mut tx = self.write().await?;
        let forgotten = tx.notifications().delete_before(self.now() - KEPT).await?;
        tx.save().await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "old notifications forgotten");
        }
        Ok(())
    }

    async fn tell_group(
        &self,
        workspace: WorkspaceId,
        provider: &str,
        group: &Group,
    ) -> Result<(), Fault> {
        let subject = outage_subject(provider);
        for chunk in group.chunks(AT_ONCE) {
            let mut tx = self.write().await?;
            let still = still_failing(&mut *tx, chunk).await?;
            let known = tx.notifications().alert(workspace, &subject).await?;
            let outage =
                known.is_some() && tx.notifications().joined(workspace, &subject).await? > 0;
            if outage || group.len() > OUTAGE_ABOVE {
                if !outage && !still.is_empty() {
                    self.tell_outage(&mut *tx, workspace, provider, &subject, group)
                        .await?;
                }
                for (record, _) in &still {
                    let mut notifications = tx.notifications();
                    notifications
                        .join_alert(workspace, &subject, record.id)
                        .await?;
                }
            } else {
                for (record, grant) in &still {
                    self.tell_one_fails(&mut *tx, record, grant).await?;
                }
            }
            tx.save().await?;
        }
        Ok(())
    }

    async fn tell_one_fails(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        grant: &GrantRecord,
    ) -> Result<(), Fault> {
        let Some(role) = self.role(record, grant.id) else {
            return Ok(());
        };
        let now = self.now();
        let provider = self.provider_name(&record.provider);
        let about = self.about(tx, record, role, grant, &provider).await?;
        let since = grant.trouble.since.unwrap_or(now);
        let message = words::failing(about, since, grant.tokens.expires_at, now);
        let subject = Role::subject(role, record);
        self.tell_change(tx, record.workspace_id, subject, FAILING, message)
            .await
    }

    async fn tell_outage(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        provider: &str,
        subject: &str,
        group: &Group,
    ) -> Result<(), Fault> {
        let names: Vec<_> = group
            .iter()
            .map(|(record, _)| record.name.clone())
            .collect();
        let since = first(group).unwrap_or_else(|| self.now());
        let mut connectors: Vec<ConnectorId> = Vec::new();
        for id in group.iter().flat_map(|(record, _)| &record.connectors) {
            if connectors.len() < CONNECTORS_NAMED && !connectors.contains(id) {
                connectors.push(*id);
            }
        }
        let connectors = connector_names(tx, workspace, &connectors).await?;
        let provider = self.provider_name(provider);
        let message = words::outage(&provider, &names, since, connectors, self.now());
        self.tell(tx, workspace, message).await?;
        let alert = AlertRecord {
            subject: subject.to_owned(),
            told: FAILING.to_owned(),
            since: self.now(),
        };
        Ok(tx.notifications().put_alert(workspace, &alert).await?)
    }
}

fn first(group: &Group) -> Option<DateTime<Utc>> {
    group.iter().map(|(_, grant)| grant.since).min()
}

/// Those whose refreshes fail at this moment too.
async fn still_failing<'a>(
    tx: &mut dyn Transaction,
    chunk: &'a [(AuthorizationRecord, FailingGrant)],
) -> Result<Vec<(&'a AuthorizationRecord, GrantRecord)>, Fault> {
    let ids: Vec<_> = chunk.iter().map(|(_, grant)| grant.grant_id).collect();
    let grants = tx.grants().get_many(&ids).await?;
    let mut failing: HashMap<_, _> = grants
        .into_iter()
        .filter(|grant| grant.status == Status::RefreshFailing)
        .map(|grant| (grant.id, grant))
        .collect();
    Ok(chunk
        .iter()
        .filter_map(|(record, grant)| Some((record, failing.remove(&grant.grant_id)?)))
        .collect())
}
