//! Keeping tokens fresh without losing one.
//!
//! The generation of a grant is the fence: of all answers exactly one gets in. The lease is the
//! written intent to spend a refresh token, and keeps two from asking at once. The journal keeps an
//! answer until the database has it. What each step is for: `docs/ARCHITECTURE.md`, *Refresh*.
//!
//! | module | answers the question |
//! |---|---|
//! | [`attempt`] | What happens in one refresh? |
//! | [`setback`] | What is written down when there is no new token? |
//! | [`verdict`] | What does a failure mean? |
//! | [`timing`] | When is it done, and when again? |
//! | [`gate`] | How much may a provider be asked? |
//! | [`clock`] | What if the system's clock is set? |
//! | [`journal`], [`answered`] | Where is an answer before it is in the database? |
//! | [`recovery`] | What did a process that died leave behind, and is this a restored backup? |
//! | [`schedule`] | Who is next? |
//! | [`rejected`] | What if a connector says that a token does not work? |

mod answered;
mod attempt;
mod clock;
mod gate;
pub(crate) mod journal;
mod recovery;
mod rejected;
mod schedule;
mod setback;
pub(crate) mod timing;
mod verdict;

pub use gate::Limits;
pub use recovery::StartError;

use crate::{
    Broker,
    access::{Actor, Permission},
    authorizations::existing,
    error::{Fault, WriteError, not_authorized},
    telemetry,
};
use arc_swap::ArcSwapOption;
use chrono::{DateTime, Utc};
use clock::ClockWatch;
use dashmap::DashMap;
use gate::Gates;
use journal::Journal;
use model::{
    AuthorizationId, GrantId, authorization::Authorization, problem::Problem, status::Status,
};
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};
use storage::StorageError;
use thiserror::Error;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::Instant,
};
use tokio_util::task::TaskTracker;

/// How refreshing is done.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// How much providers may be asked.
    pub limits: Limits,
    /// How long a provider may take for one token request.
    pub request_timeout: Duration,
    /// How long a server waits for what is under way when it is stopped.
    pub stop_within: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            request_timeout: Duration::from_secs(20),
            // Below the 30 s after which container platforms kill, above the timeout.
            stop_within: Duration::from_secs(25),
        }
    }
}

/// Why nothing was refreshed.
#[derive(Debug, Error)]
pub enum RefreshError {
    /// There is no consent in force that could be refreshed.
    #[error("not authorized: {0:?}")]
    NotAuthorized(Status),
    /// Anything else.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<StorageError> for RefreshError {
    fn from(error: StorageError) -> Self {
        Self::Write(error.into())
    }
}

impl From<Fault> for RefreshError {
    fn from(fault: Fault) -> Self {
        Self::Write(fault.into())
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::NotAuthorized(status) => not_authorized(status),
            RefreshError::Write(error) => error.into(),
        }
    }
}

/// What came of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefreshOutcome {
    /// There is a new token.
    Refreshed,
    /// Somebody else refreshed, or is doing so; what they stored is in force.
    Adopted,
    /// There is none; the grant's status says why.
    Failed,
    /// The provider was not asked, and will not be before then.
    Postponed {
        /// When it is worth asking again.
        until: DateTime<Utc>,
    },
}

impl RefreshOutcome {
    /// What is counted of an attempt that came to `otherwise`, unless somebody was quicker.
    const fn measured(self, otherwise: telemetry::Outcome) -> telemetry::Outcome {
        match self {
            Self::Adopted => telemetry::Outcome::Adopted,
            Self::Postponed { .. } => telemetry::Outcome::Postponed,
            Self::Refreshed | Self::Failed => otherwise,
        }
    }
}

/// Why a grant is refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its time has come.
    Due,
    /// A connector wants a token, and the one of this generation is no good.
    Read {
        /// The generation it saw.
        seen: i64,
    },
    /// A person or a program wants it refreshed, whatever the schedule says.
    Asked,
}

/// What refreshing keeps in memory.
pub(crate) struct Refreshing {
    gates: Arc<Gates>,
    request_timeout: Duration,
    stop_within: Duration,
    directory: OnceLock<PathBuf>,
    journal: ArcSwapOption<Journal>,
    /// One at a time for each grant.
    turns: DashMap<GrantId, Arc<Mutex<()>>>,
    tasks: TaskTracker,
    clock: ClockWatch,
    /// When it was asked to stop.
    stopped: OnceLock<Instant>,
}

impl Refreshing {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            gates: Arc::new(Gates::new(config.limits)),
            request_timeout: config.request_timeout,
            directory: OnceLock::new(),
            journal: ArcSwapOption::empty(),
            turns: DashMap::new(),
            tasks: TaskTracker::new(),
            clock: ClockWatch::default(),
            stopped: OnceLock::new(),
            stop_within: config.stop_within,
        }
    }

    /// How long a provider may take.
    pub(crate) fn request_timeout(&self) -> Duration {
        self.request_timeout
    }

    /// Whether a request that is sent now may still be under way when the process has to end.
    fn is_too_late(&self) -> bool {
        self.stopped
            .get()
            .is_some_and(|at| at.elapsed() + self.request_timeout > self.stop_within)
    }

    /// The journal, while it can be relied on.
    fn journal(&self) -> Option<Arc<Journal>> {
        self.journal
            .load_full()
            .filter(|journal| journal.is_sound())
    }

    /// Whether answers can be kept; a process that does not refresh needs no journal.
    pub(crate) fn is_ready(&self) -> bool {
        self.directory.get().is_none() || self.journal().is_some()
    }
}

/// Somebody's turn to refresh a grant, taken or waited for. However it ends, nothing is left behind:
/// a grant that seems to be under way would not be refreshed by itself any more.
struct Turn {
    broker: Broker,
    id: GrantId,
    taken: Option<OwnedMutexGuard<()>>,
}

impl Turn {
    fn lock(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.broker.refreshing().turns.entry(self.id).or_default())
    }

    /// Takes it if nobody has it.
    fn try_take(&mut self) -> bool {
        self.taken = self.lock().try_lock_owned().ok();
        self.taken.is_some()
    }

    /// Waits for it.
    async fn take(&mut self) {
        self.taken = Some(self.lock().lock_owned().await);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.taken = None;
        let turns = &self.broker.refreshing().turns;
        turns.remove_if(&self.id, |_, turn| Arc::strong_count(turn) == 1);
    }
}

impl Broker {
    /// Refreshes an authorization's stored grant now, whether it is due or not.
    pub async fn refresh(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Authorization, RefreshError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let record = existing(&mut *tx, workspace, id, None).await?;
        let state = self.view(&mut *tx, &record).await?.state;
        drop(tx);
        match record.grant_id {
            Some(grant) if state.can_refresh() => self.refresh_grant(grant, Why::Asked).await?,
            _ => return Err(RefreshError::NotAuthorized(state)),
        };
        let mut tx = self.read().await?;
        let record = existing(&mut *tx, workspace, id, None).await?;
        Ok(self.view(&mut *tx, &record).await?)
    }

    /// One refresh of one grant. However many want it, one is under way, and it goes on when the
    /// caller goes away.
    pub(crate) async fn refresh_grant(
        &self,
        id: GrantId,
        why: Why,
    ) -> Result<RefreshOutcome, Fault> {
        let mut turn = self.turn(id);
        match why {
            Why::Due if !turn.try_take() => return Ok(RefreshOutcome::Adopted),
            Why::Due => {}
            Why::Read { .. } | Why::Asked => turn.take().await,
        }
        if let Why::Read { seen } = why
            && self.run_time().generation(id) != Some(seen)
        {
            return Ok(RefreshOutcome::Adopted);
        }
        let broker = self.clone();
        let task = self.refreshing().tasks.spawn(async move {
            let outcome = broker.attempt_refresh(id, why).await;
            if broker.run_time().serves_grant(id) {
                broker.load_grants(&[id]).await?;
            }
            let _ = crate::failpoints::pass("refresh.after_publish");
            drop(turn);
            tracing::info!(grant = %id, ?outcome, "refresh");
            outcome
        });
        task.await
            .map_err(|_| Fault::Unreadable("the outcome of a refresh"))?
    }

    fn turn(&self, id: GrantId) -> Turn {
        Turn {
            broker: self.clone(),
            id,
            taken: None,
        }
    }

    pub(crate) fn refreshing(&self) -> &Refreshing {
        &self.0.refreshing
    }
}
