//! `cargo xtask bench`: figures for the README and for comparing two commits. One module per benchmark.

mod size;

use anyhow::Result;

use crate::workspace::Workspace;

/// What to measure.
#[derive(Debug, clap::Subcommand)]
pub enum Bench {
    /// What a browser loads for the first page, and what is shipped
    Size,
}

/// Runs the subcommand.
///
/// # Errors
/// When something does not build.
pub fn run(workspace: &Workspace, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Size => size::run(workspace),
    }
}
