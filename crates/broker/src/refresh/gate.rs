//! How much a provider may be asked, and when not at all.
//!
//! | what | for | why |
//! |---|---|---|
//! | token bucket, concurrency | a provider | a herd of refreshes must not become one of requests |
//! | pause | a client at a token endpoint | `Retry-After`, or it keeps failing: one probe, then all |
//! | circuit | a client with these secrets | `invalid_client`: whoever asks with them is refused |
//!
//! All of it is in memory. What has to survive a restart is each grant's own time of its next try.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hash as _, Hasher as _},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use dashmap::{DashMap, mapref::one::RefMut};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use oauth::{ClientRegistration, TokenError};
use rand::Rng;
use secrecy::ExposeSecret as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::timing;

/// Failures in a row after which a client is asked with one probe at a time.
const PAUSED_AFTER: u32 = 5;
/// Longest pause between probes.
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);
/// First and longest pause of a circuit.
const CIRCUIT: (TimeDelta, TimeDelta) = (TimeDelta::minutes(5), TimeDelta::hours(1));
/// Until somebody who was let through has found out.
const SHORTLY: TimeDelta = TimeDelta::seconds(1);

/// What providers may be asked.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Token requests a second for each provider.
    pub requests_per_second: NonZeroU32,
    /// Background refreshes of a provider under way at once.
    pub concurrent_requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: NonZeroU32::MIN.saturating_add(99),
            concurrent_requests: 32,
        }
    }
}

/// All gates.
pub(crate) struct Gates {
    limits: Limits,
    providers: DashMap<String, Arc<ProviderGate>>,
    clients: DashMap<Client, Arc<Mutex<Pace>>>,
    circuits: DashMap<(Client, u64), Circuit>,
    hasher: RandomState,
}

/// A client at a token endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Client {
    endpoint: String,
    id: String,
}

/// The limits of one provider.
pub(crate) struct ProviderGate {
    bucket: DefaultDirectRateLimiter,
    slots: Arc<Semaphore>,
}

/// How a client fares.
#[derive(Default)]
struct Pace {
    paused_until: Option<DateTime<Utc>>,
    failures: u32,
    failed_at: Option<DateTime<Utc>>,
    error: Option<TokenError>,
    probing: bool,
}

/// A client that is refused with the secrets it has.
struct Circuit {
    until: DateTime<Utc>,
    pause: TimeDelta,
    error: TokenError,
    probing: bool,
}

/// The right to send one token request, and to say how it went.
pub(crate) struct Pass {
    gates: Arc<Gates>,
    client: Client,
    secrets: u64,
    begun_at: DateTime<Utc>,
    reported: bool,
}

/// Why no request may be sent.
#[derive(Debug)]
pub(crate) enum Closed {
    /// The client pauses.
    Paused {
        /// Until when.
        until: DateTime<Utc>,
        /// What it said last.
        error: Option<TokenError>,
    },
    /// The client is refused; asking again would not help.
    Refused {
        /// When it is tried again, by one.
        until: DateTime<Utc>,
        /// What the provider said.
        error: TokenError,
    },
}

impl Gates {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            providers: DashMap::new(),
            clients: DashMap::new(),
            circuits: DashMap::new(),
            hasher: RandomState::new(),
        }
    }

    /// The limits of a provider.
    pub(crate) fn provider(&self, id: &str) -> Arc<ProviderGate> {
        if let Some(gate) = self.providers.get(id) {
            return Arc::clone(&gate);
        }
        let rate = self.limits.requests_per_second;
        let burst = NonZeroU32::new(rate.get() / 10).unwrap_or(NonZeroU32::MIN);
        let gate = ProviderGate {
            bucket: RateLimiter::direct(Quota::per_second(rate).allow_burst(burst)),
            slots: Arc::new(Semaphore::new(self.limits.concurrent_requests.max(1))),
        };
        Arc::clone(
            &self
                .providers
                .entry(id.to_owned())
                .or_insert_with(|| Arc::new(gate)),
        )
    }

    /// Whether this client may be asked now.
    pub(crate) fn enter(
        self: &Arc<Self>,
        registration: &ClientRegistration,
        now: DateTime<Utc>,
    ) -> Result<Pass, Closed> {
        let client = Client {
            endpoint: registration.endpoints.token.to_string(),
            id: registration.client_id.clone(),
        };
        let secrets = self.fingerprint(registration);
        let mut circuit = self.circuits.get_mut(&(client.clone(), secrets));
        if let Some(circuit) = &circuit {
            circuit.closes(now)?;
        }
        let pace = self.pace(&client);
        let mut pace = lock(&pace);
        pace.closes(now)?;
        // Whoever is let through finds out for all. Said only now, of both: nobody else takes it back.
        pace.probing = pace.failures >= PAUSED_AFTER;
        if let Some(circuit) = &mut circuit {
            circuit.probing = true;
        }
        Ok(Pass {
            gates: Arc::clone(self),
            client,
            secrets,
            begun_at: now,
            reported: false,
        })
    }

    /// Ends every pause earlier: the system's clock was set back by as much.
    pub(super) fn bring_forward(&self, by: TimeDelta) {
        for mut circuit in self.circuits.iter_mut() {
            circuit.until -= by;
        }
        for client in &self.clients {
            let mut pace = lock(&client);
            pace.paused_until = pace.paused_until.map(|until| until - by);
            pace.failed_at = pace.failed_at.map(|at| at - by);
        }
    }

    fn pace(&self, client: &Client) -> Arc<Mutex<Pace>> {
        Arc::clone(&self.clients.entry(client.clone()).or_default())
    }

    /// Tells sets of secrets apart, in this process only.
    fn fingerprint(&self, registration: &ClientRegistration) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for secret in &registration.client_secrets {
            secret.expose_secret().hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl Pace {
    /// Nobody is asked while the client pauses, and one at a time while it keeps failing.
    fn closes(&self, now: DateTime<Utc>) -> Result<(), Closed> {
        let probed = self.probing && self.failures >= PAUSED_AFTER;
        let shortly = probed.then(|| now + SHORTLY);
        match self.paused_until.filter(|until| now < *until).or(shortly) {
            Some(until) => Err(Closed::Paused {
                until,
                error: self.error.clone(),
            }),
            None => Ok(()),
        }
    }
}

impl Circuit {
    /// Nobody is asked while it is open, then one.
    fn closes(&self, now: DateTime<Utc>) -> Result<(), Closed> {
        let error = self.error.clone();
        if now < self.until {
            let until = self.until;
            return Err(Closed::Refused { until, error });
        }
        if self.probing {
            return Err(Closed::Paused {
                until: now + SHORTLY,
                error: Some(error),
            });
        }
        Ok(())
    }
}

impl ProviderGate {
    /// Whether one more background refresh may begin: a slot, and a token from the bucket.
    pub(crate) fn try_begin(&self) -> Option<OwnedSemaphorePermit> {
        let slot = Arc::clone(&self.slots).try_acquire_owned().ok()?;
        self.bucket.check().is_ok().then_some(slot)
    }

    /// Waits for a token from the bucket, for somebody who is waiting for the answer.
    pub(crate) async fn wait(&self) {
        self.bucket.until_ready().await;
    }
}

impl Pass {
    /// Whether the client may still be asked: much may have been learned while this waited its turn.
    pub(crate) fn still_holds(&self, now: DateTime<Utc>) -> Result<(), Closed> {
        if let Some(circuit) = self.circuit()
            && now < circuit.until
        {
            return circuit.closes(now);
        }
        let pace = self.gates.pace(&self.client);
        let pace = lock(&pace);
        match pace.paused_until {
            Some(until) if now < until => pace.closes(now),
            _ => Ok(()),
        }
    }

    fn circuit(&self) -> Option<RefMut<'_, (Client, u64), Circuit>> {
        let key = (self.client.clone(), self.secrets);
        self.gates.circuits.get_mut(&key)
    }

    /// The provider knows the client: whatever else it said, nothing is closed any more.
    pub(crate) fn answered(mut self) {
        self.reported = true;
        self.gates
            .circuits
            .remove(&(self.client.clone(), self.secrets));
        *lock(&self.gates.pace(&self.client)) = Pace::default();
    }

    /// It does not, with these secrets. Gives back until when nobody asks with them.
    pub(crate) fn refused(
        mut self,
        error: &TokenError,
        now: DateTime<Utc>,
        rng: &mut dyn Rng,
    ) -> DateTime<Utc> {
        self.reported = true;
        *lock(&self.gates.pace(&self.client)) = Pace::default();
        let mut circuit = self
            .gates
            .circuits
            .entry((self.client.clone(), self.secrets))
            .or_insert_with(|| Circuit {
                until: now,
                pause: CIRCUIT.0 / 2,
                error: error.clone(),
                probing: false,
            });
        // Requests that were under way when it opened say nothing new.
        if circuit.until <= now {
            circuit.pause = (circuit.pause * 2).min(CIRCUIT.1);
            circuit.until = now + circuit.pause + timing::up_to(circuit.pause / 10, rng);
        }
        circuit.error = error.clone();
        circuit.probing = false;
        circuit.until
    }

    /// It did not answer, or asked for a pause. Gives back until when nobody asks, if so.
    pub(crate) fn failed(
        mut self,
        error: &TokenError,
        pause: Option<TimeDelta>,
        now: DateTime<Utc>,
        rng: &mut dyn Rng,
    ) -> Option<DateTime<Utc>> {
        self.reported = true;
        if let Some(mut circuit) = self.circuit() {
            // Nothing new about that.
            circuit.probing = false;
        }
        let pace = self.gates.pace(&self.client);
        let mut pace = lock(&pace);
        // Of requests that were under way together the first failure says it all.
        if pace
            .failed_at
            .is_none_or(|failed_at| self.begun_at >= failed_at)
        {
            pace.failures = pace.failures.saturating_add(1);
            pace.failed_at = Some(now);
        }
        pace.probing = false;
        pace.error = Some(error.clone());
        let own = (pace.failures >= PAUSED_AFTER)
            .then(|| timing::back_off(pace.failures - PAUSED_AFTER, LONGEST_PAUSE, rng));
        let until = now + pause.max(own)?;
        pace.paused_until = pace.paused_until.max(Some(until));
        pace.paused_until
    }
}

/// A request that was never judged (its task ended) must not keep the others from probing.
impl Drop for Pass {
    fn drop(&mut self) {
        if self.reported {
            return;
        }
        lock(&self.gates.pace(&self.client)).probing = false;
        if let Some(mut circuit) = self.circuit() {
            circuit.probing = false;
        }
    }
}

fn lock(pace: &Mutex<Pace>) -> MutexGuard<'_, Pace> {
    pace.lock().unwrap_or_else(PoisonError::into_inner)
}
