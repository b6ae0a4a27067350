//! `cargo xtask bench refresh`: what it takes to keep 100,000 grants fresh. The work is `server/benches/refresh.rs`,
//! which needs the crates that this one must not depend on.

use anyhow::Result;

use crate::{process, workspace::Workspace};

/// What to measure, and for how long.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Grants with tokens of one hour
    #[arg(long, default_value_t = 100_000)]
    grants: u32,
    /// Minutes; 60 are the whole hour, fewer are a window of it with the same rate
    #[arg(long, default_value_t = 10)]
    minutes: u32,
}

/// Builds a release of the server and measures it.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    process::run(
        process::cargo(workspace)
            .args(["bench", "--package", "server", "--bench", "refresh", "--"])
            .args(["--grants", &options.grants.to_string()])
            .args(["--minutes", &options.minutes.to_string()]),
    )
}
