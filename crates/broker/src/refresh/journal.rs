//! The journal: what a provider answered, on this machine's disk, before it is in the database.
//!
//! A refresh token that was spent must never be the only one left, so an answer is written and
//! fsynced here first. A refresh does not even begin before there is room for its answer.
//!
//! One file for each process, locked for as long as it lives: a file that can be locked belongs to a
//! process that is gone ([`recovery`](super::recovery) works it off). It is made of slots of
//! [`SLOT`] bytes. The first is the head; each of the others is reserved by one refresh at a time, and
//! used again when that is over. It first says that a request is about to be sent: an intent without
//! that was never acted on. Then it holds the sealed answer. An old record left in a slot does no
//! harm: its generation has passed.

use std::{
    fs::{File, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
        mpsc,
    },
};

use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::failpoints;

/// Room for one answer. A larger one takes several slots at the end of the file.
const SLOT: usize = 32 * 1024;
/// Slots added at a time.
const SLOTS_AT_ONCE: usize = 16;
/// What a head begins with.
const HEAD: [u8; 8] = *b"TKYJRNL1";
/// What a record begins with.
const RECORD: [u8; 8] = *b"TKYRECD1";
/// What the note begins with that a request is about to be sent.
const SENT: [u8; 8] = *b"TKYSENT1";
/// Bytes of a record before its payload: mark, length, checksum.
const RECORD_HEAD: usize = 8 + 4 + 8;
/// Requests worked off with one fsync.
const GROUP: usize = 64;
/// How a journal's file is called.
const EXTENSION: &str = "journal";

/// The journal of this process.
pub(crate) struct Journal {
    id: Uuid,
    requests: mpsc::Sender<Request>,
    sound: Arc<AtomicBool>,
    commits: Arc<AtomicI64>,
    identity: String,
}

/// Room for the answer of one refresh. Given back when dropped.
pub(crate) struct Reservation {
    slot: usize,
    requests: mpsc::Sender<Request>,
}

enum Request {
    Reserve(oneshot::Sender<io::Result<usize>>),
    Write {
        slot: usize,
        record: Vec<u8>,
        done: oneshot::Sender<io::Result<()>>,
    },
    Release(usize),
    /// The head says how many refreshes were committed. Not fsynced.
    Mark,
}

impl Journal {
    /// Makes the journal of a process that begins, and locks it.
    ///
    /// # Errors
    /// When it cannot be made durable: no refresh may start then.
    pub(crate) fn create(directory: &Path, id: Uuid, commits: i64) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let path = path_of(directory, id);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let made = Self::start(file, directory, id, commits);
        if made.is_err() {
            // Half a journal would be taken for a dead process.
            let _ = std::fs::remove_file(&path);
        }
        made
    }

    fn start(file: File, directory: &Path, id: Uuid, commits: i64) -> io::Result<Self> {
        file.lock()?;
        let identity = identity(&file)?;
        let commits = Arc::new(AtomicI64::new(commits));
        let sound = Arc::new(AtomicBool::new(true));
        let mut writer = Writer {
            file,
            id,
            slots: 1,
            free: Vec::new(),
            commits: Arc::clone(&commits),
            sound: Arc::clone(&sound),
        };
        failpoints::pass("journal.write")?;
        writer.write_head()?;
        writer.grow()?;
        File::open(directory)?.sync_all()?;
        let (requests, inbox) = mpsc::channel();
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&inbox))?;
        Ok(Self {
            id,
            requests,
            sound,
            commits,
            identity,
        })
    }

    /// The process it belongs to.
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// Its file, as the file system tells it from a copy.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// `false` once the disk has failed it: it is not trusted again (after a failed fsync the system
    /// may report success for pages it has lost).
    pub(crate) fn is_sound(&self) -> bool {
        self.sound.load(Ordering::SeqCst)
    }

    /// Room for one answer.
    pub(crate) async fn reserve(&self) -> io::Result<Reservation> {
        let (give, get) = oneshot::channel();
        self.send(Request::Reserve(give))?;
        let slot = get.await.map_err(|_| gone())??;
        Ok(Reservation {
            slot,
            requests: self.requests.clone(),
        })
    }

    /// Notes how many refreshes the database has committed.
    pub(crate) fn mark(&self, commits: i64) {
        if self.commits.fetch_max(commits, Ordering::SeqCst) < commits {
            let _ = self.send(Request::Mark);
        }
    }

    fn send(&self, request: Request) -> io::Result<()> {
        self.requests.send(request).map_err(|_| gone())
    }
}

impl Reservation {
    /// Notes that the request of this attempt is about to be sent. The note is on the disk when this
    /// returns.
    pub(crate) async fn note_sent(&self, holder: Uuid) -> io::Result<()> {
        self.put(record(SENT, holder.as_bytes())).await
    }

    /// Puts a sealed answer on the disk. It is there when this returns.
    pub(crate) async fn write(&self, payload: &[u8]) -> io::Result<()> {
        self.put(record(RECORD, payload)).await
    }

    async fn put(&self, record: Vec<u8>) -> io::Result<()> {
        let (done, wait) = oneshot::channel();
        let slot = self.slot;
        let request = Request::Write { slot, record, done };
        self.requests.send(request).map_err(|_| gone())?;
        wait.await.map_err(|_| gone())?
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let _ = self.requests.send(Request::Release(self.slot));
    }
}

fn gone() -> io::Error {
    io::Error::other("the journal is closed")
}

/// The thread that writes: whatever has come together meanwhile is made durable by one fsync.
struct Writer {
    file: File,
    id: Uuid,
    slots: usize,
    free: Vec<usize>,
    commits: Arc<AtomicI64>,
    sound: Arc<AtomicBool>,
}

impl Writer {
    fn run(mut self, inbox: &mpsc::Receiver<Request>) {
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
        let commits = self.commits.load(Ordering::SeqCst);
        let mut payload = self.id.as_bytes().to_vec();
        payload.extend(commits.to_le_bytes());
        payload.extend((self.slots as u64).to_le_bytes());
        let mut head = HEAD.to_vec();
        head.extend(&payload);
        head.extend(checksum(&payload));
        self.write_at(0, &head)
    }

    fn write_at(&mut self, at: usize, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at as u64))?;
        self.file.write_all(bytes)
    }
}

fn copy(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

fn record(mark: [u8; 8], payload: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(RECORD_HEAD + payload.len());
    record.extend(mark);
    // The body of an answer is limited to 1 MiB.
    record.extend(
        u32::try_from(payload.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes(),
    );
    record.extend(checksum(payload));
    record.extend(payload);
    record
}

fn checksum(payload: &[u8]) -> [u8; 8] {
    let digest = Sha256::digest(payload);
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    first
}

fn path_of(directory: &Path, id: Uuid) -> PathBuf {
    directory.join(format!("{id}.{EXTENSION}"))
}

#[cfg(unix)]
fn identity(file: &File) -> io::Result<String> {
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
fn identity(file: &File) -> io::Result<String> {
    let born = file.metadata()?.created()?;
    Ok(format!("{born:?}"))
}

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

fn parse(bytes: &[u8]) -> Content {
    let mut content = Content::default();
    match head(bytes) {
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

/// What a head says besides whose it is.
struct Head {
    commits: i64,
    slots: usize,
}

fn head(bytes: &[u8]) -> Option<Head> {
    let rest = bytes.strip_prefix(&HEAD)?;
    let (payload, rest) = rest.split_at_checked(32)?;
    (rest.get(..8)? == checksum(payload)).then_some(())?;
    let slots = u64::from_le_bytes(payload[24..].try_into().ok()?);
    Some(Head {
        commits: i64::from_le_bytes(payload[16..24].try_into().ok()?),
        slots: usize::try_from(slots).ok()?,
    })
}

fn payload(mark: [u8; 8], slot: &[u8]) -> Option<&[u8]> {
    let rest = slot.strip_prefix(&mark)?;
    let (length, rest) = rest.split_at_checked(4)?;
    let (sum, rest) = rest.split_at_checked(8)?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    let payload = rest.get(..usize::try_from(length).ok()?)?;
    (sum == checksum(payload)).then_some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    /// The one journal in a directory.
    fn only(directory: &Path) -> Found {
        let mut found = find(directory).unwrap();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[tokio::test]
    async fn what_was_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::create(folder.path(), id(1), 7).unwrap();
        let large = vec![5; 3 * SLOT];
        let mut slots = Vec::new();
        for payload in [vec![1; 10], large.clone(), vec![2; SLOT - RECORD_HEAD]] {
            let slot = journal.reserve().await.unwrap();
            slot.note_sent(id(77)).await.unwrap();
            slot.write(&payload).await.unwrap();
            slots.push(slot);
        }
        slots.push(journal.reserve().await.unwrap());
        slots[3].note_sent(id(78)).await.unwrap();
        journal.mark(9);
        journal.mark(8);
        let found = only(folder.path());
        assert!(!found.is_dead(), "its process lives");
        assert_eq!(found.identity, journal.identity());
        drop((journal, slots));
        let found = loop {
            let found = only(folder.path());
            if found.is_dead() {
                break found;
            }
            tokio::task::yield_now().await;
        };
        let content = found.read().unwrap();
        assert_eq!((content.commits, content.unreadable), (9, 0));
        assert!(content.may_have_sent(id(78)) && !content.may_have_sent(id(1)));
        let mut sizes: Vec<_> = content.records.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [10, SLOT - RECORD_HEAD, large.len()]);
        found.delete().unwrap();
        assert!(find(folder.path()).unwrap().is_empty());
    }

    #[tokio::test]
    async fn slots_are_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::create(folder.path(), id(1), 0).unwrap();
        let size = || {
            std::fs::metadata(path_of(folder.path(), id(1)))
                .unwrap()
                .len()
        };
        let before = size();
        for number in 0..100 {
            let slot = journal.reserve().await.unwrap();
            slot.write(&[number; 100]).await.unwrap();
        }
        assert_eq!(size(), before);
    }

    /// R16: every flipped bit and every truncation of a record is detected.
    #[tokio::test]
    async fn damage_is_detected() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::create(folder.path(), id(1), 3).unwrap();
        let slot = journal.reserve().await.unwrap();
        slot.write(b"an answer").await.unwrap();
        let sound = std::fs::read(path_of(folder.path(), id(1))).unwrap();
        let start = slot.slot * SLOT;
        let end = start + RECORD_HEAD + b"an answer".len();
        for bit in start * 8..end * 8 {
            let mut bytes = sound.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let content = parse(&bytes);
            assert!(
                content.records.is_empty() && content.unreadable == 1,
                "{bit}"
            );
        }
        for length in (SLOT..end).step_by(7).chain(start..end) {
            let content = parse(&sound[..length]);
            assert!(content.records.is_empty(), "{length}");
            assert!(content.may_have_sent(id(9)), "{length}");
        }
        for bit in 0..48 * 8 {
            let mut bytes = sound.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(parse(&bytes).unreadable, 1, "head, {bit}");
        }
    }
}
