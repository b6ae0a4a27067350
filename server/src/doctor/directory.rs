//! Is the data directory there, its owner's alone, and is there room in it?

use super::{
    Finding,
    patient::{Patient, database_path},
};
use std::path::Path;

const CHECK: &str = "data_directory";
const SPACE: &str = "disk_space";
const MIB: u64 = 1024 * 1024;
/// With less, the database and the journal soon fail.
const TOO_LITTLE: u64 = 100 * MIB;
/// With less, somebody should make room.
const LITTLE: u64 = 1024 * MIB;

pub fn check(patient: &Patient) -> Vec<Finding> {
    let directory = &patient.config.storage.data_dir;
    let shown = directory.display();
    if !directory.is_dir() {
        let next = "Mount or restore it, or correct `data_dir`. On a first start `tokenry serve` makes it.";
        return vec![Finding::failure(
            CHECK,
            format!("There is no directory {shown}."),
            next,
        )];
    }
    let mut findings = vec![mode(directory)];
    findings.push(space(directory));
    // The database may be told to be on another disk.
    if let Ok(path) = database_path(&patient.config)
        && let Some(elsewhere) = path.parent()
        && elsewhere != directory
        && elsewhere.is_dir()
    {
        findings.push(space(elsewhere));
    }
    findings
}

#[cfg(unix)]
fn mode(directory: &Path) -> Finding {
    use std::os::unix::fs::PermissionsExt as _;
    let shown = directory.display();
    match std::fs::metadata(directory) {
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o777;
            // Neither group nor others.
            if mode.trailing_zeros() >= 6 {
                return Finding::ok(CHECK, format!("{shown} is its owner's alone."));
            }
            Finding::warning(
                CHECK,
                format!("{shown} has mode {mode:03o}: others can see what is in it."),
                format!("Run `chmod 700 {shown}`."),
            )
        }
        Err(error) => Finding::failure(
            CHECK,
            format!("{shown} cannot be looked at: {error}."),
            "Run the doctor as the user that runs the server.",
        ),
    }
}

#[cfg(not(unix))]
fn mode(directory: &Path) -> Finding {
    Finding::ok(CHECK, format!("{} is there.", directory.display()))
}

#[cfg(unix)]
fn space(directory: &Path) -> Finding {
    let shown = directory.display();
    let free = match rustix::fs::statvfs(directory) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => {
            return Finding::warning(
                SPACE,
                format!("The disk of {shown} does not tell how full it is: {error}."),
                "Look at it with `df`.",
            );
        }
    };
    let summary = format!("{} MiB are free at {shown}.", free / MIB);
    let next = "Make room: without any, no refresh begins and nothing can be saved.";
    match free {
        ..TOO_LITTLE => Finding::failure(SPACE, summary, next),
        TOO_LITTLE..LITTLE => Finding::warning(SPACE, summary, next),
        LITTLE.. => Finding::ok(SPACE, summary),
    }
}

#[cfg(not(unix))]
fn space(directory: &Path) -> Finding {
    let summary = format!("Not looked at for {} on this system.", directory.display());
    Finding::ok(SPACE, summary)
}
