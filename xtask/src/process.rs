//! Running other programs: no shell, every failure says which program it was.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

/// `cargo`, run in the workspace's root.
pub fn cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new(workspace.cargo());
    command.current_dir(workspace.root());
    command
}

/// Runs `command` with its output on ours.
///
/// # Errors
/// When the program cannot be started or does not end with success.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    check(command, status)
}

/// Runs `command` and gives what it wrote to standard output.
///
/// # Errors
/// As [`run`], and when the output is not UTF-8.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    check(command, output.status)?;
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} wrote something that is not UTF-8", describe(command)))
}

/// Whether `program` can be started and ends with success when given `args`. Its output is dropped.
pub fn succeeds(program: impl AsRef<OsStr>, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{} failed ({status})", describe(command));
    }
    Ok(())
}

/// The command line as a person would type it, for messages only.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_stem().unwrap_or(program.as_os_str()))
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
