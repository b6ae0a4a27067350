//! Looking at an installation without taking part in it: what `tokenry doctor` asks.
//!
//! These are functions and no methods of [`Broker`](crate::Broker), for there may be none: the key
//! is missing, the database is damaged, another process is serving. Nothing here writes, makes a
//! key or works off a journal.
//!
//! To look at something new: a module here, and a check in the server's `doctor`.

mod authorizations;
mod journals;
mod keys;
mod sealed;

pub use authorizations::{AuthorizationSeen, SecretSeen, authorizations};
pub use journals::{JournalsSeen, JournalsUnseen, journals};
pub use keys::{KeysSeen, keys};
pub use sealed::{ColumnSeen, sealed_values};

use crate::error::Fault;
use storage::Storage;
use vault::hash_token;

/// What tells this installation from others, and says nothing about it: `/healthz` has it in a
/// header, so that one can see who answers at an address. `None` before the first start.
///
/// # Errors
/// When the database cannot be read.
pub async fn instance(storage: &dyn Storage) -> Result<Option<String>, Fault> {
    let workspaces = storage.read().await?.users().workspaces().await?;
    Ok(workspaces.first().map(|first| {
        let hash = hash_token(&format!("tokenry/instance/{}", first.id));
        let start = hash.first_chunk().copied().unwrap_or_default();
        format!("{:016x}", u64::from_be_bytes(start))
    }))
}
