//! A process under test: started with a clean environment, its output kept, killed in every way there is, and never
//! left behind.

use super::wait::{Deadline, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

/// The binary that this test was built with.
pub const TOKENRY: &str = env!("CARGO_BIN_EXE_tokenry");
/// Lines of a log that are shown when a test fails.
const SHOWN: usize = 25;

/// A running or ended process.
pub struct Process {
    child: Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts `program` in `folder` with these arguments and exactly these environment variables; what it prints is
    /// appended to `{name}.log` there.
    pub fn start<'a>(
        folder: &Path,
        name: &str,
        program: impl AsRef<OsStr>,
        arguments: &[&str],
        environment: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Self {
        let log = folder.join(format!("{name}.log"));
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap_or_else(|error| panic!("{}: {error}", log.display()));
        let child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .env("RUST_BACKTRACE", "1")
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a file handle"))
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self {
            child,
            log,
            ended: None,
        }
    }

    /// Everything it and its predecessors of the same name printed.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended; `None` while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().expect("a child can be waited for");
        }
        self.ended
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        if self.ended().is_none() {
            self.child.kill().expect("a child can be killed");
            self.ended = Some(self.child.wait().expect("a child can be waited for"));
        }
    }

    /// SIGSTOP: it stands still and keeps everything it has.
    pub fn stop(&self) {
        self.signal(Signal::STOP);
    }

    /// SIGCONT: it goes on as if no time had passed.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// SIGTERM: asks it to end.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap_or_else(|error| panic!("{signal:?}: {error}"));
    }

    /// Waits until it has ended by itself.
    pub async fn wait(&mut self, deadline: Duration) -> ExitStatus {
        let log = self.log.clone();
        wait_for("the process to end", Deadline::after(deadline), || {
            let ended = self.ended();
            async move { ended }
        })
        .await
        .unwrap_or_else(|late| panic!("{late}\n{}", tail(&log)))
    }

    /// SIGTERM, and waits for the end, which must be a success.
    pub async fn end(&mut self) {
        if self.ended().is_none() {
            self.terminate();
        }
        let status = self.wait(Duration::from_mins(1)).await;
        assert!(status.success(), "ended with {status}\n{}", tail(&self.log));
    }

    /// Whether a failpoint or `kill -9` ended it, and not an error of its own.
    pub fn was_killed(&mut self) -> bool {
        self.ended().is_some_and(|status| status.signal().is_some())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A stopped process dies of SIGKILL too.
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            eprintln!("{}", tail(&self.log));
        }
    }
}

/// The last lines of a log, with its name.
fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(SHOWN);
    format!(
        "--- the end of {}\n{}\n---",
        log.display(),
        lines[from..].join("\n")
    )
}

/// An address on this machine that nobody listens on.
pub fn free_address() -> SocketAddr {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(any)
        .and_then(|listener| listener.local_addr())
        .unwrap_or_else(|error: io::Error| panic!("no free port: {error}"))
}
