//! What must be there before requests are served: the keys (S19, S20) and the first workspace.

use crate::{
    error::Fault,
    ports::{Clock, Randomness, new_id},
};
use secrecy::SecretString;
use std::path::PathBuf;
use storage::{Storage, key_ring::KeyRecord, users::WorkspaceRecord};
use thiserror::Error;
use vault::{KeyRing, RootKey, RootKeyError, StartUp, Vault, WrappedKey};

/// Slug of the workspace that exists from the first start.
pub const DEFAULT_WORKSPACE: &str = "default";

/// Where the root key comes from.
#[derive(Clone)]
pub enum RootKeySource {
    /// A file; made on a first start with an empty database.
    File(PathBuf),
    /// The value itself, base64, from the operator's secret store; never made here.
    Value(SecretString),
}

/// Why the keys could not even be looked at.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The root key file or value cannot be used.
    #[error(transparent)]
    RootKey(#[from] RootKeyError),
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<storage::StorageError> for KeyError {
    fn from(error: storage::StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// Opens the vault: makes keys on a very first start, and seals the service when key and database
/// do not belong together.
pub async fn open_vault(
    storage: &dyn Storage,
    source: &RootKeySource,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
) -> Result<Vault, KeyError> {
    let root = match source {
        RootKeySource::File(path) => RootKey::load(path)?,
        RootKeySource::Value(value) => Some(RootKey::from_base64(value)?),
    };
    let mut tx = storage.write().await?;
    let rows = tx.key_ring().list().await?;
    let ciphertext_exists = tx.key_ring().ciphertext_exists().await?;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| WrappedKey {
            version: row.version,
            wrapped: row.wrapped,
        })
        .collect();
    let root = match (
        vault::decide(root.is_some(), rows.len(), ciphertext_exists),
        root,
        source,
    ) {
        (StartUp::Sealed(reason), ..) => return Ok(Vault::sealed(reason)),
        (StartUp::Open, Some(root), _) => return Ok(Vault::open_ring(&root, &rows)),
        (StartUp::CreateRing, Some(root), _) => root,
        (_, _, RootKeySource::File(path)) => RootKey::create(path, &mut *randomness.rng())?,
        (_, _, RootKeySource::Value(_)) => {
            return Ok(Vault::sealed(vault::SealReason::RootKeyMissing));
        }
    };
    let (ring, first) = KeyRing::create(&root, &mut *randomness.rng());
    tx.key_ring()
        .insert(&KeyRecord {
            version: first.version,
            wrapped: first.wrapped,
            created_at: clock.now(),
        })
        .await?;
    tx.save().await?;
    Ok(Vault::new(ring))
}

/// Makes the first workspace, when there is none.
pub async fn ensure_workspace(
    storage: &dyn Storage,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
) -> Result<(), Fault> {
    let mut tx = storage.write().await?;
    if tx.users().workspaces().await?.is_empty() {
        let now = clock.now();
        tx.users()
            .insert_workspace(&WorkspaceRecord {
                id: new_id(now, &mut *randomness.rng()),
                slug: DEFAULT_WORKSPACE.to_owned(),
                name: "My workspace".to_owned(),
                created_at: now,
            })
            .await?;
        tx.save().await?;
    }
    Ok(())
}
