//! The key ring: data keys wrapped by the root key (S19).

use crate::StorageError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// A wrapped data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// 1 for the first; ciphertexts name the version that sealed them.
    pub version: u32,
    /// The data key, sealed by the root key.
    pub wrapped: Vec<u8>,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
}

/// Wrapped data keys.
#[async_trait]
pub trait KeyRingRepository: Send {
    /// All versions, oldest first.
    async fn list(&mut self) -> Result<Vec<KeyRecord>, StorageError>;

    /// Adds a version. [`StorageError::Taken`] when it exists.
    async fn insert(&mut self, key: &KeyRecord) -> Result<(), StorageError>;

    /// Whether any table holds a ciphertext: then no new ring may be made (S20).
    async fn ciphertext_exists(&mut self) -> Result<bool, StorageError>;
}
