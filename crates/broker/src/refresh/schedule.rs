//! Who is refreshed next: whatever is due, by expiry, as fast as each provider's limits allow.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use model::GrantId;
use storage::{StorageError, grants::DueGrant};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::Why;
use crate::{Broker, error::Fault};

/// How often it is looked whether somebody is due, and how often while some wait for their turn.
const LOOK: Duration = Duration::from_secs(1);
const WORK: Duration = Duration::from_millis(20);
/// How often other processes' remains are looked for, a failed journal is opened again.
const HOUSEKEEPING: Duration = Duration::from_secs(5);
/// How often reads are written down.
const NOTE_USES: Duration = Duration::from_mins(1);
/// Grants read from the database at a time.
const BATCH: u32 = 512;
/// A provider with this many waiting is left out of the next batch: others must not wait behind it.
const WAITING: usize = 128;
/// When to look again at a grant that something in the database keeps from being tried.
const PUT_OFF: TimeDelta = TimeDelta::minutes(5);
/// And when the database did not answer.
const DATABASE_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// Refresh tokens of consents that are over are kept this long.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Due grants that wait for their provider.
#[derive(Default)]
struct Queue {
    waiting: BTreeMap<String, VecDeque<GrantId>>,
    known: HashSet<GrantId>,
}

impl Queue {
    fn add(&mut self, due: Vec<DueGrant>, under_way: impl Fn(GrantId) -> bool) {
        for grant in due {
            if !under_way(grant.id) && self.known.insert(grant.id) {
                let waiting = self.waiting.entry(grant.provider).or_default();
                waiting.push_back(grant.id);
            }
        }
    }

    /// Providers whose queues are long enough.
    fn busy(&self) -> Vec<String> {
        let long = self.waiting.iter().filter(|(_, ids)| ids.len() >= WAITING);
        long.map(|(provider, _)| provider.clone()).collect()
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl Broker {
    /// Refreshes what is due until `stop`. Then nothing new begins; see
    /// [`finish_refreshing`](Self::finish_refreshing).
    pub async fn keep_fresh(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut queue = Queue::default();
        let mut looked: Option<Instant> = None;
        let mut housekeeping = interval(HOUSEKEEPING);
        let mut uses = interval(NOTE_USES);
        for ticks in [&mut housekeeping, &mut uses] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.reset();
        }
        loop {
            let pause = if queue.is_empty() { LOOK } else { WORK };
            tokio::select! {
                biased;
                () = &mut stop => break,
                _ = housekeeping.tick() => self.keep_house().await,
                _ = uses.tick() => self.note_uses().await,
                () = tokio::time::sleep(pause) => {}
            }
            if let Err(error) = self.follow_clock().await {
                tracing::error!(%error, "what was put off cannot be brought forward");
            }
            if self.refreshing().journal().is_none() {
                // Nothing starts without a place for its answer.
                queue = Queue::default();
                continue;
            }
            if looked.is_none_or(|at| at.elapsed() >= LOOK) {
                looked = Some(Instant::now());
                if let Err(error) = self.look(&mut queue).await {
                    tracing::error!(%error, "what is due cannot be read");
                }
            }
            self.begin_due(&mut queue);
        }
        let _ = self.refreshing().stopped.set(Instant::now());
        self.refreshing().tasks.close();
        self.note_uses().await;
    }

    /// Waits for refreshes under way, for at most so long; says how many were left. What is left is
    /// found in the journal at the next start.
    pub async fn finish_refreshing(&self, at_most: Duration) -> usize {
        let tasks = &self.refreshing().tasks;
        tasks.close();
        let _ = timeout(at_most, tasks.wait()).await;
        self.refreshing().journal.store(None);
        tasks.len()
    }

    async fn look(&self, queue: &mut Queue) -> Result<(), Fault> {
        if self.vault().ring().is_err() {
            return Ok(());
        }
        let now = self.now();
        let busy = queue.busy();
        let due = self.read().await?.grants().due(now, BATCH, &busy).await?;
        let turns = &self.refreshing().turns;
        queue.add(due, |id| turns.contains_key(&id));
        Ok(())
    }

    /// Begins as many as the providers' limits allow.
    fn begin_due(&self, queue: &mut Queue) {
        let Queue { waiting, known } = queue;
        for (provider, ids) in waiting.iter_mut() {
            let gate = self.refreshing().gates.provider(provider);
            while !ids.is_empty() {
                let Some(slot) = gate.try_begin() else {
                    break;
                };
                let Some(id) = ids.pop_front() else {
                    break;
                };
                known.remove(&id);
                let broker = self.clone();
                self.refreshing().tasks.spawn(async move {
                    if let Err(error) = broker.refresh_grant(id, Why::Due).await {
                        tracing::error!(%error, grant = %id, "a due grant was not refreshed");
                        broker.put_off(id, &error).await;
                    }
                    drop(slot);
                });
            }
        }
        waiting.retain(|_, ids| !ids.is_empty());
    }

    /// What cannot even be tried is not tried all the time.
    async fn put_off(&self, id: GrantId, error: &Fault) {
        let pause = match error {
            Fault::Storage(StorageError::Engine(_)) => DATABASE_PAUSE,
            _ => PUT_OFF,
        };
        let put_off = async {
            let mut tx = self.write().await?;
            tx.grants().schedule(&[(id, self.now() + pause)]).await?;
            tx.save().await
        };
        if let Err(error) = put_off.await {
            tracing::error!(%error, grant = %id, "nor put off");
        }
    }

    async fn keep_house(&self) {
        let kept = async {
            self.open_journal().await?;
            if self.refreshing().journal().is_some() {
                self.look_after_others().await?;
            }
            Ok::<_, super::StartError>(())
        };
        if let Err(error) = kept.await {
            tracing::error!(%error, "refreshing is held up");
        }
    }

    /// Writes down when connectors last read which grant: those in use come first.
    async fn note_uses(&self) {
        let uses = self.run_time().take_uses();
        if uses.is_empty() {
            return;
        }
        let noted = async {
            let mut tx = self.write().await?;
            tx.grants().note_uses(&uses).await?;
            tx.save().await
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, "the last uses of grants are not written down");
        }
    }

    /// Wipes the tokens of consents that nobody renewed for a month. Part of the sweep.
    pub(crate) async fn wipe_abandoned_grants(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        let mut tx = self.write().await?;
        let wiped = tx.grants().wipe_abandoned(now - KEPT, BATCH).await?;
        tx.save().await?;
        self.load_served(&wiped).await
    }
}
