//! Can refreshes be written down before they are stored, and did a process leave any behind? (R8)

use super::{Finding, patient::Patient};
use broker::inspection;
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

const CHECK: &str = "journal";

pub async fn check(patient: &Patient) -> Vec<Finding> {
    let directory = patient.journals();
    // The first start makes it.
    let probed = if directory.is_dir() {
        directory.as_path()
    } else {
        patient.config.storage.data_dir.as_path()
    };
    if !probed.is_dir() {
        return vec![Finding::skipped(CHECK, "there is no data directory")];
    }
    let shown = probed.display();
    let mut findings = vec![match probe(probed) {
        Ok(()) => Finding::ok(
            CHECK,
            format!("{shown} takes files and makes them durable."),
        ),
        Err(error) => Finding::failure(
            CHECK,
            format!("{shown} takes no files: {error}. No refresh can begin."),
            "Look for a full or read-only disk, or a wrong owner of the directory.",
        ),
    }];
    findings.extend(left_behind(patient, &directory).await);
    findings.extend(put_aside(&directory));
    findings
}

/// Writes a file, makes it durable, deletes it.
fn probe(directory: &Path) -> io::Result<()> {
    let path = directory.join(format!("doctor-{}.probe", std::process::id()));
    let mut file = File::options().write(true).create_new(true).open(&path)?;
    let written = file
        .write_all(&[0; 4096])
        .and_then(|()| file.sync_all())
        .and_then(|()| sync_directory(directory));
    let removed = fs::remove_file(&path);
    written.and(removed)
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// What processes that are gone left there.
async fn left_behind(patient: &Patient, directory: &Path) -> Option<Finding> {
    let seen = match inspection::journals(patient.readable_storage()?, directory).await {
        Ok(seen) => seen,
        Err(error) => {
            return Some(Finding::failure(
                CHECK,
                format!("The journals cannot be read: {error}."),
                "Run the doctor as the user that runs the server.",
            ));
        }
    };
    if seen.unreadable > 0 {
        return Some(Finding::warning(
            CHECK,
            format!(
                "{} records of a process that ended cannot be read: torn when it ended, or damaged.",
                seen.unreadable
            ),
            "Start the server: it stores what can be read and says which authorizations need somebody.",
        ));
    }
    (seen.under_way > 0).then(|| {
        Finding::warning(
            CHECK,
            format!(
                "A process ended while {} refreshes were under way; what was answered is in its journal.",
                seen.under_way
            ),
            "Start the server: it stores the answers. Do not delete the journals.",
        )
    })
}

/// Journals that a server could not read and kept for people to look at.
fn put_aside(directory: &Path) -> Option<Finding> {
    let entries = fs::read_dir(directory).ok()?;
    let damaged = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "damaged"))
        .count();
    (damaged > 0).then(|| {
        Finding::warning(
            CHECK,
            format!("{damaged} damaged journals were put aside."),
            "Look at the authorizations that need re-authorization, then delete the `.damaged` files.",
        )
    })
}
