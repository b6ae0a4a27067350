//! `cargo xtask bench refresh`: 100,000 grants with tokens of one hour, kept fresh by a server that has one core.
//!
//! Tokens of an hour are refreshed when 33 to 45 minutes of it are over, each grant at its own moment, so 100,000
//! grants are 100,000 / 39 min = 43 refreshes a second: more than the 28 that once an hour would be. The grants begin
//! with ages spread over those 39 minutes, as they are after a while of work; any window of some minutes then has the
//! rate of the whole hour, and the share of the CPU is that of the hour as well. `--minutes 60` measures it in full.
//!
//! Readers read tokens of random grants all the time, and the provider is asked about each. The server is a release build
//! and may use one CPU; the sandbox and the readers use the others.

#[path = "../tests/reliability/support/mod.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod support;

use anyhow::{Context as _, Result, bail};
use chrono::TimeDelta;
use clap::Parser;
use rustix::{
    param::clock_ticks_per_second,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};
use sandbox::{LedgerEntry, Outcome};
use std::{fs, path::Path, process::ExitCode, time::Duration};
use support::{
    Age, World,
    provider::{Registration, peak},
    readers::{Pace, Readers, Tally},
    server::{Server, Setup},
};
use tokio::time::Instant;

/// The mean age at which a token of one hour is refreshed.
const CYCLE: TimeDelta = TimeDelta::minutes(39);
/// Enough to have every grant looked at several times an hour.
const PACE: Pace = Pace {
    readers: 8,
    pause: Duration::from_millis(25),
    check: true,
};

#[derive(Debug, Parser)]
struct Options {
    /// How many grants
    #[arg(long, default_value_t = 100_000)]
    grants: usize,
    /// How long it is measured
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let world = World::new().await;
    let began = Instant::now();
    let grants = world
        .seed_each(Registration::Legacy, options.grants, age)
        .await;
    println!("seeded {} grants in {:.0?}", grants.len(), began.elapsed());

    let mut server = on_one_cpu(|| Server::launch(&world, Setup::default()))?;
    let up = server.wait_until_back(grants[0].authorization).await;
    let readers = Readers::start(&world, &server, &grants, PACE);
    let (began, before) = (Instant::now(), Usage::of(server.process.id())?);
    tokio::time::sleep(Duration::from_secs(60 * options.minutes)).await;
    let (wall, after) = (began.elapsed(), Usage::of(server.process.id())?);
    let tally = readers.end().await;
    let entries: Vec<_> = world.provider.ledger().await.entries.into();
    let database =
        size(&world.data().join("tokenry.db"))? + size(&world.data().join("tokenry.db-wal"))?;
    let journal = folder_size(&world.data().join("journal"))?;
    server.process.end().await;

    let share = after.cpu.saturating_sub(before.cpu).as_secs_f64() / wall.as_secs_f64();
    print(&[
        ("grants", grants.len().to_string()),
        ("measured for", format!("{wall:.0?}")),
        ("expired tokens served", tally.expired.to_string()),
        (
            "reads without a token",
            (tally.unavailable + tally.refused).to_string(),
        ),
        (
            "other answers",
            (tally.odd.len() as u64 + tally.unanswered).to_string(),
        ),
        ("CPU, of one core", format!("{:.1} %", share * 100.0)),
        (
            "refreshes a second, mean",
            format!("{:.1}", mean(&entries, wall)),
        ),
        ("refreshes a second, peak", peak(&entries, 1).to_string()),
        ("refreshes that failed", failed(&entries).to_string()),
        ("memory, peak", format!("{} MB", after.peak_memory >> 20)),
        ("token read, p50", format!("{:.1?}", tally.percentile(0.5))),
        ("token read, p99", format!("{:.1?}", tally.percentile(0.99))),
        ("token reads", tally.latencies.len().to_string()),
        ("first token after start", format!("{up:.1?}")),
        ("database", format!("{} MB", database >> 20)),
        ("journal", format!("{} KB", journal >> 10)),
    ]);
    Ok(judged(&tally, &entries))
}

/// Ages of tokens after a while of work: anything up to a cycle, and those of neighbours far apart.
fn age(number: usize) -> Age {
    #[expect(clippy::cast_precision_loss, reason = "a share of a cycle")]
    let share = (number as f64 * 0.618_033_988_75).fract();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "milliseconds of a cycle"
    )]
    let age = (CYCLE.num_milliseconds() as f64 * share) as i64;
    Age {
        over: TimeDelta::milliseconds(age),
        ..Age::fresh()
    }
}

/// Starts something that inherits the first CPU as its only one.
fn on_one_cpu<T>(start: impl FnOnce() -> T) -> Result<T> {
    let all = sched_getaffinity(None)?;
    let first = (0..CpuSet::MAX_CPU)
        .find(|cpu| all.is_set(*cpu))
        .context("there is no CPU")?;
    let mut one = CpuSet::new();
    one.set(first);
    sched_setaffinity(None, &one)?;
    let started = start();
    sched_setaffinity(None, &all)?;
    Ok(started)
}

/// What a process has used.
struct Usage {
    cpu: Duration,
    /// Bytes.
    peak_memory: u64,
}

impl Usage {
    /// From `/proc` (proc(5)).
    fn of(process: u32) -> Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The second field is the name, in brackets; `utime` and `stime` are the 14th and 15th.
        let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [utime, stime] = fields[11..13] else {
            bail!("stat has too few fields");
        };
        let ticks = utime.parse::<u64>()? + stime.parse::<u64>()?;
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|line| line.split_whitespace().next())
            .context("no VmHWM in status")?;
        Ok(Self {
            cpu: Duration::from_millis(ticks * 1000 / clock_ticks_per_second()),
            peak_memory: peak.parse::<u64>()? * 1024,
        })
    }
}

fn size(file: &Path) -> Result<u64> {
    match fs::metadata(file) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn folder_size(folder: &Path) -> Result<u64> {
    fs::read_dir(folder)?
        .map(|entry| size(&entry?.path()))
        .sum()
}

fn mean(entries: &[LedgerEntry], wall: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let requests = entries.len() as f64;
    requests / wall.as_secs_f64()
}

fn failed(entries: &[LedgerEntry]) -> usize {
    entries
        .iter()
        .filter(|entry| entry.result != Outcome::Issued)
        .count()
}

fn print(rows: &[(&str, String)]) {
    println!("| | |\n|---|--:|");
    for (name, value) in rows {
        println!("| {name} | {value} |");
    }
}

/// The promise: nothing expired is served, and nothing fails at a provider that is well.
fn judged(tally: &Tally, entries: &[LedgerEntry]) -> ExitCode {
    let kept = tally.expired == 0 && tally.unavailable == 0 && failed(entries) == 0;
    if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
