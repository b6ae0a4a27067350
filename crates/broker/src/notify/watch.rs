//! Watches what happens to consents, and tells when the state that was told is no longer true.

use super::{
    conditions::{
        Condition, Meaning, RESTORED, Shared, SharedKind, client_id, meaning, parse_shared,
        recovered_at, recovering,
    },
    dependents::{connector_names, connectors_of},
    words::{self, About, Message},
};
use crate::{Broker, error::Fault, events::GrantEvent};
use model::{GrantId, WorkspaceId, authorization::AuthorizationRef, status::Status};
use std::collections::HashSet;
use storage::{
    Transaction,
    authorizations::AuthorizationRecord,
    grants::GrantRecord,
    notifications::{AlertRecord, subject},
};

/// Consents that are read at once.
const AT_ONCE: usize = 200;

/// Which of an authorization's consents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The one the authorization points to.
    Stored,
    /// An earlier one, which this publication still serves.
    StillServed(i64),
}

impl Role {
    pub(super) fn subject(self, authorization: &AuthorizationRecord) -> String {
        match self {
            Self::Stored => subject::authorization(authorization.id),
            Self::StillServed(_) => subject::published(authorization.id),
        }
    }
}

/// Why an authorization is out of what it shared with others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaves<'a> {
    /// It works.
    Well,
    /// Something else is the matter with it, or nobody wants it to work any more.
    Otherwise,
    /// It shares this instead, and stays in it.
    For(&'a str),
}

impl Broker {
    /// Hears what happened to a grant, in the transaction in which it did.
    pub(crate) async fn on_grant(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        before: Status,
        event: GrantEvent<'_>,
    ) -> Result<(), Fault> {
        let lasts = grant.status == before
            && !matches!(event, GrantEvent::Consented { .. } | GrantEvent::Ended);
        if lasts {
            return Ok(());
        }
        let (workspace, id) = (grant.workspace_id, grant.authorization_id);
        // Of a form that was never saved: nobody depends on it.
        let Some(record) = tx.authorizations().get(workspace, id).await? else {
            return Ok(());
        };
        match self.role(&record, grant.id) {
            Some(role) => self.judge_consent(tx, &record, role, grant).await,
            // It gave way to another one, or is a draft's.
            None => self.judge_stored(tx, &record).await,
        }
    }

    /// Looks at the consent that an authorization points to since a moment ago.
    pub(crate) async fn judge_stored(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
    ) -> Result<(), Fault> {
        let Some(id) = record.grant_id else {
            return Ok(());
        };
        let grant = tx.grants().get(id).await?;
        match grant {
            Some(grant) => self.judge_consent(tx, record, Role::Stored, &grant).await,
            None => Ok(()),
        }
    }

    /// The operator lets refreshes that were held go on: what was told about them is over, and the
    /// next restored backup is news again.
    pub(crate) async fn forget_restored(&self, tx: &mut dyn Transaction) -> Result<(), Fault> {
        let workspaces = tx.users().workspaces().await?;
        for workspace in workspaces {
            let alerts = tx.notifications().alerts(workspace.id, RESTORED).await?;
            for alert in alerts {
                tx.notifications()
                    .delete_alert(workspace.id, &alert.subject)
                    .await?;
            }
        }
        Ok(())
    }

    /// What a grant is to its authorization; `None` for a draft's, or one that is over.
    pub(super) fn role(&self, record: &AuthorizationRecord, grant: GrantId) -> Option<Role> {
        if record.grant_id == Some(grant) {
            return Some(Role::Stored);
        }
        let served = self
            .run_time()
            .published_grant(record.workspace_id, record.id);
        match served {
            Some((number, Some(served))) if served == grant => Some(Role::StillServed(number)),
            _ => None,
        }
    }

    async fn judge_consent(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        role: Role,
        grant: &GrantRecord,
    ) -> Result<(), Fault> {
        match meaning(grant.status, &grant.client) {
            Meaning::Unsettled => Ok(()),
            Meaning::Nothing => {
                let subject = role.subject(record);
                let workspace = record.workspace_id;
                tx.notifications().delete_alert(workspace, &subject).await?;
                self.leave(tx, record, Leaves::Otherwise).await.map(drop)
            }
            Meaning::Well => self.is_well(tx, record, role, grant).await,
            Meaning::Trouble(condition) => {
                self.is_in_trouble(tx, record, role, grant, condition).await
            }
            Meaning::Shared(shared) => self.shares(tx, record, role, grant, &shared).await,
        }
    }

    /// It works: whatever was told about it is over.
    async fn is_well(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        role: Role,
        grant: &GrantRecord,
    ) -> Result<(), Fault> {
        let workspace = record.workspace_id;
        let told = self.leave(tx, record, Leaves::Well).await?;
        let subject = role.subject(record);
        let alert = tx.notifications().alert(workspace, &subject).await?;
        if let Some(alert) = alert {
            tx.notifications().delete_alert(workspace, &subject).await?;
            if !told {
                let provider = self.provider_at(&grant.client);
                let about = self.about(tx, record, role, grant, &provider).await?;
                let message = words::recovered(about, alert.since, self.now());
                self.tell(tx, workspace, message).await?;
            }
        }
        Ok(())
    }

    async fn is_in_trouble(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        role: Role,
        grant: &GrantRecord,
        condition: Condition,
    ) -> Result<(), Fault> {
        // What it shared with others is not what is wrong with it now.
        self.leave(tx, record, Leaves::Otherwise).await?;
        let provider = self.provider_name(&record.provider);
        let about = self.about(tx, record, role, grant, &provider).await?;
        let message = words::trouble(about, condition, grant.status);
        let subject = role.subject(record);
        self.tell_change(
            tx,
            record.workspace_id,
            subject,
            condition.as_str(),
            message,
        )
        .await
    }

    /// One message for all who share it.
    async fn shares(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        role: Role,
        grant: &GrantRecord,
        shared: &Shared,
    ) -> Result<(), Fault> {
        let workspace = record.workspace_id;
        if !is_open(tx, workspace, &shared.subject).await? {
            let message = self.shared_trouble(tx, record, role, grant, shared).await?;
            self.tell(tx, workspace, message).await?;
            let alert = AlertRecord {
                subject: shared.subject.clone(),
                told: "told".to_owned(),
                since: self.now(),
            };
            tx.notifications().put_alert(workspace, &alert).await?;
        }
        tx.notifications()
            .join_alert(workspace, &shared.subject, record.id)
            .await?;
        self.leave(tx, record, Leaves::For(&shared.subject))
            .await
            .map(drop)
    }

    async fn shared_trouble(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        role: Role,
        grant: &GrantRecord,
        shared: &Shared,
    ) -> Result<Message, Fault> {
        let workspace = record.workspace_id;
        let others = self.others_who_share(tx, record, grant, shared).await?;
        let all: Vec<_> = std::iter::once(record).chain(&others).collect();
        let connectors = connectors_of(tx, workspace, &all).await?;
        Ok(match shared.kind {
            SharedKind::Registration => {
                let provider = self.provider_at(&grant.client);
                let about = self.about(tx, record, role, grant, &provider).await?;
                let client = client_id(&grant.client.settings);
                words::registration_refused(about, client, grant.status, connectors)
            }
            SharedKind::Restored => {
                words::restored(&self.provider_name(&grant.client.provider), connectors)
            }
        })
    }

    /// Authorizations beside this one that depend on the same, whether or not that has shown yet.
    async fn others_who_share(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        grant: &GrantRecord,
        shared: &Shared,
    ) -> Result<Vec<AuthorizationRecord>, Fault> {
        let all = tx.authorizations().all(record.workspace_id).await?;
        let mut others: Vec<_> = all
            .into_iter()
            .filter(|one| one.id != record.id && one.provider == grant.client.provider)
            .filter(|one| self.matters(one))
            .collect();
        let mut sharing = HashSet::new();
        for some in others.chunks(AT_ONCE) {
            let ids: Vec<_> = some.iter().filter_map(|one| one.grant_id).collect();
            let grants = tx.grants().get_many(&ids).await?;
            let grants = grants.iter().filter(|grant| shared.is_shared_by(grant));
            sharing.extend(grants.map(|grant| grant.id));
        }
        others.retain(|one| one.grant_id.is_some_and(|id| sharing.contains(&id)));
        Ok(others)
    }

    /// Tells, unless that is what was told last.
    pub(super) async fn tell_change(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        subject: String,
        condition: &str,
        message: Message,
    ) -> Result<(), Fault> {
        let known = tx.notifications().alert(workspace, &subject).await?;
        if known.is_some_and(|alert| alert.told == condition) {
            return Ok(());
        }
        let alert = AlertRecord {
            subject,
            told: condition.to_owned(),
            since: self.now(),
        };
        tx.notifications().put_alert(workspace, &alert).await?;
        self.tell(tx, workspace, message).await
    }

    /// Takes an authorization out of what it shared with others. When the last one leaves, that is
    /// over, which is told if anybody works again; answers whether it was.
    async fn leave(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        why: Leaves<'_>,
    ) -> Result<bool, Fault> {
        let workspace = record.workspace_id;
        let mut told = false;
        let left = tx
            .notifications()
            .leave_alerts(workspace, record.id)
            .await?;
        for (subject, left) in left {
            if why == Leaves::For(&subject) {
                let mut notifications = tx.notifications();
                notifications
                    .join_alert(workspace, &subject, record.id)
                    .await?;
                continue;
            }
            let Some(mut alert) = tx.notifications().alert(workspace, &subject).await? else {
                continue;
            };
            if why == Leaves::Well {
                alert.told = recovering(self.now());
            }
            if left == 0 {
                told |= self.end_shared(tx, workspace, &alert).await?;
            } else if why == Leaves::Well {
                tx.notifications().put_alert(workspace, &alert).await?;
            }
        }
        Ok(told)
    }

    /// Forgets what was told of several; tells that it is over if anybody works again, and answers
    /// whether it did.
    pub(super) async fn end_shared(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        alert: &AlertRecord,
    ) -> Result<bool, Fault> {
        tx.notifications()
            .delete_alert(workspace, &alert.subject)
            .await?;
        if recovered_at(&alert.told).is_none() {
            return Ok(false);
        }
        let what = self.name_of_shared(&alert.subject);
        let message = words::all_recovered(&what, alert.since, self.now());
        self.tell(tx, workspace, message).await?;
        Ok(true)
    }

    /// What there is to say about whom.
    pub(super) async fn about<'a>(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        role: Role,
        grant: &'a GrantRecord,
        provider: &'a str,
    ) -> Result<About<'a>, Fault> {
        Ok(About {
            authorization: AuthorizationRef {
                id: record.id,
                name: record.name.clone(),
            },
            provider,
            connectors: connector_names(tx, record.workspace_id, &record.connectors).await?,
            account: grant
                .account
                .as_ref()
                .map(model::account::AccountInfo::label),
            still_served: match role {
                Role::Stored => None,
                Role::StillServed(number) => Some(number),
            },
            error: grant.last_error.as_ref(),
        })
    }

    pub(super) fn name_of_shared(&self, subject: &str) -> String {
        let Some(shared) = parse_shared(subject) else {
            return subject.to_owned();
        };
        let provider = self.place_name(shared.provider, shared.endpoint);
        match shared.client {
            Some(client) => format!("{provider}, {}", words::client(Some(client))),
            None => provider,
        }
    }
}

/// Whether it was told and somebody is in it. Without anybody it is over: those it concerned were
/// deleted.
pub(super) async fn is_open(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    subject: &str,
) -> Result<bool, Fault> {
    let mut notifications = tx.notifications();
    Ok(notifications.alert(workspace, subject).await?.is_some()
        && notifications.joined(workspace, subject).await? > 0)
}
