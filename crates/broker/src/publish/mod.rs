//! Publishing: an immutable numbered snapshot of the configuration becomes what the run time serves.
//! A failed publish changes nothing; the swap is one transaction and one pointer.

mod check;
mod diff;
mod snapshot;

use crate::{
    Broker,
    access::{Actor, Permission},
    error::{Fault, not_found},
    grants::deauthorized,
};
use model::{
    GrantId, WorkspaceId,
    problem::{Code, Problem},
    publish::{Issue, Publication, PublishResult, PublishState, Published, Severity},
};
use std::collections::HashSet;
use storage::{
    Change, StorageError, Transaction,
    publications::{PublicationRecord, Snapshot},
};
use thiserror::Error;

/// Why nothing was published. What was published before stays in force.
#[derive(Debug, Error)]
pub enum PublishError {
    /// Nothing is configured yet.
    #[error("nothing is configured")]
    Empty,
    /// Nothing changed since the last publication.
    #[error("nothing changed")]
    Unchanged,
    /// The configuration has errors.
    #[error("{} issues were found", .0.len())]
    Issues(Vec<Issue>),
    /// There is no publication of that number.
    #[error("there is no such publication")]
    NotFound,
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for PublishError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<PublishError> for Problem {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Empty => Self::new(
                Code::Empty,
                "Nothing is configured yet. Add an authorization first.",
            ),
            PublishError::Unchanged => Self::new(
                Code::Unchanged,
                "Nothing has changed since the last publication.",
            ),
            PublishError::Issues(issues) => Self {
                issues,
                ..Self::new(
                    Code::PublishFailed,
                    "Nothing was published: correct the errors first. What was published before stays in force.",
                )
            },
            PublishError::NotFound => not_found("publication"),
            PublishError::Fault(fault) => fault.into(),
        }
    }
}

impl Broker {
    /// Whether publishing is needed, what it would change and report.
    pub async fn publish_state(&self, actor: &Actor) -> Result<PublishState, Fault> {
        let workspace = actor.workspace();
        // Both those who configure and those who publish look at it.
        if actor.require(Permission::Publish).is_err() {
            actor.require(Permission::Manage)?;
        }
        let mut tx = self.read().await?;
        let draft = self.configured(&mut *tx, workspace).await?;
        let last = tx.publications().latest(workspace).await?;
        let changes = diff::changes(last.as_ref().map(|last| &last.snapshot), &draft.snapshot);
        Ok(PublishState {
            needed: !changes.is_empty(),
            changes,
            issues: draft.issues,
            last: last.map(|last| {
                let number = last.number;
                shown(last, Some(number))
            }),
        })
    }

    /// Publishes the configuration.
    pub async fn publish(&self, actor: &Actor) -> Result<Published, PublishError> {
        let workspace = actor.require(Permission::Publish)?;
        let mut tx = self.write().await?;
        let draft = self.configured(&mut *tx, workspace).await?;
        if draft
            .issues
            .iter()
            .any(|issue| issue.severity == Severity::Error)
        {
            return Err(PublishError::Issues(draft.issues));
        }
        let last = tx.publications().latest(workspace).await?;
        if last.is_none() && draft.snapshot == Snapshot::default() {
            return Err(PublishError::Empty);
        }
        self.put_publication(tx, actor, last, draft.snapshot, draft.issues, None)
            .await
    }

    /// Publishes the content of an earlier publication again, under a new number. The configuration
    /// in the forms stays as it is.
    pub async fn restore(&self, actor: &Actor, number: i64) -> Result<Published, PublishError> {
        let workspace = actor.require(Permission::Publish)?;
        let mut tx = self.write().await?;
        let earlier = tx
            .publications()
            .get(workspace, number)
            .await?
            .ok_or(PublishError::NotFound)?;
        let last = tx.publications().latest(workspace).await?;
        self.put_publication(tx, actor, last, earlier.snapshot, Vec::new(), Some(number))
            .await
    }

    /// Publications, newest first.
    pub async fn publications(
        &self,
        actor: &Actor,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Publication>, Fault> {
        let workspace = actor.workspace();
        if actor.require(Permission::Publish).is_err() {
            actor.require(Permission::Manage)?;
        }
        let mut tx = self.read().await?;
        let current = tx
            .publications()
            .latest(workspace)
            .await?
            .map(|last| last.number);
        let records = tx.publications().list(workspace, before, limit).await?;
        Ok(records
            .into_iter()
            .map(|record| shown(record, current))
            .collect())
    }

    /// Stores a publication, ends the grants that only the one before it meant, and swaps the run time.
    async fn put_publication(
        &self,
        mut tx: Box<dyn Transaction>,
        actor: &Actor,
        last: Option<PublicationRecord>,
        snapshot: Snapshot,
        issues: Vec<Issue>,
        restored_from: Option<i64>,
    ) -> Result<Published, PublishError> {
        let workspace = actor.workspace();
        let changes = diff::changes(last.as_ref().map(|last| &last.snapshot), &snapshot);
        if changes.is_empty() && last.is_some() {
            return Err(PublishError::Unchanged);
        }
        let result = if issues.is_empty() {
            PublishResult::Success
        } else {
            PublishResult::Warning
        };
        let record = PublicationRecord {
            workspace_id: workspace,
            number: last.as_ref().map_or(1, |last| last.number + 1),
            published_at: self.now(),
            published_by: actor.label().to_owned(),
            result,
            issues: issues.clone(),
            changes,
            restored_from,
            snapshot,
        };
        tx.publications().insert(&record).await?;
        for grant in self
            .no_longer_meant(&mut *tx, workspace, last.as_ref(), &record)
            .await?
        {
            self.retire(&mut *tx, grant, deauthorized()).await?;
        }
        tx.announce(Change::Published(workspace));
        tx.save().await?;
        let number = record.number;
        self.serve(record).await?;
        Ok(Published {
            number,
            result,
            issues,
        })
    }

    /// Grants of the publication before that neither the new one nor an authorization refers to.
    async fn no_longer_meant(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        before: Option<&PublicationRecord>,
        now: &PublicationRecord,
    ) -> Result<HashSet<GrantId>, Fault> {
        let mut grants: HashSet<GrantId> = before
            .map(|before| granted(&before.snapshot))
            .unwrap_or_default();
        for grant in granted(&now.snapshot) {
            grants.remove(&grant);
        }
        for authorization in tx.authorizations().all(workspace).await? {
            if let Some(grant) = authorization.grant_id {
                grants.remove(&grant);
            }
        }
        Ok(grants)
    }
}

fn granted(snapshot: &Snapshot) -> HashSet<GrantId> {
    snapshot
        .authorizations
        .iter()
        .filter_map(|one| one.grant_id)
        .collect()
}

fn shown(record: PublicationRecord, current: Option<i64>) -> Publication {
    Publication {
        current: current == Some(record.number),
        number: record.number,
        published_at: record.published_at,
        published_by: record.published_by,
        result: record.result,
        authorizations: record.snapshot.authorizations.len(),
        connectors: record.snapshot.connectors.len(),
        restored_from: record.restored_from,
        changes: record.changes,
    }
}
