//! Is the root key there, its owner's alone, and the one of this database? (S19, S20)

use super::{Finding, patient::Patient};
use broker::{
    inspection::{self, KeysSeen},
    start_up::{KeyError, RootKeySource},
};
use vault::{RootKeyError, SealReason, VaultState};

const CHECK: &str = "root_key";

/// Opens the keys, and leaves them with the patient.
pub async fn check(patient: &mut Patient) -> Vec<Finding> {
    let source = match patient.config.storage.root_key() {
        Ok(source) => source,
        Err(error) => return vec![super::configuration::unusable(&error)],
    };
    let Some(storage) = patient.readable_storage() else {
        return vec![Finding::skipped(CHECK, "the database cannot be read")];
    };
    let finding = match inspection::keys(storage, &source).await {
        Ok(KeysSeen::Open(vault)) => {
            let finding = opens(vault.state(), &source);
            patient.vault = Some(vault);
            finding
        }
        Ok(KeysSeen::NotMadeYet) => Finding::warning(
            CHECK,
            "There are no keys yet, and nothing that is sealed.",
            "Start the server: it makes them.",
        ),
        Ok(KeysSeen::Sealed(reason)) => sealed(reason, &source),
        Err(KeyError::RootKey(error)) => unusable(&error),
        Err(KeyError::Fault(error)) => super::database::unreadable(&error),
    };
    vec![finding]
}

fn opens(state: VaultState, source: &RootKeySource) -> Finding {
    let version = match state {
        VaultState::Open { key_version } => key_version,
        VaultState::Sealed(reason) => return sealed(reason, source),
    };
    let summary = format!("{} opens the key ring (version {version}).", place(source));
    Finding::ok(CHECK, summary)
}

fn sealed(reason: SealReason, source: &RootKeySource) -> Finding {
    let place = place(source);
    let (summary, next) = match reason {
        SealReason::RootKeyMissing => (
            format!("{place} is missing, and the database holds what it sealed."),
            "Put the key of this database back, from wherever you keep its copy. No other will do.",
        ),
        SealReason::RootKeyWrong => (
            format!("{place} is not the key of this database."),
            "Put the key back that belongs to this database, or the database that belongs to this key.",
        ),
        SealReason::RootKeyUnreadable => (
            format!("{place} cannot be read."),
            "Run the doctor as the user that runs the server.",
        ),
        SealReason::KeyRingMissing | SealReason::KeyRingDamaged => (
            "The key ring in the database is missing or damaged.".to_owned(),
            "Restore a backup of the database.",
        ),
    };
    Finding::failure(CHECK, summary, next)
}

fn unusable(error: &RootKeyError) -> Finding {
    let next = match error {
        RootKeyError::Exposed { path, .. } => format!(
            "Run `chmod 600 {}`, and ask yourself who may have read it.",
            path.display()
        ),
        RootKeyError::Malformed => {
            "Put the key of this database back; a file that was edited is no key.".to_owned()
        }
        RootKeyError::Exists(_) | RootKeyError::Io { .. } => {
            "Run the doctor as the user that runs the server.".to_owned()
        }
    };
    Finding::failure(CHECK, format!("It cannot be used: {error}."), next)
}

fn place(source: &RootKeySource) -> String {
    match source {
        RootKeySource::File(path) => path.display().to_string(),
        RootKeySource::Value(_) => "The value of `root_key`".to_owned(),
    }
}
