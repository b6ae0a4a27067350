//! The thread that writes: whatever has come together meanwhile is made durable by one fsync.

use std::{
    fs::File,
    io::{self, Seek as _, SeekFrom, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
        mpsc,
    },
};

use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    format::{Head, SLOT},
    gone,
};
use crate::failpoints;

/// Slots added at a time.
const SLOTS_AT_ONCE: usize = 16;
/// Requests worked off with one fsync.
const GROUP: usize = 64;

/// What the journal is asked.
pub(super) enum Request {
    /// Room for one answer.
    Reserve(oneshot::Sender<io::Result<usize>>),
    /// A record into a slot, fsynced.
    Write {
        slot: usize,
        record: Vec<u8>,
        done: oneshot::Sender<io::Result<()>>,
    },
    /// A slot is free again.
    Release(usize),
    /// The head says how many refreshes were committed. Not fsynced.
    Mark,
}

/// Has the file.
pub(super) struct Writer {
    file: File,
    id: Uuid,
    slots: usize,
    free: Vec<usize>,
    commits: Arc<AtomicI64>,
    sound: Arc<AtomicBool>,
}

impl Writer {
    /// Makes a new file a journal with some room.
    pub(super) fn begin(
        file: File,
        id: Uuid,
        commits: Arc<AtomicI64>,
        sound: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        let mut writer = Self {
            file,
            id,
            slots: 1,
            free: Vec::new(),
            commits,
            sound,
        };
        failpoints::pass("journal.write")?;
        writer.write_head()?;
        writer.grow()?;
        Ok(writer)
    }

    /// Until nobody can ask any more.
    pub(super) fn run(mut self, inbox: &mpsc::Receiver<Request>) {
        while let Ok(first) = inbox.recv() {
            let mut group = vec![first];
            group.extend(inbox.try_iter().take(GROUP - 1));
            self.work(group);
        }
        // Nobody can ask any more: an orderly end.
        let _ = self.write_head().and_then(|()| self.file.sync_data());
    }

    fn work(&mut self, group: Vec<Request>) {
        let mut written = Vec::new();
        let mut marked = false;
        for request in group {
            match request {
                Request::Reserve(give) => {
                    let slot = self.reserve();
                    if let Err(Ok(slot)) = give.send(slot) {
                        self.free.push(slot);
                    }
                }
                Request::Release(slot) => self.free.push(slot),
                Request::Mark => marked = true,
                Request::Write { slot, record, done } => {
                    let result = self.write_record(slot, &record);
                    written.push((done, result));
                }
            }
        }
        if marked && self.is_sound() {
            let result = self.write_head();
            // What counts is the flag it sets.
            let _ = self.judge(result);
        }
        if written.is_empty() {
            return;
        }
        let synced = failpoints::pass("journal.sync").and_then(|()| self.file.sync_data());
        let synced = self.judge(synced);
        for (done, result) in written {
            let _ = done.send(result.and(synced.as_ref().copied().map_err(copy)));
        }
    }

    fn is_sound(&self) -> bool {
        self.sound.load(Ordering::SeqCst)
    }

    /// An error is the end of this journal.
    fn judge(&self, result: io::Result<()>) -> io::Result<()> {
        if let Err(error) = &result {
            tracing::error!(%error, journal = %self.id, "the journal cannot be written");
            self.sound.store(false, Ordering::SeqCst);
        }
        result
    }

    fn reserve(&mut self) -> io::Result<usize> {
        if !self.is_sound() {
            return Err(io::Error::other("the journal has failed"));
        }
        if self.free.is_empty() {
            let grown = self.grow();
            self.judge(grown)?;
        }
        self.free.pop().ok_or_else(gone)
    }

    /// Adds slots that the disk has room for: they are written, not just announced.
    fn grow(&mut self) -> io::Result<()> {
        failpoints::pass("journal.write")?;
        let zeros = vec![0; SLOTS_AT_ONCE * SLOT];
        self.write_at(self.slots * SLOT, &zeros)?;
        self.free.extend(self.slots..self.slots + SLOTS_AT_ONCE);
        self.slots += SLOTS_AT_ONCE;
        self.write_head()?;
        failpoints::pass("journal.sync")?;
        self.file.sync_data()
    }

    fn write_record(&mut self, slot: usize, record: &[u8]) -> io::Result<()> {
        let written = failpoints::pass("journal.write").and_then(|()| {
            let slots = record.len().div_ceil(SLOT);
            let at = if slots == 1 { slot } else { self.slots };
            self.write_at(at * SLOT, record)?;
            if slots > 1 {
                self.file.set_len(((at + slots) * SLOT) as u64)?;
                // Never used again: it is rare, and the file goes when the process does.
                self.slots += slots;
                self.write_head()?;
            }
            Ok(())
        });
        self.judge(written)
    }

    fn write_head(&mut self) -> io::Result<()> {
        let head = Head {
            commits: self.commits.load(Ordering::SeqCst),
            slots: self.slots,
        };
        self.write_at(0, &head.write(self.id))
    }

    fn write_at(&mut self, at: usize, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at as u64))?;
        self.file.write_all(bytes)
    }
}

fn copy(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}
