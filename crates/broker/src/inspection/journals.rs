//! Journals of refreshes that lie on the disk.

use crate::{error::Fault, refresh::journal};
use std::{io, path::Path};
use storage::Storage;
use thiserror::Error;

/// What lies there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalsSeen {
    /// Journals of processes that are running.
    pub in_use: usize,
    /// Journals of processes that are gone. The next start, or a server that is running, works them
    /// off; after an orderly end there is nothing to do.
    pub left_behind: usize,
    /// Refreshes that were under way when those processes ended.
    pub under_way: usize,
    /// Records in them that begin but cannot be read: torn by the end of the process, or damaged.
    pub unreadable: usize,
}

/// Why the journals cannot be looked at.
#[derive(Debug, Error)]
pub enum JournalsUnseen {
    /// The directory or a file in it cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database cannot be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Looks at the journals in a directory. For a moment it holds the locks of those left behind; a
/// server that wants one of them tries again a little later.
///
/// # Errors
/// When the directory, a journal or the database cannot be read.
pub async fn journals(
    storage: &dyn Storage,
    directory: &Path,
) -> Result<JournalsSeen, JournalsUnseen> {
    let mut seen = JournalsSeen::default();
    let mut processes = Vec::new();
    for found in journal::find(directory)? {
        if found.is_dead() {
            seen.left_behind += 1;
            seen.unreadable += found.read()?.unreadable;
            processes.push(found.id);
        } else {
            seen.in_use += 1;
        }
    }
    let mut tx = storage.read().await.map_err(Fault::from)?;
    for process in processes {
        let leases = tx.grants().leases_of(process).await.map_err(Fault::from)?;
        seen.under_way += leases.len();
    }
    Ok(seen)
}
