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
/// What the names of tests contain that give a server a wrong clock.
const WRONG_CLOCK: &str = "r12";
/// As many as wait together.
const THREADS: &str = "4";
/// Switches the counts of the reference on.
const FULL_COUNTS: &str = "RELIABILITY_FULL";

/// Runs the tests and shows their figures. Without `libfaketime` those of wrong clocks are left out.
pub fn tests(context: &Context) -> Result<Outcome> {
    let left_out = match tools::faketime(context.full) {
        Err(missing) if context.full => return Err(missing),
        found => found.err(),
    };
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
        command.args(["--filterset", &filterset(left_out.is_none())]);
    } else {
        command.args(["test", "--no-fail-fast", "--test", TARGET]);
        command.args(super::native::NATIVE);
        command.args(["--", "--test-threads", THREADS]);
        if left_out.is_some() {
            command.args(["--skip", WRONG_CLOCK]);
        }
    }
    if context.full_counts {
        command.env(FULL_COUNTS, "1");
    }
    let result = process::run(&mut command);
    if let Ok(figures) = fs::read_to_string(&figures) {
        ui::note(figures.trim_end());
    }
    result?;
    Ok(match left_out {
        None => Outcome::Passed,
        Some(missing) => Outcome::Partly(format!("without R12 (wrong clocks): {missing:#}")),
    })
}

/// Which tests nextest runs.
fn filterset(wrong_clocks: bool) -> String {
    if wrong_clocks {
        format!("binary({TARGET})")
    } else {
        format!("binary({TARGET}) and not test({WRONG_CLOCK})")
    }
}
