//! `tokenry doctor`.

use crate::doctor::{self, Scope, Status};
use anyhow::{Context as _, Result};
use std::{io::Write as _, path::Path, process::ExitCode};

/// Something does not work.
const FAILURES: u8 = 1;
/// The doctor itself did not come to an end.
const COULD_NOT_RUN: u8 = 2;

/// Options of `tokenry doctor`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print one JSON object, for programs
    #[arg(long)]
    json: bool,
    /// Open every sealed value and compare every index, however long it takes
    #[arg(long)]
    deep: bool,
    /// The server is run with --sandbox
    #[arg(long)]
    sandbox: bool,
}

/// Looks at the installation and prints what it found. The exit code is 0 when nothing is broken
/// (there may be warnings), 1 when something is, 2 when that could not be found out.
pub fn run(config: Option<&Path>, options: &Options) -> ExitCode {
    match examine(config, options) {
        Ok(Status::Ok | Status::Warning) => ExitCode::SUCCESS,
        Ok(Status::Failure) => ExitCode::from(FAILURES),
        Err(error) => {
            eprintln!("tokenry: {error:#}");
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

fn examine(config: Option<&Path>, options: &Options) -> Result<Status> {
    let scope = Scope {
        deep: options.deep,
        sandbox: options.sandbox,
    };
    // No log: what there is to say is in the report.
    let report = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(doctor::examine(config, scope));
    // Colours on a terminal only, and not where NO_COLOR is set.
    let mut out = anstream::stdout().lock();
    let written = if options.json {
        report.write_json(&mut out)
    } else {
        report.write_text(&mut out)
    };
    written
        .and_then(|()| out.flush())
        .context("the report cannot be written")?;
    Ok(report.status())
}
