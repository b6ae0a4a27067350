//! R11, R12: tokens that end all at once, and clocks that are wrong.

use crate::support::{
    Age, Grant, World,
    figures::{reduced, report},
    judge::judge,
    provider::{Registration, peak},
    readers::{Pace, Readers, Tally, expired_among},
    server::{Server, Setup},
    wait::until,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// R11: thousands of tokens expire in the same second. All of them are replaced before, and none is served after.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r11_a_common_expiry_serves_nothing_expired() {
    let count: usize = reduced(2000, 100_000);
    let left: u32 = reduced(75, 1800);
    let world = World::new().await;
    world
        .provider
        .behave(json!({"token_lifetime_seconds": left}))
        .await;
    let age = Age {
        over: TimeDelta::hours(1) - TimeDelta::seconds(left.into()),
        ..Age::due()
    };
    let end = crate::support::now() + TimeDelta::seconds(left.into());
    let grants = world.seed(Registration::Legacy, count, age).await;
    world
        .provider
        .behave(json!({"token_lifetime_seconds": null}))
        .await;
    let mut server = world
        .serve(Setup {
            config: "refresh.requests_per_second = 500",
            ..Setup::default()
        })
        .await;
    let readers = Readers::start(&world, &server, &grants, Pace::default());
    until("the common end", u64::from(left) + 60, || async {
        crate::support::now() > end + TimeDelta::seconds(2)
    })
    .await;
    let sample = &grants[..count.min(5000)];
    let expired_after = expired_among(&server, &world.provider, sample).await;
    let tally = readers.end().await;
    server.process.end().await;
    let ledger = world.provider.ledger().await;
    let peak = peak(&ledger.entries, 1);
    let in_time = ledger
        .entries
        .iter()
        .filter(|entry| entry.time < end)
        .count();
    let verdict = judge(&world, &grants).await;
    let expired = tally.expired + expired_after as u64;
    report(&format!(
        "R11: tokens={count} refreshed_before_the_end={in_time} reads={} expired_served={expired} unavailable={} \
         peak={peak}/s lost={}",
        tally.good + sample.len() as u64,
        tally.unavailable,
        verdict.lost.len() + verdict.dead.len(),
    ));
    assert_eq!(expired, 0);
    assert_eq!(tally.unavailable, 0, "every token was replaced in time");
    assert!(tally.odd.is_empty(), "{:?}", tally.odd);
    assert!(
        verdict.lost.is_empty() && verdict.dead.is_empty(),
        "{verdict:?}"
    );
}

/// R12: the server's clock is 10 minutes ahead, 10 minutes behind, and jumps by that while it runs.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r12_a_wrong_clock_serves_nothing_expired_and_kills_nothing() {
    const GRANTS: usize = 40;
    const OFFSETS: [&[i64]; 3] = [&[600], &[-600], &[0, -600, 600, 0]];
    let phase = Duration::from_secs(reduced(12, 120));
    let mut figures = Vec::new();
    for offsets in OFFSETS {
        let world = World::shared().await;
        // Made for the true clock: to be refreshed at once by any.
        let age = Age {
            over: TimeDelta::minutes(59),
            next_refresh: Some(TimeDelta::minutes(-30)),
            ..Age::due()
        };
        let grants = world.seed(Registration::Legacy, GRANTS, age).await;
        // Shorter than a phase: every phase sees tokens end.
        world
            .provider
            // Slow enough for refreshes to be under way when the clock is set.
            .behave(json!({"token_lifetime_seconds": reduced(8, 40), "latency_ms": 700}))
            .await;
        let (tally, verdict) = with_clock(&world, &grants, offsets, phase).await;
        let deaths = verdict.dead.len() + verdict.flagged.len();
        figures.push(format!(
            "clock {offsets:?}s: reads={} expired_served={} unavailable={} false_deaths={deaths} lost={}",
            tally.good,
            tally.expired,
            tally.unavailable,
            verdict.lost.len()
        ));
        assert_eq!(tally.expired, 0, "{offsets:?}");
        assert_eq!(deaths, 0, "{offsets:?}: {verdict:?}");
        assert!(verdict.lost.is_empty(), "{offsets:?}: {verdict:?}");
        assert!(tally.good > 100, "{offsets:?}: {tally:?}");
    }
    report(&format!("R12: grants={GRANTS} {}", figures.join("; ")));
}

/// R12: the clock is set back between an answer and its commit.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r12_a_clock_set_back_before_the_commit_makes_no_token_live_longer() {
    const LIFE: u32 = 6;
    let world = World::shared().await;
    world
        .provider
        .behave(json!({"token_lifetime_seconds": LIFE}))
        .await;
    let grants = world.seed(Registration::Legacy, 1, Age::due()).await;
    let clock = WrongClock::new(world.folder());
    clock.set(0);
    let release = world.folder().join("release");
    let mut environment = clock.environment();
    environment.push((
        "TOKENRY_FAILPOINT_RELEASE",
        release.to_str().expect("a path in UTF-8").to_owned(),
    ));
    let mut server = world
        .serve(Setup {
            failpoints: "refresh.after_journal=pause@1",
            environment,
            ..Setup::default()
        })
        .await;
    until("the answer", 60, || async {
        world.provider.issued().await == 1
    })
    .await;
    clock.set(-600);
    fs::write(&release, "").expect("a file can be written");
    // Nothing more is to be had: what is answered is what is left.
    world
        .provider
        .behave(json!({"answer": {"status": 503}}))
        .await;
    let readers = Readers::start(&world, &server, &grants, Pace::default());
    until("the end of the token", 60, || async {
        readers.tally().unavailable > 0
    })
    .await;
    let tally = readers.end().await;
    server.process.end().await;
    report(&format!(
        "R12 (set back before the commit): reads={} expired_served={}",
        tally.good, tally.expired
    ));
    assert_eq!(tally.expired, 0);
    assert!(tally.good > 0, "{tally:?}");
}

/// Runs a server whose clock is off by each of these, one after the other, in seconds.
async fn with_clock(
    world: &World,
    grants: &[Grant],
    offsets: &[i64],
    phase: Duration,
) -> (Tally, crate::support::judge::Verdict) {
    let clock = WrongClock::new(world.folder());
    clock.set(offsets[0]);
    let mut server = world
        .serve(Setup {
            environment: clock.environment(),
            ..Setup::default()
        })
        .await;
    until("every grant's first refresh", 60, || async {
        world.provider.issued().await >= grants.len() as u64
    })
    .await;
    let readers = Readers::start(world, &server, grants, Pace::default());
    for offset in offsets {
        clock.set(*offset);
        tokio::time::sleep(phase).await;
        let off = logged_time(&server) - crate::support::now();
        let wrong = off - TimeDelta::seconds(*offset);
        assert!(
            wrong.num_seconds().abs() <= 10,
            "the server's clock is {off} off"
        );
    }
    let tally = readers.end().await;
    server.process.end().await;
    (tally, judge(world, grants).await)
}

/// What time a server believes it is: that of its last log line, which is some seconds old.
fn logged_time(server: &Server) -> DateTime<Utc> {
    let log = server.process.log();
    log.lines()
        .rev()
        .find_map(|line| line.split_whitespace().next()?.parse().ok())
        .expect("a line with a time")
}

/// A clock that is off, by `libfaketime`.
struct WrongClock {
    library: PathBuf,
    file: PathBuf,
}

impl WrongClock {
    /// Where Debian and others put the library for programs with threads.
    const LIBRARIES: [&str; 4] = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
        "/usr/lib/faketime/libfaketimeMT.so.1",
        "/usr/local/lib/faketime/libfaketimeMT.so.1",
    ];

    fn new(folder: &Path) -> Self {
        let library = Self::LIBRARIES
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
            .expect("libfaketime is missing; on Debian: apt-get install faketime");
        Self {
            library,
            file: folder.join("clock"),
        }
    }

    /// Seconds that it is ahead.
    fn set(&self, offset: i64) {
        // Renamed into place: the library may be reading.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{offset:+}\n")).expect("the clock can be set");
        fs::rename(new, &self.file).expect("the clock can be set");
    }

    /// What preloads it. Waiting and measuring go by the monotonic clock, which stays true.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
        vec![
            ("LD_PRELOAD", path(&self.library)),
            ("FAKETIME_TIMESTAMP_FILE", path(&self.file)),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ]
    }
}
