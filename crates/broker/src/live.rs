//! What open pages are told as it happens: which things to read again, nothing of what is in them.

use crate::{
    Broker,
    access::{Actor, Permission, SessionUser},
    error::Fault,
};
use model::{AuthorizationId, GrantId, WorkspaceId, health::LiveChange};
use std::{collections::HashSet, time::Duration};
use storage::Change;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep_until},
};

/// A change is told this soon, with what comes along in the same moment.
const GATHER: Duration = Duration::from_millis(50);
/// Shortest time between two batches: a hundred thousand grants are 28 refreshes a second.
const PACE: Duration = Duration::from_millis(500);
/// With more changes than this, the page had better read everything again.
const MANY: usize = 50;

/// The changes of one workspace, in batches.
pub struct LiveChanges {
    broker: Broker,
    workspace: WorkspaceId,
    receiver: Receiver<Change>,
    next_batch: Instant,
    batch: Batch,
}

/// What has come since the last batch.
#[derive(Default)]
struct Batch {
    grants: HashSet<GrantId>,
    authorizations: HashSet<AuthorizationId>,
    others: HashSet<LiveChange>,
    missed: bool,
}

impl Broker {
    /// The changes of the actor's workspace from now on.
    pub fn live_changes(&self, actor: &Actor) -> Result<LiveChanges, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        Ok(LiveChanges {
            broker: self.clone(),
            workspace,
            receiver: self.0.ports.storage.changes(),
            next_batch: Instant::now(),
            batch: Batch::default(),
        })
    }

    /// Whether a session is still in force. Unlike a request, asking is no use of it: an open page
    /// does not keep somebody signed in.
    pub async fn session_lasts(&self, user: &SessionUser) -> Result<bool, Fault> {
        let now = self.now();
        let session = self
            .read()
            .await?
            .credentials()
            .session(&user.session)
            .await?;
        Ok(session.is_some_and(|session| {
            now < session.expires_at && now < session.last_seen_at + self.0.config.session_idle
        }))
    }
}

impl LiveChanges {
    /// Waits for the next changes; `None` when there will be none any more. Nothing is lost when
    /// this is given up before it is done.
    pub async fn next(&mut self) -> Option<Vec<LiveChange>> {
        while self.batch.is_empty() {
            self.receive().await?;
        }
        let until = self.next_batch.max(Instant::now() + GATHER);
        let pause = sleep_until(until);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => break,
                more = self.receive() => more?,
            }
        }
        let changes = self.told().await;
        self.batch = Batch::default();
        self.next_batch = Instant::now() + PACE;
        Some(changes)
    }

    async fn receive(&mut self) -> Option<()> {
        match self.receiver.recv().await {
            Ok(change) => self.batch.add(self.workspace, change),
            Err(RecvError::Lagged(_)) => self.batch.missed = true,
            Err(RecvError::Closed) => return None,
        }
        Some(())
    }

    /// Pages know authorizations, not grants.
    async fn told(&self) -> Vec<LiveChange> {
        let batch = &self.batch;
        if batch.missed || batch.changed() > MANY {
            return vec![LiveChange::Resync];
        }
        let mut authorizations = batch.authorizations.clone();
        if !batch.grants.is_empty() {
            let grants: Vec<_> = batch.grants.iter().copied().collect();
            match self.authorizations_of(&grants).await {
                Ok(found) => authorizations.extend(found),
                Err(error) => {
                    tracing::warn!(%error, "live changes cannot be looked up");
                    return vec![LiveChange::Resync];
                }
            }
        }
        authorizations
            .into_iter()
            .map(LiveChange::Authorization)
            .chain(batch.others.iter().copied())
            .collect()
    }

    async fn authorizations_of(&self, grants: &[GrantId]) -> Result<Vec<AuthorizationId>, Fault> {
        let mut tx = self.broker.read().await?;
        let mut overview = tx.overview();
        Ok(overview.authorizations_of(self.workspace, grants).await?)
    }
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.changed() == 0 && self.others.is_empty() && !self.missed
    }

    fn changed(&self) -> usize {
        self.grants.len() + self.authorizations.len()
    }

    fn add(&mut self, workspace: WorkspaceId, change: Change) {
        match change {
            Change::Grant(place, grant) if place == workspace => {
                self.grants.insert(grant);
            }
            Change::Published(place) if place == workspace => {
                self.others.insert(LiveChange::Published);
            }
            Change::Configuration(place) if place == workspace => {
                self.others.insert(LiveChange::Configuration);
            }
            Change::Notified(place) if place == workspace => {
                self.others.insert(LiveChange::Notified);
            }
            Change::Revocation(place, id) if place == workspace => {
                self.authorizations.insert(id);
            }
            // Somebody else's.
            Change::Grant(..)
            | Change::Published(_)
            | Change::Configuration(_)
            | Change::Notified(_)
            | Change::Revocation(..) => {}
        }
    }
}
