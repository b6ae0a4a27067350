//! `cargo xtask run`: the first minute. Builds what changed and starts the server with the sandbox.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{
    build::{self, Mode},
    ui,
    workspace::Workspace,
};

/// What to pass on to the server.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Further arguments of `tokenry serve`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Runs the subcommand. On Unix it returns only when the server cannot be started.
///
/// # Errors
/// When something does not build, or the server cannot be started.
pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    build::site(workspace, Mode::Dev)?;
    let server = build::server(workspace, Mode::Dev)?;
    ui::heading("tokenry serve --sandbox (Ctrl-C stops it)");
    let mut command = Command::new(server);
    command
        .current_dir(workspace.root())
        .args(["serve", "--sandbox"])
        .args(&options.args);
    become_process(&mut command)
}

/// The server takes this process's place, so that Ctrl-C, signals and the exit code are its own.
#[cfg(unix)]
fn become_process(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;

    Err(anyhow::Error::new(command.exec()).context("cannot start the server"))
}

/// Waits for the server and passes its exit code on.
#[cfg(not(unix))]
fn become_process(command: &mut Command) -> Result<ExitCode> {
    let code = command.status()?.code().unwrap_or(1);
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}
