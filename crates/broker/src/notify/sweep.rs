//! What only time tells: refreshes that have been failing for long, and notifications that are old.

use super::{
    conditions::FAILING,
    outages::OUTAGE_ABOVE,
    watch::{Role, is_open},
    words,
};
use crate::{Broker, error::Fault};
use chrono::TimeDelta;
use model::{GrantId, WorkspaceId, status::Status};
use std::collections::{BTreeMap, HashMap};
use storage::{
    Transaction, authorizations::AuthorizationRecord, grants::GrantRecord,
    notifications::FailingGrant,
};

/// Authorizations in one transaction: refreshes wait no longer than that for their turn to write.
const AT_ONCE: usize = 200;
/// How long notifications are kept.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Consents that fail, longest first.
type Group = Vec<(AuthorizationRecord, FailingGrant)>;

impl Broker {
    /// Tells of refreshes that have been failing for longer than the operator's patience.
    pub async fn tell_failing(&self) -> Result<(), Fault> {
        self.end_outages().await?;
        let before = self.now() - self.failing_after();
        let mut tx = self.read().await?;
        let untold = tx.notifications().failing_untold(before).await?;
        let mut groups: BTreeMap<(WorkspaceId, Option<String>), Group> = BTreeMap::new();
        for chunk in untold.chunks(AT_ONCE) {
            let mut grants = refreshes_fail(&mut *tx, chunk.iter()).await?;
            for failing in chunk {
                let (workspace, id) = (failing.workspace_id, failing.authorization_id);
                let Some(grant) = grants.remove(&failing.grant_id) else {
                    continue;
                };
                let record = tx.authorizations().get(workspace, id).await?;
                if let Some(record) = record.filter(|one| self.role(one, grant.id).is_some()) {
                    groups
                        .entry((workspace, self.outage_of(&grant)))
                        .or_default()
                        .push((record, failing.clone()));
                }
            }
        }
        drop(tx);
        for ((workspace, outage), group) in groups {
            for chunk in group.chunks(AT_ONCE) {
                let mut tx = self.write().await?;
                match &outage {
                    Some(outage) => {
                        self.tell_together(&mut *tx, workspace, outage, chunk, &group)
                            .await?;
                    }
                    None => self.tell_alone(&mut *tx, None, chunk).await?,
                }
                tx.save().await?;
            }
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

    /// Tells of a part of a group that fails for one reason: one by one while they are few.
    async fn tell_together(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        outage: &str,
        chunk: &[(AuthorizationRecord, FailingGrant)],
        group: &Group,
    ) -> Result<(), Fault> {
        let still = self.still_failing(tx, chunk, Some(outage)).await?;
        if still.is_empty() {
            return Ok(());
        }
        if !is_open(tx, workspace, outage).await? {
            let alone = self.told_alone(tx, workspace, outage).await?;
            if group.len() + alone.len() <= OUTAGE_ABOVE {
                return self.tell_alone(tx, Some(outage), chunk).await;
            }
            let failing: Vec<_> = group
                .iter()
                .map(|(record, failing)| (record, failing.since))
                .collect();
            self.tell_outage(tx, workspace, outage, &failing, &alone)
                .await?;
        }
        for (record, _) in &still {
            let mut notifications = tx.notifications();
            notifications
                .join_alert(workspace, outage, record.id)
                .await?;
        }
        Ok(())
    }

    async fn tell_alone(
        &self,
        tx: &mut dyn Transaction,
        outage: Option<&str>,
        chunk: &[(AuthorizationRecord, FailingGrant)],
    ) -> Result<(), Fault> {
        for (record, grant) in self.still_failing(tx, chunk, outage).await? {
            self.tell_one_fails(tx, record, &grant).await?;
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
        let provider = self.provider_at(&grant.client);
        let about = self.about(tx, record, role, grant, &provider).await?;
        let since = grant.trouble.since.unwrap_or(now);
        let message = words::failing(about, since, grant.tokens.expires_at, now);
        let subject = Role::subject(role, record);
        self.tell_change(tx, record.workspace_id, subject, FAILING, message)
            .await
    }

    /// Those whose refreshes fail at this moment too, and for the same reason.
    async fn still_failing<'a>(
        &self,
        tx: &mut dyn Transaction,
        chunk: &'a [(AuthorizationRecord, FailingGrant)],
        outage: Option<&str>,
    ) -> Result<Vec<(&'a AuthorizationRecord, GrantRecord)>, Fault> {
        let mut failing = refreshes_fail(tx, chunk.iter().map(|(_, failing)| failing)).await?;
        failing.retain(|_, grant| self.outage_of(grant).as_deref() == outage);
        Ok(chunk
            .iter()
            .filter_map(|(record, grant)| Some((record, failing.remove(&grant.grant_id)?)))
            .collect())
    }
}

/// Those of these grants whose refreshes fail at this moment.
async fn refreshes_fail(
    tx: &mut dyn Transaction,
    grants: impl Iterator<Item = &FailingGrant> + Send,
) -> Result<HashMap<GrantId, GrantRecord>, Fault> {
    let ids: Vec<_> = grants.map(|failing| failing.grant_id).collect();
    let grants = tx.grants().get_many(&ids).await?;
    Ok(grants
        .into_iter()
        .filter(|grant| grant.status == Status::RefreshFailing)
        .map(|grant| (grant.id, grant))
        .collect())
}
