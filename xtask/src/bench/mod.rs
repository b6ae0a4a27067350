//! `cargo xtask bench`: figures for the README and for comparing two commits. One module per benchmark.

mod refresh;
mod size;

use anyhow::Result;

use crate::workspace::Workspace;

/// What to measure.
#[derive(Debug, clap::Subcommand)]
pub enum Bench {
    /// What a browser loads for the first page, and what is shipped
    Size,
    /// What it takes to keep 100,000 grants fresh on one core
    Refresh(refresh::Options),
}

/// Runs the subcommand.
///
/// # Errors
/// When something does not build.
pub fn run(workspace: &Workspace, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Size => size::run(workspace),
        Bench::Refresh(options) => refresh::run(workspace, options),
    }
}
