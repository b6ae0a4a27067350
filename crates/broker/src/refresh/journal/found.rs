//! Journals on the disk, of this process or another: finding, reading and removing them.

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::format::{Head, RECORD, RECORD_HEAD, SENT, SLOT, payload};

/// How a journal's file is called.
const EXTENSION: &str = "journal";

/// A journal on disk, of this process or another.
pub(crate) struct Found {
    /// The process it belongs to.
    pub id: Uuid,
    /// Its file, as the file system tells it from a copy.
    pub identity: String,
    path: PathBuf,
    /// Holds the lock, when its process is gone.
    lock: Option<File>,
}

/// What is written in a journal.
#[derive(Default)]
pub(crate) struct Content {
    /// Refreshes that the database had committed at least.
    pub commits: i64,
    /// Sealed answers, committed or not.
    pub records: Vec<Vec<u8>>,
    /// Attempts whose request was sent, or about to be, and whose answer is not among the records.
    pub sent: Vec<Uuid>,
    /// Records that begin but cannot be read: torn by the end of the process, or damaged.
    pub unreadable: usize,
}

/// The journals in a directory. Those of dead processes are locked by this, until dropped.
pub(crate) fn find(directory: &Path) -> io::Result<Vec<Found>> {
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let id = path
            .file_stem()
            .and_then(|stem| Uuid::parse_str(stem.to_str()?).ok());
        let (Some(id), true) = (id, path.extension().is_some_and(|e| e == EXTENSION)) else {
            continue;
        };
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            // Worked off by somebody else meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        let identity = identity(&file)?;
        let lock = file.try_lock().is_ok().then_some(file);
        found.push(Found {
            id,
            identity,
            path,
            lock,
        });
    }
    Ok(found)
}

impl Content {
    /// Whether an attempt of this process may have reached the provider.
    pub(crate) fn may_have_sent(&self, holder: Uuid) -> bool {
        self.unreadable > 0 || self.sent.contains(&holder)
    }
}

impl Found {
    /// Its process is gone.
    pub(crate) fn is_dead(&self) -> bool {
        self.lock.is_some()
    }

    /// Reads what is there.
    pub(crate) fn read(&self) -> io::Result<Content> {
        Ok(parse(&std::fs::read(&self.path)?))
    }

    /// Deletes a journal that has been worked off.
    pub(crate) fn delete(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }

    /// Puts a damaged journal aside, for people to look at.
    pub(crate) fn put_aside(self) -> io::Result<()> {
        std::fs::rename(&self.path, self.path.with_extension("damaged"))
    }
}

pub(super) fn parse(bytes: &[u8]) -> Content {
    let mut content = Content::default();
    match Head::read(bytes) {
        Some(head) => {
            content.commits = head.commits;
            // What has broken off may have said anything.
            content.unreadable += usize::from(bytes.len() / SLOT < head.slots);
        }
        None => content.unreadable += 1,
    }
    let mut at = SLOT;
    while at < bytes.len() {
        let slot = &bytes[at..];
        let mut slots = 1;
        if slot.starts_with(&SENT) {
            let holder = payload(SENT, slot).and_then(|holder| Uuid::from_slice(holder).ok());
            match holder {
                Some(holder) => content.sent.push(holder),
                None => content.unreadable += 1,
            }
        } else if slot.starts_with(&RECORD) {
            match payload(RECORD, slot) {
                Some(payload) => {
                    slots = (RECORD_HEAD + payload.len()).div_ceil(SLOT);
                    content.records.push(payload.to_vec());
                }
                None => content.unreadable += 1,
            }
        } else if slot[..slot.len().min(RECORD_HEAD)]
            .iter()
            .any(|&byte| byte != 0)
        {
            content.unreadable += 1;
        }
        at += slots * SLOT;
    }
    content
}

/// The file of a process.
pub(super) fn path_of(directory: &Path, id: Uuid) -> PathBuf {
    directory.join(format!("{id}.{EXTENSION}"))
}

#[cfg(unix)]
pub(super) fn identity(file: &File) -> io::Result<String> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = file.metadata()?;
    let born = metadata
        .created()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos());
    Ok(format!("{}:{born}", metadata.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(file: &File) -> io::Result<String> {
    let born = file.metadata()?.created()?;
    Ok(format!("{born:?}"))
}
