//! `cargo xtask`: everything that is done to this repository besides writing it.
//!
//! One module per subcommand. To add one: a module with `Options` and `run`, and a line in [`Command`].

mod bench;
mod build;
mod process;
mod run;
mod sqlx_prepare;
mod test;
mod tools;
mod ui;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::workspace::Workspace;

/// Builds, runs and tests Tokenry.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Build the web app and start the server with the sandbox
    Run(run::Options),
    /// Build the web app and the server
    Build(build::Options),
    /// Run every check and test
    Test(test::Options),
    /// Measure
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Write what the compile-time checked SQL queries need to know of the database
    SqlxPrepare(sqlx_prepare::Options),
}

fn main() -> ExitCode {
    match dispatch(Command::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode> {
    let workspace = Workspace::from_env()?;
    match command {
        Command::Run(options) => return run::run(&workspace, &options),
        Command::Build(options) => build::run(&workspace, &options)?,
        Command::Test(options) => return test::run(&workspace, &options),
        Command::Bench(bench) => bench::run(&workspace, &bench)?,
        Command::SqlxPrepare(options) => sqlx_prepare::run(&workspace, &options)?,
    }
    Ok(ExitCode::SUCCESS)
}
