//! Places where a test lets the process die, stop or fail. Debug builds only: in a release there is
//! nothing here.
//!
//! `TOKENRY_FAILPOINTS="refresh.after_send=abort@3,journal.sync=error"` names points and what
//! happens there: `abort` (ends like `kill -9`), `pause` (until the file of
//! `TOKENRY_FAILPOINT_RELEASE` exists), `error` (as if the disk failed). `@n`: at the n-th time only.

/// Passes a point; an error where one is to be injected.
pub(crate) fn pass(point: &str) -> std::io::Result<()> {
    #[cfg(debug_assertions)]
    return set::pass(point);
    #[cfg(not(debug_assertions))]
    {
        let _ = point;
        Ok(())
    }
}

#[cfg(debug_assertions)]
mod set {
    use std::{
        collections::HashMap,
        io,
        path::Path,
        sync::{
            LazyLock,
            atomic::{AtomicU32, Ordering},
        },
        thread,
        time::Duration,
    };

    #[derive(Clone, Copy)]
    enum Action {
        Abort,
        Pause,
        Error,
    }

    struct Point {
        action: Action,
        /// The only time it happens, counted from 1; every time when `None`.
        at: Option<u32>,
        passed: AtomicU32,
    }

    static POINTS: LazyLock<HashMap<String, Point>> = LazyLock::new(|| {
        let text = variable("TOKENRY_FAILPOINTS").unwrap_or_default();
        text.split(',').filter_map(parse).collect()
    });

    fn parse(text: &str) -> Option<(String, Point)> {
        let (name, what) = text.trim().split_once('=')?;
        let (action, at) = match what.split_once('@') {
            Some((action, at)) => (action, Some(at.parse().ok()?)),
            None => (what, None),
        };
        let action = match action {
            "abort" => Action::Abort,
            "pause" => Action::Pause,
            "error" => Action::Error,
            _ => return None,
        };
        let passed = AtomicU32::new(0);
        Some((name.to_owned(), Point { action, at, passed }))
    }

    pub(super) fn pass(name: &str) -> io::Result<()> {
        let Some(point) = POINTS.get(name) else {
            return Ok(());
        };
        let time = point.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if point.at.is_some_and(|at| at != time) {
            return Ok(());
        }
        match point.action {
            Action::Abort => std::process::abort(),
            Action::Error => Err(io::Error::other("injected by a failpoint")),
            Action::Pause => {
                let release = variable("TOKENRY_FAILPOINT_RELEASE").unwrap_or_default();
                while !Path::new(&release).exists() {
                    thread::sleep(Duration::from_millis(20));
                }
                Ok(())
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "no setting: it exists in debug builds only, and every crate that is built so may ask"
    )]
    fn variable(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}
