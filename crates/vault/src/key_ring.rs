//! The key ring: versioned data keys, each wrapped by a key derived from the root key (S19).
//!
//! The caller persists the [`WrappedKey`] rows; unwrapped keys exist in memory only. Rotation adds
//! a version: new values are sealed with it, old ones stay readable, and a background job may
//! re-seal them at leisure, since a value names the version that sealed it.

use std::{collections::BTreeMap, fmt};

use rand::CryptoRng;

use crate::{
    aead::{KEY_LENGTH, Key, decrypt, encrypt_onto, generate_key},
    root_key::RootKey,
    vault::SealReason,
};

const WRAPPING_PURPOSE: &[u8] = b"tokenry/key-ring/wrap/v1";
const WRAPPED_FORMAT: u8 = 1;

/// A data key as it lies in the database (table `key_ring`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Counts up from 1; the highest one seals.
    pub version: u32,
    /// The key, encrypted under the root key. Not a secret without it.
    pub wrapped: Vec<u8>,
}

/// The data keys, by version.
#[derive(Clone)]
pub struct KeyRing {
    keys: BTreeMap<u32, Key>,
}

impl KeyRing {
    /// A ring with one new key, version 1, and the row to persist before anything is sealed.
    pub fn create(root: &RootKey, rng: &mut (impl CryptoRng + ?Sized)) -> (Self, WrappedKey) {
        let mut created = Self {
            keys: BTreeMap::new(),
        };
        let row = created.add(1, root, rng);
        (created, row)
    }

    /// Unwraps all rows.
    ///
    /// # Errors
    /// [`SealReason::KeyRingMissing`] without rows; [`SealReason::RootKeyWrong`] when the root key
    /// opens none of them; [`SealReason::KeyRingDamaged`] when it opens only some.
    pub fn open(root: &RootKey, rows: &[WrappedKey]) -> Result<Self, SealReason> {
        if rows.is_empty() {
            return Err(SealReason::KeyRingMissing);
        }
        let wrapping = root.derive(WRAPPING_PURPOSE);
        let keys: BTreeMap<u32, Key> = rows
            .iter()
            .filter_map(|row| Some((row.version, unwrap(&wrapping, row)?)))
            .collect();
        match keys.len() {
            0 => Err(SealReason::RootKeyWrong),
            opened if opened == rows.len() => Ok(Self { keys }),
            // Going on with a part would make some secrets look lost: fail closed instead.
            _ => Err(SealReason::KeyRingDamaged),
        }
    }

    /// A ring with one more version, and the row to persist before the new ring is used.
    #[must_use]
    pub fn rotate(
        &self,
        root: &RootKey,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> (Self, WrappedKey) {
        let mut rotated = self.clone();
        let row = rotated.add(self.current_version() + 1, root, rng);
        (rotated, row)
    }

    /// All rows wrapped anew under another root key; the data stays as it is.
    #[must_use]
    pub fn rewrap(&self, root: &RootKey, rng: &mut (impl CryptoRng + ?Sized)) -> Vec<WrappedKey> {
        let wrapping = root.derive(WRAPPING_PURPOSE);
        self.keys
            .iter()
            .map(|(&version, key)| wrap(&wrapping, version, key, rng))
            .collect()
    }

    /// The version that seals new values.
    pub fn current_version(&self) -> u32 {
        self.keys
            .last_key_value()
            .map_or(0, |(&version, _)| version)
    }

    pub(crate) fn current(&self) -> Option<(u32, &Key)> {
        self.keys
            .last_key_value()
            .map(|(&version, key)| (version, key))
    }

    pub(crate) fn get(&self, version: u32) -> Option<&Key> {
        self.keys.get(&version)
    }

    fn add(
        &mut self,
        version: u32,
        root: &RootKey,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> WrappedKey {
        let key = generate_key(rng);
        let row = wrap(&root.derive(WRAPPING_PURPOSE), version, &key, rng);
        self.keys.insert(version, key);
        row
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("versions", &self.keys.keys())
            .finish_non_exhaustive()
    }
}

fn wrap(
    wrapping: &Key,
    version: u32,
    key: &Key,
    rng: &mut (impl CryptoRng + ?Sized),
) -> WrappedKey {
    let mut wrapped = vec![WRAPPED_FORMAT];
    encrypt_onto(
        &mut wrapped,
        wrapping,
        &associated(version),
        key.as_slice(),
        rng,
    );
    WrappedKey { version, wrapped }
}

fn unwrap(wrapping: &Key, row: &WrappedKey) -> Option<Key> {
    let sealed = row.wrapped.strip_prefix(&[WRAPPED_FORMAT])?;
    let key = decrypt(wrapping, &associated(row.version), sealed).ok()?;
    let key: [u8; KEY_LENGTH] = key.as_slice().try_into().ok()?;
    Some(Key::new(key))
}

/// Binds a wrapped key to its version, so that rows can't be swapped.
fn associated(version: u32) -> Vec<u8> {
    [b"data-key".as_slice(), &version.to_be_bytes()].concat()
}
