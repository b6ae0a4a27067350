//! Readers: connectors that ask for random tokens all the time, and look at what they get.

use super::{
    Grant, World,
    http::Http,
    provider::{Provider, took},
    server::Server,
};
use broker::ports::{OsRandomness, Randomness as _};
use rand::RngExt as _;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{task::JoinHandle, time::Instant};

/// What readers were answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tokens that the provider takes at that moment.
    pub good: u64,
    /// Tokens that the provider did not take any more when they were answered.
    pub expired: u64,
    /// 503: there is none at the moment.
    pub unavailable: u64,
    /// 409: not authorized.
    pub refused: u64,
    /// Anything else, with the first of its kind in words.
    pub odd: Vec<String>,
    /// Without any answer.
    pub unanswered: u64,
    /// Time to the whole answer.
    pub latencies: Vec<Duration>,
}

impl Tally {
    /// The latency that this share of the reads stays below.
    pub fn percentile(&self, share: f64) -> Duration {
        let mut latencies = self.latencies.clone();
        latencies.sort_unstable();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index into a list that fits into memory"
        )]
        let index = (latencies.len() as f64 * share) as usize;
        let last = latencies.len().saturating_sub(1);
        latencies.get(index.min(last)).copied().unwrap_or_default()
    }
}

/// How readers read.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How many there are.
    pub readers: usize,
    /// How long each waits between two reads.
    pub pause: Duration,
    /// Whether the provider is asked about each token.
    pub check: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            readers: 4,
            pause: Duration::from_millis(10),
            check: true,
        }
    }
}

/// Readers at work.
pub struct Readers {
    tally: Arc<Mutex<Tally>>,
    over: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts them on one server.
    pub fn start(world: &World, server: &Server, grants: &[Grant], pace: Pace) -> Self {
        let tally = Arc::new(Mutex::new(Tally::default()));
        let over = Arc::new(AtomicBool::new(false));
        let urls: Arc<[String]> = grants
            .iter()
            .map(|grant| server.token_url(grant.authorization))
            .collect();
        let tasks = (0..pace.readers).map(|_| {
            let reader = Reader {
                http: world.http.clone(),
                key: world.key.clone(),
                sandbox: world.provider.url.clone(),
                urls: Arc::clone(&urls),
                tally: Arc::clone(&tally),
                over: Arc::clone(&over),
                pace,
            };
            tokio::spawn(reader.run())
        });
        Self {
            tasks: tasks.collect(),
            tally,
            over,
        }
    }

    /// What they were answered so far.
    pub fn tally(&self) -> Tally {
        self.tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends them and gives what they were answered.
    pub async fn end(self) -> Tally {
        self.over.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("a reader ends");
        }
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.clone()
    }
}

struct Reader {
    http: Http,
    key: String,
    sandbox: String,
    urls: Arc<[String]>,
    tally: Arc<Mutex<Tally>>,
    over: Arc<AtomicBool>,
    pace: Pace,
}

impl Reader {
    async fn run(self) {
        let mut rng = OsRandomness.rng();
        while !self.over.load(Ordering::Relaxed) {
            let url = &self.urls[rng.random_range(0..self.urls.len())];
            let asked = Instant::now();
            let answer = self.http.get(url, Some(&self.key)).await;
            let elapsed = asked.elapsed();
            let good = match &answer {
                Ok(answer) if answer.status == 200 && self.pace.check => {
                    let token = answer.json()["access_token"].as_str().map(str::to_owned);
                    let at = super::now();
                    took(&self.http, &self.sandbox, &token.unwrap_or_default(), at).await
                }
                _ => true,
            };
            self.note(|tally| match &answer {
                Ok(answer) => {
                    tally.latencies.push(elapsed);
                    match answer.status.as_u16() {
                        200 if good => tally.good += 1,
                        200 => tally.expired += 1,
                        503 => tally.unavailable += 1,
                        409 => tally.refused += 1,
                        status => tally.odd.push(format!("{status}: {}", answer.text())),
                    }
                }
                Err(_) => tally.unanswered += 1,
            });
            tokio::time::sleep(self.pace.pause).await;
        }
    }

    fn note(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Reads every token once and counts those that the provider does not take.
pub async fn expired_among(server: &Server, provider: &Provider, grants: &[Grant]) -> usize {
    let mut expired = 0;
    for grant in grants {
        let answer = server.token(grant.authorization).await.expect("an answer");
        if answer.status == 200 {
            let json = answer.json();
            let token = json["access_token"].as_str().unwrap_or_default();
            expired += usize::from(!provider.took(token, super::now()).await);
        }
    }
    expired
}
