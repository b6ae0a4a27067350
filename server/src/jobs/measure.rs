//! Looks at what does not tell of itself: counts in the database, files on the disk, the process.

use crate::{shutdown::Shutdown, state::AppState};
use broker::telemetry;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// As often as Prometheus usually asks.
const EVERY: Duration = Duration::from_secs(15);
/// By then the other jobs have begun, and the server is ready or will not be.
const AT_FIRST: Duration = Duration::from_secs(1);

/// Measures until shutdown. `journals` is the directory of the refresh journals.
pub async fn run(state: AppState, journals: PathBuf, shutdown: Shutdown) {
    let Some(metrics) = state.metrics.clone() else {
        return;
    };
    let mut ticks = interval_at(Instant::now() + AT_FIRST, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            _ = ticks.tick() => {
                if let Err(error) = state.broker.measure().await {
                    tracing::warn!(%error, "the database cannot be measured");
                }
                if let Ok(bytes) = size_of_files_in(&journals) {
                    telemetry::journal_bytes(bytes);
                }
                #[cfg(target_os = "linux")]
                if let Ok(taken) = process::taken() {
                    telemetry::process(taken.cpu, taken.resident_bytes, taken.open_files);
                }
                metrics.settle();
            }
        }
    }
}

/// A directory that is not there holds nothing.
fn size_of_files_in(directory: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    // A file that was deleted meanwhile counts nothing.
    let sizes = entries.map(|entry| Ok(entry?.metadata().map_or(0, |metadata| metadata.len())));
    sizes.sum()
}

#[cfg(target_os = "linux")]
mod process {
    use std::{fs, io, time::Duration};

    /// What the process takes.
    pub struct Taken {
        pub cpu: Duration,
        pub resident_bytes: u64,
        pub open_files: u64,
    }

    /// Reads `/proc/self` (`proc_pid_stat(5)`, `proc_pid_statm(5)`).
    pub fn taken() -> io::Result<Taken> {
        let stat = fs::read_to_string("/proc/self/stat")?;
        let statm = fs::read_to_string("/proc/self/statm")?;
        let ticks = cpu_ticks(&stat).ok_or(io::ErrorKind::InvalidData)?;
        let pages: u64 = field(&statm, 1).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Taken {
            cpu: Duration::from_millis(
                ticks * 1000 / rustix::param::clock_ticks_per_second().max(1),
            ),
            resident_bytes: pages * rustix::param::page_size() as u64,
            open_files: fs::read_dir("/proc/self/fd")?.count() as u64,
        })
    }

    /// utime and stime, the 14th and 15th field. The second is the program's name in parentheses,
    /// which may hold anything.
    fn cpu_ticks(stat: &str) -> Option<u64> {
        let (_, rest) = stat.rsplit_once(')')?;
        Some(field::<u64>(rest, 11)? + field::<u64>(rest, 12)?)
    }

    fn field<T: std::str::FromStr>(line: &str, index: usize) -> Option<T> {
        line.split_ascii_whitespace().nth(index)?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_name_with_spaces_and_parentheses_is_skipped() {
            let stat = "7 (a b) 1 2) S 1 7 7 0 -1 4194304 100 0 0 0 30 12 0 0 20 0 4 0 100";
            assert_eq!(cpu_ticks(stat), Some(42));
            assert_eq!(cpu_ticks("nonsense"), None);
        }

        #[test]
        fn this_process_takes_something() {
            let taken = taken().unwrap();
            assert!(taken.resident_bytes > 1 << 20);
            assert!(taken.open_files > 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_as_large_as_its_files() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(size_of_files_in(&directory.path().join("none")).unwrap(), 0);
        fs::write(directory.path().join("a.journal"), [0; 100]).unwrap();
        fs::write(directory.path().join("b.journal"), [0; 20]).unwrap();
        assert_eq!(size_of_files_in(directory.path()).unwrap(), 120);
    }
}
