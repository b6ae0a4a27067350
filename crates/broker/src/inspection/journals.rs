//! Journals of refreshes that lie on the disk.

use crate::refresh::journal;
use std::{io, path::Path};

/// What lies there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalsSeen {
    /// Journals of processes that are running.
    pub in_use: usize,
    /// Journals of processes that are gone: the next start, or a server that is running, works
    /// them off.
    pub left_behind: usize,
    /// Answers in the latter, committed or not.
    pub answers: usize,
    /// Records in them that begin but cannot be read: torn by the end of the process, or damaged.
    pub unreadable: usize,
}

/// Looks at the journals in a directory. For a moment it holds the locks of those left behind; a
/// server that wants one of them tries again a little later.
///
/// # Errors
/// When the directory or a journal cannot be read.
pub fn journals(directory: &Path) -> io::Result<JournalsSeen> {
    let mut seen = JournalsSeen::default();
    for found in journal::find(directory)? {
        if !found.is_dead() {
            seen.in_use += 1;
            continue;
        }
        let content = found.read()?;
        seen.left_behind += 1;
        seen.answers += content.records.len();
        seen.unreadable += content.unreadable;
    }
    Ok(seen)
}
