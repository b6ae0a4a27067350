//! The command line.
//!
//! One module per command, each with `Options` and `run`. To add one: a module, a variant of
//! [`Command`], an arm in [`run`].

mod admin;
mod doctor;
mod serve;

use crate::{config::Config, logging};
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// Tokenry looks after the OAuth authorizations of your integrations.
#[derive(Debug, Parser)]
#[command(name = "tokenry", version, about, propagate_version = true)]
struct Cli {
    /// Configuration file; `tokenry.toml` is read when it exists. `TOKENRY_*` variables come on top
    #[arg(long, global = true, value_name = "FILE", env = "TOKENRY_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Options),
    /// Run the sandbox alone: a provider to try things out against
    Sandbox(serve::SandboxOptions),
    /// Look at the installation: what is not in order, and what to do about it
    Doctor(doctor::Options),
    /// Make accounts and API keys
    #[command(subcommand)]
    Admin(admin::Command),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Before anything is loaded: what does not load is what it tells about.
    if let Command::Doctor(options) = &cli.command {
        return doctor::run(cli.config.as_deref(), options);
    }
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tokenry: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<()> {
    let config = Config::load(cli.config.as_deref())?;
    logging::init(&config.log)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run(cli.command, config))
}

async fn run(command: Command, config: Config) -> Result<()> {
    match command {
        Command::Serve(options) => serve::run(config, options).await,
        Command::Sandbox(options) => serve::run_sandbox(config, options).await,
        Command::Admin(command) => admin::run(&config, command).await,
        Command::Doctor(_) => unreachable!("it runs before the configuration is loaded"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn keys_are_made_as_documented() {
        let line = "tokenry admin create-api-key --workspace default --name N \
                    --scopes manage,publish,tokens:read,call";
        assert!(Cli::try_parse_from(line.split_whitespace()).is_ok());
        let line = "tokenry admin create-api-key --name N --scopes everything";
        assert!(Cli::try_parse_from(line.split_whitespace()).is_err());
        let line =
            "tokenry admin create-user --email a@example.com --role administrator --password-stdin";
        assert!(Cli::try_parse_from(line.split_whitespace()).is_ok());
    }
}
