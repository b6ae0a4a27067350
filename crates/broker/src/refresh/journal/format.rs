//! How a journal's file is made up, to write and to read.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Room for one answer. A larger one takes several slots at the end of the file.
pub(super) const SLOT: usize = 32 * 1024;
/// What a head begins with.
const HEAD: [u8; 8] = *b"TKYJRNL1";
/// What a record begins with.
pub(super) const RECORD: [u8; 8] = *b"TKYRECD1";
/// What the note begins with that a request is about to be sent.
pub(super) const SENT: [u8; 8] = *b"TKYSENT1";
/// Bytes of a record before its payload: mark, length, checksum.
pub(super) const RECORD_HEAD: usize = 8 + 4 + 8;

/// What a head says besides whose it is.
pub(super) struct Head {
    pub commits: i64,
    pub slots: usize,
}

impl Head {
    pub(super) fn write(&self, id: Uuid) -> Vec<u8> {
        let mut payload = id.as_bytes().to_vec();
        payload.extend(self.commits.to_le_bytes());
        payload.extend((self.slots as u64).to_le_bytes());
        let mut head = HEAD.to_vec();
        head.extend(&payload);
        head.extend(checksum(&payload));
        head
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&HEAD)?;
        let (payload, rest) = rest.split_at_checked(32)?;
        (rest.get(..8)? == checksum(payload)).then_some(())?;
        let slots = u64::from_le_bytes(payload[24..].try_into().ok()?);
        Some(Self {
            commits: i64::from_le_bytes(payload[16..24].try_into().ok()?),
            slots: usize::try_from(slots).ok()?,
        })
    }
}

pub(super) fn record(mark: [u8; 8], payload: &[u8]) -> Vec<u8> {
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

/// The payload of a record with this mark, if it is whole.
pub(super) fn payload(mark: [u8; 8], slot: &[u8]) -> Option<&[u8]> {
    let rest = slot.strip_prefix(&mark)?;
    let (length, rest) = rest.split_at_checked(4)?;
    let (sum, rest) = rest.split_at_checked(8)?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    let payload = rest.get(..usize::try_from(length).ok()?)?;
    (sum == checksum(payload)).then_some(payload)
}

fn checksum(payload: &[u8]) -> [u8; 8] {
    let digest = Sha256::digest(payload);
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    first
}
