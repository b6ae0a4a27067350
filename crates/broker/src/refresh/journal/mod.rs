//! The journal: what a provider answered, on this machine's disk, before it is in the database.
//!
//! A refresh token that was spent must never be the only one left, so an answer is written and
//! fsynced here first. A refresh does not even begin before there is room for its answer.
//!
//! One file for each process, locked for as long as it lives: a file that can be locked belongs to a
//! process that is gone ([`recovery`](super::recovery) works it off). It is made of slots of
//! [`SLOT`](format::SLOT) bytes. The first is the head; each of the others is reserved by one refresh at a time, and
//! used again when that is over. It first says that a request is about to be sent: an intent without
//! that was never acted on. Then it holds the sealed answer. An old record left in a slot does no
//! harm: its generation has passed.

mod format;
mod found;
mod writer;

pub(crate) use found::{Content, Found, find};

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
        mpsc,
    },
};

use format::{RECORD, SENT, record};
use found::{identity, path_of};
use tokio::sync::oneshot;
use uuid::Uuid;
use writer::{Request, Writer};

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

impl Journal {
    /// Makes the journal of a process that begins, and locks it.
    ///
    /// # Errors
    /// When it cannot be made durable: no refresh may start then.
    pub(crate) fn create(directory: &Path, id: Uuid, commits: i64) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let path = path_of(directory, id);
        // Under its own name only once it is locked: others would take it for a dead process's.
        let new = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&new)?;
        let made = Self::start(file, id, commits).and_then(|journal| {
            std::fs::rename(&new, &path)?;
            File::open(directory)?.sync_all()?;
            Ok(journal)
        });
        if made.is_err() {
            let _ = std::fs::remove_file(&new);
            let _ = std::fs::remove_file(&path);
        }
        made
    }

    fn start(file: File, id: Uuid, commits: i64) -> io::Result<Self> {
        file.lock()?;
        let identity = identity(&file)?;
        let commits = Arc::new(AtomicI64::new(commits));
        let sound = Arc::new(AtomicBool::new(true));
        let writer = Writer::begin(file, id, Arc::clone(&commits), Arc::clone(&sound))?;
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

/// The writer has ended.
fn gone() -> io::Error {
    io::Error::other("the journal is closed")
}

#[cfg(test)]
mod tests {
    use super::{
        format::{RECORD_HEAD, SLOT},
        found::parse,
        *,
    };

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
