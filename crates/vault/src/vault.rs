//! `seal` and `open`: what the rest of the house uses.
//!
//! Layout of a sealed value: `format (1) ‖ key version (4, big endian) ‖ nonce ‖ ciphertext ‖ tag`.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{
    aead::{decrypt, encrypt_onto},
    key_ring::{KeyRing, WrappedKey},
    root_key::RootKey,
};

const FORMAT: u8 = 1;

/// Where a sealed value lives. It opens nowhere else (S18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Id of the workspace that owns the row; empty for rows of the whole installation.
    pub workspace: &'a str,
    /// Table name.
    pub table: &'a str,
    /// Primary key of the row, as text.
    pub row: &'a str,
    /// Column name.
    pub column: &'a str,
}

impl Place<'_> {
    /// The associated data. Each part carries its length, so that no two places read the same.
    fn associated_data(&self, key_version: u32) -> Vec<u8> {
        let mut data = b"tokenry/sealed/v1".to_vec();
        for part in [self.workspace, self.table, self.row, self.column] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data.extend_from_slice(&key_version.to_be_bytes());
        data
    }
}

/// Why the vault answers nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealReason {
    /// Sealed data exists, the root key does not.
    #[error("the root key is missing while sealed data exists: put the key file back")]
    RootKeyMissing,
    /// The root key file is there but can't be used (permissions, contents).
    #[error("the root key can't be read: see the start-up log")]
    RootKeyUnreadable,
    /// The root key opens no row of the key ring.
    #[error("the root key is not the one that sealed this database")]
    RootKeyWrong,
    /// Sealed data exists, the key ring does not.
    #[error("the key ring is missing while sealed data exists: restore the database")]
    KeyRingMissing,
    /// Some rows of the key ring do not open.
    #[error("the key ring is damaged: restore the database")]
    KeyRingDamaged,
}

/// Why a value was not sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The vault has no keys (S20).
    #[error("the vault is sealed: {0}")]
    Sealed(SealReason),
    /// Shorter than any sealed value, or of an unknown format.
    #[error("the sealed value is malformed")]
    Malformed,
    /// Sealed with a key version that the ring does not hold.
    #[error("the sealed value needs key version {0}, which the key ring does not hold")]
    UnknownKeyVersion(u32),
    /// Altered, or moved from the place it was sealed for.
    #[error("the sealed value was altered or moved")]
    NotAuthentic,
    /// Opened, but the bytes are not text.
    #[error("the sealed value is not text")]
    NotText,
}

/// What readiness reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultState {
    /// Working.
    Open {
        /// The key version that seals new values.
        key_version: u32,
    },
    /// Answering nothing.
    Sealed(SealReason),
}

/// Seals and opens secret values. Cheap to clone; all clones share one key ring.
#[derive(Clone)]
pub struct Vault {
    ring: Arc<RwLock<Result<Arc<KeyRing>, SealReason>>>,
}

impl Vault {
    /// A working vault.
    pub fn new(ring: KeyRing) -> Self {
        Self::with(Ok(Arc::new(ring)))
    }

    /// A vault that answers [`VaultError::Sealed`] to everything.
    pub fn sealed(reason: SealReason) -> Self {
        Self::with(Err(reason))
    }

    /// Opens the persisted ring; a vault that stays sealed with the reason when it does not open.
    pub fn open_ring(root: &RootKey, rows: &[WrappedKey]) -> Self {
        Self::with(KeyRing::open(root, rows).map(Arc::new))
    }

    /// Whether the vault works.
    pub fn state(&self) -> VaultState {
        match &*self.ring.read().unwrap_or_else(PoisonError::into_inner) {
            Ok(ring) => VaultState::Open {
                key_version: ring.current_version(),
            },
            Err(reason) => VaultState::Sealed(*reason),
        }
    }

    /// The ring in use, for rotation.
    pub fn ring(&self) -> Result<Arc<KeyRing>, VaultError> {
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .map_err(VaultError::Sealed)
    }

    /// Swaps the ring in every clone: after a rotation was persisted.
    pub fn replace_ring(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Ok(Arc::new(ring));
    }

    /// Seals `plaintext` for `place` with the newest key.
    pub fn seal(
        &self,
        place: &Place<'_>,
        plaintext: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, VaultError> {
        let keys = self.ring()?;
        let (version, key) = keys
            .current()
            .ok_or(VaultError::Sealed(SealReason::KeyRingMissing))?;
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&version.to_be_bytes());
        encrypt_onto(
            &mut sealed,
            key,
            &place.associated_data(version),
            plaintext,
            rng,
        );
        Ok(sealed)
    }

    /// Opens what [`Vault::seal`] made for the same place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let ring = self.ring()?;
        let (version, body) = split_header(sealed)?;
        let key = ring
            .get(version)
            .ok_or(VaultError::UnknownKeyVersion(version))?;
        decrypt(key, &place.associated_data(version), body).map_err(|_| VaultError::NotAuthentic)
    }

    /// [`Vault::seal`] for text.
    pub fn seal_string(
        &self,
        place: &Place<'_>,
        secret: &SecretString,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, VaultError> {
        self.seal(place, secret.expose_secret().as_bytes(), rng)
    }

    /// [`Vault::open`] for text.
    pub fn open_string(
        &self,
        place: &Place<'_>,
        sealed: &[u8],
    ) -> Result<SecretString, VaultError> {
        let bytes = self.open(place, sealed)?;
        std::str::from_utf8(&bytes)
            .map(SecretString::from)
            .map_err(|_| VaultError::NotText)
    }

    /// The key version a sealed value names: a rotation job looks for values below the newest.
    pub fn key_version_of(sealed: &[u8]) -> Result<u32, VaultError> {
        split_header(sealed).map(|(version, _)| version)
    }

    fn with(ring: Result<Arc<KeyRing>, SealReason>) -> Self {
        Self {
            ring: Arc::new(RwLock::new(ring)),
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.state()).finish()
    }
}

fn split_header(sealed: &[u8]) -> Result<(u32, &[u8]), VaultError> {
    let (&format, rest) = sealed.split_first().ok_or(VaultError::Malformed)?;
    if format != FORMAT {
        return Err(VaultError::Malformed);
    }
    let (version, body) = rest.split_first_chunk().ok_or(VaultError::Malformed)?;
    Ok((u32::from_be_bytes(*version), body))
}
