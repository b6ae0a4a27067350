//! All ciphertexts there are, whatever table they are in: to try whether they open, and to seal them
//! anew with another key.
//!
//! To add a column: a variant of [`SealedColumn`], its query in every engine, its row in the
//! contract's case.

use crate::{Ciphertext, StorageError};
use async_trait::async_trait;
use model::{UserId, WorkspaceId};
use uuid::Uuid;

/// A column that holds ciphertexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealedColumn {
    /// Client secrets.
    ClientSecret,
    /// Unsaved forms.
    DraftForm,
    /// What consent flows must remember.
    FlowDetails,
    /// Access tokens.
    AccessToken,
    /// Refresh tokens.
    RefreshToken,
    /// What is sent to revoke a consent.
    RevocationRequest,
    /// What webhooks are signed with.
    WebhookSecret,
}

impl SealedColumn {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ClientSecret,
        Self::DraftForm,
        Self::FlowDetails,
        Self::AccessToken,
        Self::RefreshToken,
        Self::RevocationRequest,
        Self::WebhookSecret,
    ];

    /// Table and column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secrets.value",
            Self::DraftForm => "drafts.form",
            Self::FlowDetails => "flows.details",
            Self::AccessToken => "grants.access_token",
            Self::RefreshToken => "grants.refresh_token",
            Self::RevocationRequest => "revocations.request",
            Self::WebhookSecret => "notification_channels.secret",
        }
    }
}

/// A ciphertext and the row it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedValue {
    /// Goes up from one value of a column to the next.
    pub position: i64,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// The row's id; of a draft, its authorization's.
    pub id: Uuid,
    /// Whose draft it is.
    pub user: Option<UserId>,
    /// The ciphertext.
    pub value: Ciphertext,
}

/// Ciphertexts of all workspaces.
#[async_trait]
pub trait SealedRepository: Send {
    /// Ciphertexts of a column behind that position (0 for the first), in order, at most `limit`.
    async fn page(
        &mut self,
        column: SealedColumn,
        after: i64,
        limit: u32,
    ) -> Result<Vec<SealedValue>, StorageError>;
}
