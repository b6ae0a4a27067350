//! What is promised about refreshing, on real processes: `server/tests/reliability/` (docs/reliability.md).
//!
//! A suite of its own: it measures times and starts servers, so that nothing else may run beside it. Its tests take
//! turns by themselves; those that mostly wait do so together.

use std::fs;

use anyhow::Result;

use super::{Context, Outcome};
use crate::{process, tools, ui};

/// The test target.
pub const TARGET: &str = "reliability";
/// What its tests' names begin with.
pub const PREFIX: &str = "fault_r";
/// As many as wait together.
const THREADS: &str = "4";
/// Switches the counts of the reference on.
const FULL_COUNTS: &str = "RELIABILITY_FULL";

/// Runs the tests and shows their figures.
pub fn tests(context: &Context) -> Result<Outcome> {
    if let Err(missing) = tools::faketime(context.full) {
        return context.lacking(format!("{missing:#}"));
    }
    let workspace = context.workspace;
    let figures = workspace.target().join("reliability.txt");
    if figures.exists() {
        fs::remove_file(&figures)?;
    }
    let mut command = process::cargo(workspace);
    if tools::has_cargo(workspace, "nextest") {
        command.args([
            "nextest",
            "run",
            "--no-fail-fast",
            "--test-threads",
            THREADS,
        ]);
        command.args(super::native::NATIVE);
        command.args(["--filterset", &format!("binary({TARGET})")]);
    } else {
        command.args(["test", "--no-fail-fast", "--test", TARGET]);
        command.args(super::native::NATIVE);
        command.args(["--", "--test-threads", THREADS]);
    }
    if context.full_counts {
        command.env(FULL_COUNTS, "1");
    }
    let result = process::run(&mut command);
    if let Ok(figures) = fs::read_to_string(&figures) {
        ui::note(figures.trim_end());
    }
    result?;
    Ok(Outcome::Passed)
}
