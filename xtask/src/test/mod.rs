//! `cargo xtask test`: every check that a change has to pass, one after the other, as CI runs them.
//!
//! A suite is a line in [`SUITES`]. A failing suite does not stop the others, so that one run tells everything.

mod browser;
mod dependencies;
mod native;
mod reliability;
mod wasm;

use std::{process::ExitCode, time::Duration};

use anyhow::{Result, bail};

use crate::{
    ui::{self, Stopwatch},
    workspace::Workspace,
};

/// What to run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Skip nothing: install missing tools, or fail and say how to (always so when CI is set), and run the reliability
    /// suite with the counts that its reference names (some hours)
    #[arg(long)]
    full: bool,

    /// Run these suites only (`--list` names them)
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,

    /// List the suites
    #[arg(long)]
    list: bool,
}

/// How a suite ended when it did not fail.
enum Outcome {
    Passed,
    /// What ran passed, and a tool is missing for the rest; with what was left out and the word on how to get it
    Partly(String),
    /// A tool is missing that not everybody needs; with the word on how to get it
    Skipped(String),
}

/// What suites are given.
struct Context<'a> {
    workspace: &'a Workspace,
    /// Nothing may be skipped
    full: bool,
    /// Counts are those of the reference, not the reduced ones
    full_counts: bool,
}

impl Context<'_> {
    /// The result of a suite that lacks a tool it could not install itself.
    fn lacking(&self, what: String) -> Result<Outcome> {
        if self.full {
            bail!(what);
        }
        Ok(Outcome::Skipped(what))
    }
}

struct Suite {
    name: &'static str,
    about: &'static str,
    run: fn(&Context) -> Result<Outcome>,
}

/// In the order they run: the quick ones first, and `queries` before all that would compile its crate once more.
const SUITES: &[Suite] = &[
    Suite {
        name: "format",
        about: "rustfmt",
        run: native::format,
    },
    Suite {
        name: "tree",
        about: "no server-side crate in what browsers load",
        run: dependencies::browser_tree,
    },
    Suite {
        name: "deny",
        about: "licences, sources and bans of dependencies (cargo-deny)",
        run: dependencies::deny,
    },
    Suite {
        name: "queries",
        about: "the committed data of the SQL queries is current",
        run: native::queries,
    },
    Suite {
        name: "clippy",
        about: "clippy, for the server and for browsers",
        run: native::clippy,
    },
    Suite {
        name: "rust",
        about: "unit and integration tests",
        run: native::tests,
    },
    Suite {
        name: "reliability",
        about: "faults on real processes: kills, full disks, wrong clocks",
        run: reliability::tests,
    },
    Suite {
        name: "doc",
        about: "the examples in the documentation",
        run: native::docs,
    },
    Suite {
        name: "wasm",
        about: "unit tests that run as WASM",
        run: wasm::tests,
    },
    Suite {
        name: "browser",
        about: "user stories in Chromium (Playwright)",
        run: browser::tests,
    },
];

/// Runs the subcommand.
///
/// # Errors
/// When `--only` names no suite. A failing suite is reported and gives the exit code 1.
pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.list {
        for suite in SUITES {
            println!("{:10}{}", suite.name, suite.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let context = Context {
        workspace,
        full: options.full || workspace.ci(),
        full_counts: options.full,
    };
    let results: Vec<_> = select(&options.only)?
        .into_iter()
        .map(|suite| run_suite(&context, suite))
        .collect();
    Ok(summarise(&results))
}

fn select(only: &[String]) -> Result<Vec<&'static Suite>> {
    if let Some(unknown) = only
        .iter()
        .find(|name| !SUITES.iter().any(|suite| suite.name == **name))
    {
        bail!("no suite is called {unknown}; `cargo xtask test --list` names them");
    }
    Ok(SUITES
        .iter()
        .filter(|suite| only.is_empty() || only.iter().any(|name| name == suite.name))
        .collect())
}

struct Report {
    name: &'static str,
    result: Result<Outcome>,
    took: Duration,
}

fn run_suite(context: &Context, suite: &Suite) -> Report {
    ui::heading(&format!("{}: {}", suite.name, suite.about));
    let watch = Stopwatch::start();
    let result = (suite.run)(context);
    let took = watch.elapsed();
    match &result {
        Ok(Outcome::Passed) => ui::note(&format!("passed in {}", ui::duration(took))),
        Ok(Outcome::Partly(but)) => {
            ui::note(&format!("passed in {}, {but}", ui::duration(took)));
        }
        Ok(Outcome::Skipped(why)) => ui::note(&format!("skipped: {why}")),
        Err(error) => ui::note(&format!("FAILED in {}: {error:#}", ui::duration(took))),
    }
    Report {
        name: suite.name,
        result,
        took,
    }
}

fn summarise(reports: &[Report]) -> ExitCode {
    ui::heading("Summary");
    for report in reports {
        let (mark, detail) = match &report.result {
            Ok(Outcome::Passed) => ("passed", String::new()),
            Ok(Outcome::Partly(but)) => ("partly", but.clone()),
            Ok(Outcome::Skipped(why)) => ("skipped", why.clone()),
            Err(error) => ("FAILED", format!("{error:#}")),
        };
        let took = ui::duration(report.took);
        ui::note(format!("{:10}{mark:9}{took:>13}  {detail}", report.name).trim_end());
    }
    let total = reports.iter().map(|report| report.took).sum();
    ui::note(&format!("in {}", ui::duration(total)));
    if reports.iter().any(|report| report.result.is_err()) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_runs_and_in_the_order_of_the_table() {
        let names = |only: &[&str]| {
            let only: Vec<_> = only.iter().map(|&name| name.to_owned()).collect();
            select(&only).map(|suites| suites.iter().map(|suite| suite.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["clippy", "format"]).unwrap(), ["format", "clippy"]);
        assert_eq!(names(&[]).unwrap().len(), SUITES.len());
        assert!(names(&["fromat"]).is_err());
    }

    #[test]
    fn one_failure_fails_the_run() {
        let report = |result| Report {
            name: "suite",
            result,
            took: Duration::ZERO,
        };
        let good = || report(Ok(Outcome::Passed));
        let bad = report(Err(anyhow::anyhow!("broken")));
        assert_eq!(summarise(&[good()]), ExitCode::SUCCESS);
        assert_eq!(summarise(&[good(), bad, good()]), ExitCode::FAILURE);
    }
}
