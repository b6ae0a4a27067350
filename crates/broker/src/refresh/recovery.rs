//! What processes that ended left behind, and whether this database is the one they left.
//!
//! A journal without a living process is worked off: its answers are committed (the generation says
//! which are late), and refreshes that were under way without an answer are *uncertain*: tried once
//! more where the provider honours replaced tokens for a while, flagged otherwise.
//!
//! A database restored from a backup has refresh tokens that may have been replaced since. It shows
//! in what is beside it: journals that have seen more commits, that the database does not know as
//! these very files, or that are missing. Then grants of providers that replace tokens are held until
//! a person tries one, or `tokenry admin resume-refreshes` says that all is well.

use std::{io, path::PathBuf, sync::Arc};

use futures::StreamExt as _;
use model::{
    GrantId,
    status::{ReauthorizationReason, Status},
};
use storage::{StorageError, grants::RefreshLease, processes::ProcessRecord};
use thiserror::Error;
use uuid::Uuid;
use vault::VaultError;

use super::{
    Why,
    journal::{self, Content, Found, Journal},
    verdict::{may_send_again, settled_by},
};
use crate::{Broker, error::Fault};

/// Expired leases looked at in one go.
const AT_ONCE: u32 = 256;
/// Uncertain refreshes repeated at once.
const REPEATED_AT_ONCE: usize = 16;
/// What grants are told after a restore.
const RESTORED: Status = Status::ReauthorizationNeeded(ReauthorizationReason::DatabaseRestored);

/// Why refreshing cannot begin. It is tried again.
#[derive(Debug, Error)]
pub enum StartError {
    /// The journal cannot be made durable.
    #[error("the journal in {} cannot be written: {source}", directory.display())]
    Journal {
        /// Where.
        directory: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for StartError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// The journals of other processes.
#[derive(Default)]
struct Survey {
    dead: Vec<Found>,
    alive: Vec<Found>,
}

impl Survey {
    fn all(&self) -> impl Iterator<Item = &Found> {
        self.dead.iter().chain(&self.alive)
    }

    /// Refreshes that some process has seen committed.
    fn commits(&self) -> io::Result<i64> {
        self.all()
            .try_fold(0, |most, found| Ok(most.max(found.read()?.commits)))
    }

    /// Whether a process's journal is there, and is not a copy.
    fn has(&self, process: &ProcessRecord) -> bool {
        self.all()
            .any(|found| found.id == process.id && found.identity == process.journal)
    }
}

impl Broker {
    /// Makes this process one that refreshes: works off what others left, then opens its journal in
    /// this directory.
    ///
    /// # Errors
    /// When there can be no journal. [`keep_fresh`](Broker::keep_fresh) tries again; readiness tells.
    pub async fn start_refreshing(&self, directory: PathBuf) -> Result<(), StartError> {
        let _ = self.refreshing().directory.set(directory);
        self.open_journal().await
    }

    /// Opens the journal, unless there is one that can be relied on.
    pub(super) async fn open_journal(&self) -> Result<(), StartError> {
        let Some(directory) = self.refreshing().directory.get() else {
            return Ok(());
        };
        if self.refreshing().journal().is_some() || self.vault().ring().is_err() {
            // Sealed: neither answers nor tokens can be read.
            return Ok(());
        }
        // One that has failed is left behind like that of another process: it is worked off when
        // nobody here needs it any more.
        self.refreshing().journal.store(None);
        let survey = self.survey().await?;
        let restored = self.was_restored(&survey).await?;
        let uncertain = self.work_off(survey.dead).await?;
        self.forget_missing().await?;
        if restored {
            self.hold_grants().await?;
        }
        let commits = self.read().await?.grants().commits().await?;
        let id = self.new_id::<Uuid>();
        let made = {
            let directory = directory.clone();
            blocking(move || Journal::create(&directory, id, commits)).await
        };
        let journal = made.map_err(|source| self.journal_error(source))?;
        let mut tx = self.write().await?;
        tx.processes()
            .insert(&ProcessRecord {
                id,
                journal: journal.identity().to_owned(),
                started_at: self.now(),
            })
            .await?;
        tx.save().await?;
        self.refreshing().journal.store(Some(Arc::new(journal)));
        self.repeat(if restored { Vec::new() } else { uncertain });
        Ok(())
    }

    /// Works off journals whose processes have died meanwhile, and leases that nobody gave back.
    pub(super) async fn look_after_others(&self) -> Result<(), StartError> {
        let survey = self.survey().await?;
        let mut uncertain = self.work_off(survey.dead).await?;
        uncertain.extend(self.settle_expired().await?);
        self.repeat(uncertain);
        Ok(())
    }

    async fn survey(&self) -> Result<Survey, StartError> {
        let Some(directory) = self.refreshing().directory.get().cloned() else {
            return Ok(Survey::default());
        };
        let own = self.refreshing().journal().map(|own| own.id());
        let found = blocking(move || journal::find(&directory)).await;
        let (dead, alive) = found
            .map_err(|source| self.journal_error(source))?
            .into_iter()
            .filter(|found| Some(found.id) != own)
            .partition(Found::is_dead);
        Ok(Survey { dead, alive })
    }

    fn read_journal(&self, found: &Found) -> Result<Content, StartError> {
        found.read().map_err(|source| self.journal_error(source))
    }

    fn journal_error(&self, source: io::Error) -> StartError {
        StartError::Journal {
            directory: self
                .refreshing()
                .directory
                .get()
                .cloned()
                .unwrap_or_default(),
            source,
        }
    }

    async fn was_restored(&self, survey: &Survey) -> Result<bool, StartError> {
        // The journals first: another process may be committing, and a journal says so only after the
        // database.
        let seen = survey
            .commits()
            .map_err(|source| self.journal_error(source))?;
        let mut tx = self.read().await?;
        let commits = tx.grants().commits().await?;
        let processes = tx.processes().all().await?;
        drop(tx);
        if seen > commits {
            return Ok(true);
        }
        if processes.iter().all(|process| survey.has(process)) {
            return Ok(false);
        }
        // Another process may have begun since the survey: its journal is there before the database
        // knows it.
        let again = self.survey().await?;
        Ok(!processes
            .iter()
            .all(|process| survey.has(process) || again.has(process)))
    }

    /// Commits the answers in these journals, settles what is open, and deletes them. Gives back the
    /// grants to try once more.
    async fn work_off(&self, dead: Vec<Found>) -> Result<Vec<GrantId>, StartError> {
        let mut repeat = Vec::new();
        for found in dead {
            let content = self.read_journal(&found)?;
            let damaged = self.replay(&content).await? + content.unreadable;
            let open = self.read().await?.grants().leases_of(found.id).await?;
            for lease in &open {
                let sent = content.may_have_sent(lease.holder);
                repeat.extend(self.settle_readable(lease, sent).await?);
            }
            let mut tx = self.write().await?;
            tx.processes().delete(found.id).await?;
            tx.save().await?;
            tracing::info!(
                process = %found.id, answers = content.records.len(), open = open.len(), damaged,
                "the journal of a process that ended is worked off"
            );
            let gone = if damaged == 0 {
                found.delete()
            } else {
                found.put_aside()
            };
            gone.map_err(|source| self.journal_error(source))?;
        }
        Ok(repeat)
    }

    /// Processes whose journals are gone are not waited for.
    async fn forget_missing(&self) -> Result<(), StartError> {
        let processes = self.read().await?.processes().all().await?;
        let survey = self.survey().await?;
        for process in processes.iter().filter(|process| !survey.has(process)) {
            let open = self.read().await?.grants().leases_of(process.id).await?;
            for lease in &open {
                self.settle_readable(lease, true).await?;
            }
            let mut tx = self.write().await?;
            tx.processes().delete(process.id).await?;
            tx.save().await?;
        }
        Ok(())
    }

    /// Commits the answers of a journal; says how many cannot be read.
    async fn replay(&self, content: &Content) -> Result<usize, StartError> {
        let mut damaged = 0;
        for record in &content.records {
            let replayed = self.replay_answer(record).await;
            let replayed = passing_over(replayed, "a record of a journal cannot be replayed")?;
            damaged += usize::from(replayed.is_none());
        }
        Ok(damaged)
    }

    async fn replay_answer(&self, record: &[u8]) -> Result<(), Fault> {
        let answered = self.open_answer(record)?;
        if self.commit_answer(&answered).await? {
            tracing::info!(grant = %answered.grant_id, "an answer is taken from the journal");
            self.load_served(&[answered.grant_id]).await?;
        }
        Ok(())
    }

    /// Leases past their end: of processes that stood still, or of intents left open for as long as
    /// the token could be sent again.
    async fn settle_expired(&self) -> Result<Vec<GrantId>, StartError> {
        if self.leases_are_doubtful() {
            return Ok(Vec::new());
        }
        let now = self.now();
        let expired = self
            .read()
            .await?
            .grants()
            .expired_leases(now, AT_ONCE)
            .await?;
        if expired.is_empty() {
            return Ok(Vec::new());
        }
        // A process that stands still may have its answer in the journal already.
        for found in &self.survey().await?.alive {
            let content = self.read_journal(found)?;
            self.replay(&content).await?;
        }
        let mut repeat = Vec::new();
        for lease in &expired {
            // One that is under way here has an answer that the database does not take yet.
            let mut turn = self.turn(lease.grant_id);
            if !turn.try_take() {
                continue;
            }
            repeat.extend(self.settle_readable(lease, true).await?);
        }
        Ok(repeat)
    }

    /// A grant that cannot be read any more keeps nobody from settling the others.
    async fn settle_readable(
        &self,
        lease: &RefreshLease,
        sent: bool,
    ) -> Result<Option<GrantId>, StartError> {
        let settled = self.settle(lease, sent).await;
        passing_over(settled, "an open refresh cannot be settled").map(Option::flatten)
    }

    /// Decides an intent without an answer; `sent` if its request may have reached the provider.
    /// Gives back its grant if the token may be sent again.
    async fn settle(&self, lease: &RefreshLease, sent: bool) -> Result<Option<GrantId>, Fault> {
        let mut tx = self.write().await?;
        if tx.grants().lease(lease.grant_id).await?.as_ref() != Some(lease) {
            return Ok(None);
        }
        let now = self.now();
        let id = lease.grant_id;
        let current = tx
            .grants()
            .get(id)
            .await?
            .filter(|grant| grant.tokens.generation == lease.generation);
        let Some(grant) = current else {
            tx.grants().release_lease(id, lease.holder).await?;
            tx.save().await?;
            return Ok(None);
        };
        let provider = self.stored_definition(&grant.client.provider)?;
        let untouched = !sent && lease.sends == 1;
        let again = untouched || may_send_again(provider, lease, now);
        if !again {
            self.flag_uncertain(&mut *tx, &grant, lease).await?;
        } else if provider.rotates_refresh_tokens() && !untouched {
            let open = lease.left_open(settled_by(provider, lease));
            tx.grants().take_lease(&open, Some(lease.holder)).await?;
        } else {
            tx.grants().release_lease(id, lease.holder).await?;
        }
        if again {
            tx.grants().schedule(&[(id, now)]).await?;
        }
        tx.save().await?;
        Ok(again.then_some(id))
    }

    /// Sends what may be sent again at once: the time in which it may is short.
    fn repeat(&self, grants: Vec<GrantId>) {
        if grants.is_empty() {
            return;
        }
        let broker = self.clone();
        self.refreshing().tasks.spawn(async move {
            futures::stream::iter(grants)
                .for_each_concurrent(REPEATED_AT_ONCE, async |id| {
                    if let Err(error) = broker.refresh_grant(id, Why::Due).await {
                        tracing::error!(%error, grant = %id, "an uncertain refresh was not repeated");
                    }
                })
                .await;
        });
    }

    async fn hold_grants(&self) -> Result<(), StartError> {
        let rotating: Vec<String> = self
            .catalogue()
            .providers()
            .filter(|provider| provider.rotates_refresh_tokens())
            .map(|provider| provider.id().to_owned())
            .collect();
        let mut tx = self.write().await?;
        let held = tx.grants().hold(&rotating, RESTORED).await?;
        let grants = tx.grants().get_many(&held).await?;
        for mut grant in grants {
            // What it was until now; the difference is what people are told.
            grant.status = Status::Healthy;
            let setback = self.needs_person(
                &grant,
                RESTORED,
                "database_restored",
                "The database was restored from a backup. The provider may have replaced the refresh token since.",
            );
            self.set_back(&mut *tx, &grant, &setback).await?;
        }
        tx.save().await?;
        tracing::error!(
            grants = held.len(),
            "this database was restored or copied: its refresh tokens may have been replaced since, so they are not sent. `tokenry admin resume-refreshes` if it is the newest one"
        );
        self.load_served(&held).await?;
        Ok(())
    }

    /// Lets grants that are held after a restore be refreshed again: the operator knows that the
    /// database is the newest there is. Says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_refreshes(&self) -> Result<usize, Fault> {
        let mut tx = self.write().await?;
        let resumed = tx.grants().resume(RESTORED, self.now()).await?;
        self.forget_restored(&mut *tx).await?;
        tx.save().await?;
        self.load_served(&resumed).await?;
        Ok(resumed.len())
    }
}

/// What came of it, or nothing when that one record is damaged. The database itself has to work.
fn passing_over<T>(result: Result<T, Fault>, what: &str) -> Result<Option<T>, StartError> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(
            fault @ (Fault::Storage(StorageError::Engine(_)) | Fault::Vault(VaultError::Sealed(_))),
        ) => Err(fault.into()),
        Err(damage) => {
            tracing::error!(error = %damage, "{what}");
            Ok(None)
        }
    }
}

/// Runs what waits for the disk where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
