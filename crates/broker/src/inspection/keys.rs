//! Do root key and key ring belong together?

use crate::start_up::{KeyError, RootKeySource};
use storage::Storage;
use vault::{RootKey, SealReason, StartUp, Vault, VaultState, WrappedKey};

/// What is there.
#[derive(Clone)]
pub enum KeysSeen {
    /// They open.
    Open(Vault),
    /// There is nothing to open yet; the next start makes keys.
    NotMadeYet,
    /// The next start would be sealed.
    Sealed(SealReason),
}

/// Tries the root key on the key ring, as a start would, and makes nothing.
///
/// # Errors
/// When the root key cannot be used, or the database cannot be read.
pub async fn keys(storage: &dyn Storage, source: &RootKeySource) -> Result<KeysSeen, KeyError> {
    let root = match source {
        RootKeySource::File(path) => RootKey::load(path)?,
        RootKeySource::Value(value) => Some(RootKey::from_base64(value)?),
    };
    let mut tx = storage.read().await?;
    let rows = tx.key_ring().list().await?;
    let ciphertext_exists = tx.key_ring().ciphertext_exists().await?;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| WrappedKey {
            version: row.version,
            wrapped: row.wrapped,
        })
        .collect();
    Ok(
        match (
            vault::decide(root.is_some(), rows.len(), ciphertext_exists),
            root,
        ) {
            (StartUp::Open, Some(root)) => {
                let vault = Vault::open_ring(&root, &rows);
                match vault.state() {
                    VaultState::Open { .. } => KeysSeen::Open(vault),
                    VaultState::Sealed(reason) => KeysSeen::Sealed(reason),
                }
            }
            (StartUp::Sealed(reason), _) => KeysSeen::Sealed(reason),
            _ => KeysSeen::NotMadeYet,
        },
    )
}
