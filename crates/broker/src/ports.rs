//! The ports to the outside that are not storage or HTTP: the clock, randomness and mail.

use async_trait::async_trait;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::{CryptoRng, SeedableRng, rngs::StdRng};
use std::{
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::Instant;
use uuid::Uuid;

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Now, whole milliseconds: what goes into the database comes out the same.
    fn now(&self) -> DateTime<Utc>;

    /// Time that has passed since some moment of this process. Unlike [`now`](Self::now), nobody sets
    /// it.
    fn monotonic(&self) -> Duration;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the operating system for the time"
    )]
    fn now(&self) -> DateTime<Utc> {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        let millis = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn monotonic(&self) -> Duration {
        static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGAN.elapsed()
    }
}

/// A clock that stands still until it is told otherwise.
#[derive(Debug)]
pub struct ManualClock(Mutex<Shown>);

#[derive(Clone, Copy, Debug)]
struct Shown {
    now: DateTime<Utc>,
    passed: Duration,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        let passed = Duration::ZERO;
        Self(Mutex::new(Shown { now, passed }))
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        let mut shown = self.shown();
        shown.now += by;
        shown.passed += by.to_std().unwrap_or_default();
    }

    /// Sets it, as an administrator or a time server does: no time passes.
    pub fn set(&self, by: TimeDelta) {
        self.shown().now += by;
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        let now = self.shown().now;
        now.duration_trunc(TimeDelta::milliseconds(1))
            .unwrap_or(now)
    }

    fn monotonic(&self) -> Duration {
        self.shown().passed
    }
}

/// Where secrets and ids come from.
pub trait Randomness: Send + Sync + 'static {
    /// A generator fit for secrets.
    fn rng(&self) -> Box<dyn CryptoRng + Send>;
}

/// Generators seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandomness;

impl Randomness for OsRandomness {
    fn rng(&self) -> Box<dyn CryptoRng + Send> {
        Box::new(rand::make_rng::<StdRng>())
    }
}

/// The same numbers every time, for tests.
#[derive(Debug)]
pub struct SeededRandomness(Mutex<StdRng>);

impl SeededRandomness {
    /// Numbers that follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Randomness for SeededRandomness {
    fn rng(&self) -> Box<dyn CryptoRng + Send> {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Box::new(StdRng::from_rng(&mut *own))
    }
}

/// Sends e-mail.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Whether a message can be addressed so; otherwise what is wrong with it, for a person.
    fn check(&self, address: &str) -> Result<(), String>;

    /// Hands a message to the mail server. The same message may be handed over again.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Their address.
    pub to: String,
    /// Tells it from other messages; the same when it is sent again.
    pub id: String,
    /// Its date.
    pub at: DateTime<Utc>,
    /// Its subject, one line.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same in HTML.
    pub html: String,
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MailError {
    /// Sending it again would not help.
    pub permanent: bool,
    /// What happened, for a person.
    pub message: String,
}

/// A `UUIDv7` of that moment.
pub fn new_id<Id: From<Uuid>>(now: DateTime<Utc>, rng: &mut dyn CryptoRng) -> Id {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    let mut random = [0; 10];
    rng.fill_bytes(&mut random);
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .into()
}
