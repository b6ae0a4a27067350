//! Does the database open, are its tables known, is its file sound, does it take writes?

use super::{
    Finding,
    patient::{Patient, database_path},
};
use broker::ExposeSecret as _;
use std::error::Error;
use storage::{Storage as _, StorageError};
use storage_sqlite::{Schema, SqliteStorage};

const CHECK: &str = "database";

/// Opens the database, and leaves it with the patient.
pub async fn check(patient: &mut Patient) -> Vec<Finding> {
    let shown = match database_path(&patient.config) {
        Ok(path) if path.is_file() => path.display().to_string(),
        Ok(path) => return vec![missing(&path.display().to_string())],
        Err(error) => return vec![super::configuration::unusable(&error)],
    };
    let storage = match open(patient).await {
        Ok(storage) => storage,
        Err(error) => {
            return vec![Finding::failure(
                CHECK,
                format!("{shown} cannot be opened: {}.", cause(&error)),
                "Run the doctor as the user that runs the server. If the file is damaged, restore a backup.",
            )];
        }
    };
    let mut findings = vec![schema(patient, &storage).await];
    findings.push(structure(&storage, patient.scope.deep).await);
    if patient.readable {
        findings.push(writes(&storage).await);
    }
    patient.storage = Some(storage);
    findings
}

fn missing(shown: &str) -> Finding {
    Finding::failure(
        CHECK,
        format!("There is no database at {shown}."),
        "Mount or restore it, or correct `database_url`. On a first start `tokenry serve` makes it.",
    )
}

async fn open(patient: &Patient) -> Result<SqliteStorage, StorageError> {
    let url = patient.config.storage.database_url();
    let url = url.map_err(StorageError::engine)?;
    SqliteStorage::attach(url.expose_secret()).await
}

async fn schema(patient: &mut Patient, storage: &SqliteStorage) -> Finding {
    let schema = match storage.schema().await {
        Ok(schema) => schema,
        Err(error) => return unreadable(&error),
    };
    patient.readable = schema.is_current();
    let Schema {
        pending,
        unknown,
        altered,
    } = schema;
    if !altered.is_empty() {
        return Finding::failure(
            CHECK,
            format!("Its tables were made in another way than by this version ({altered:?})."),
            "Restore a backup, or use the version that made it.",
        );
    }
    if !unknown.is_empty() {
        return Finding::failure(
            CHECK,
            format!("It was used by a later version (changes {unknown:?} are not known here)."),
            "Install that version again, or restore the backup from before the update.",
        );
    }
    if !pending.is_empty() {
        return Finding::warning(
            CHECK,
            format!("It is of an earlier version; the next start applies the changes {pending:?}."),
            "Back it up, then start the server. What is in it was not looked at.",
        );
    }
    Finding::ok(CHECK, "It opens, and its tables are those of this version.")
}

async fn structure(storage: &SqliteStorage, deep: bool) -> Finding {
    match storage.damage(deep).await {
        Ok(found) if found.is_empty() => Finding::ok(
            CHECK,
            if deep {
                "Its file and all indexes are sound."
            } else {
                "Its file is sound."
            },
        ),
        Ok(found) => Finding::failure(
            CHECK,
            format!(
                "Its file is damaged in {} or more places; the first: {}.",
                found.len(),
                found[0]
            ),
            "Stop the server, keep a copy of the file, and restore a backup.",
        ),
        Err(error) => unreadable(&error),
    }
}

async fn writes(storage: &SqliteStorage) -> Finding {
    match storage.check().await {
        Ok(()) => Finding::ok(CHECK, "It takes writes."),
        Err(error) => Finding::failure(
            CHECK,
            format!("It takes no writes: {}.", cause(&error)),
            "Look for a full or read-only disk, a wrong owner of the file, or a program that holds it locked.",
        ),
    }
}

/// The finding about a database that fails while it is read.
pub fn unreadable(error: &dyn Error) -> Finding {
    Finding::failure(
        CHECK,
        format!("It cannot be read: {}.", cause(error)),
        "Stop the server, keep a copy of the file, and restore a backup.",
    )
}

/// What lies at the bottom of an error.
pub fn cause(error: &dyn Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let text = deepest.to_string();
    text.trim_end_matches('.').to_owned()
}
