//! Secrets at rest (S18–S21).
//!
//! One root key, outside the database, opens a versioned [`KeyRing`] of data keys kept inside it;
//! the newest data key seals every secret column, older ones stay readable. A sealed value is tied
//! to the [`Place`] it was written to, so a ciphertext that is moved to another row, column or
//! workspace does not open.
//!
//! - `root_key`: the file (or environment value) that everything hangs on
//! - `key_ring`: data keys, wrapped by a key derived from the root key; rotation
//! - `vault`: what the rest of the house uses: `seal` and `open`
//! - `start_up`: the decision between opening, creating and staying sealed
//! - `bearer`: making, hashing and comparing tokens that are stored as a hash only
//!
//! To seal a new column nothing is added here: the caller names it in its [`Place`].
//! A new ciphertext layout gets a new format byte in `aead`, and the old one stays readable.

mod aead;
mod bearer;
mod key_ring;
mod root_key;
mod start_up;
mod vault;

pub use bearer::{hash_token, hashes_equal, random_token};
pub use key_ring::{KeyRing, WrappedKey};
pub use root_key::{RootKey, RootKeyError};
pub use secrecy::{ExposeSecret, SecretString};
pub use start_up::{StartUp, decide};
pub use vault::{Place, SealReason, Vault, VaultError, VaultState};
pub use zeroize::Zeroizing;
