//! Repository traits: what Tokenry asks of a database, in words that fit any engine.
//!
//! A [`Transaction`] *is* the repositories: open one with [`Storage::read`] or [`Storage::write`],
//! reach the repositories through it, and end it with [`Transaction::save`]; dropping it rolls back.
//! What is absent is `Ok(None)` or `Ok(false)`, never an error. Times are parameters.
//!
//! To add a repository: a trait and its record here in a file of its own, an accessor in
//! [`Transaction`], one file in every engine, and its cases in [`contract`].
//!
//! Values that must not be read from a stolen database arrive here as [`Ciphertext`]; sealing and
//! opening them is the business of `vault` and of the use case.

pub mod authorizations;
pub mod connectors;
#[cfg(feature = "contract")]
pub mod contract;
pub mod credentials;
pub mod drafts;
pub mod flows;
pub mod grants;
pub mod history;
pub mod key_ring;
pub mod notifications;
pub mod overview;
pub mod processes;
pub mod publications;
pub mod revocations;
pub mod sealed;
pub mod statistics;
pub mod users;
pub mod waiting_consents;

use async_trait::async_trait;
use model::{AuthorizationId, GrantId, WorkspaceId};
use thiserror::Error;
use tokio::sync::broadcast;

/// Bytes sealed by `vault`.
#[derive(Clone, PartialEq, Eq)]
pub struct Ciphertext(pub Vec<u8>);

impl std::fmt::Debug for Ciphertext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ciphertext({} bytes)", self.0.len())
    }
}

/// SHA-256 of a bearer secret (state, session, API key, link); the secret itself is not stored.
pub type Hash = [u8; 32];

/// A database that failed. There is nothing a caller can do but give up on the request.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The engine answered an error, or could not be reached.
    #[error("the database failed")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A unique name or id is taken (names are unique in a workspace, whatever the case).
    #[error("the {0} is taken")]
    Taken(&'static str),
    /// What was read does not make sense: the database was altered or is from another version.
    #[error("the database holds a {what} that cannot be read: {why}")]
    Corrupt {
        /// Kind of record.
        what: &'static str,
        /// What is wrong with it; holds no secret.
        why: String,
    },
}

impl StorageError {
    /// Wraps an engine's own error.
    pub fn engine(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Engine(error.into())
    }
}

/// Something another part of the process, or another replica, wants to know of.
///
/// Sent after the transaction that did it was saved; it may arrive more than once or, after a
/// [lag](broadcast::error::RecvError::Lagged), not at all: a receiver reads the state again, it does not add up changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A workspace has a new publication.
    Published(WorkspaceId),
    /// A grant was created, refreshed, or changed its status.
    Grant(WorkspaceId, GrantId),
    /// The configuration of a workspace (authorizations, connectors) changed.
    Configuration(WorkspaceId),
    /// Something was told in a workspace: there is a notification, and perhaps something to deliver.
    Notified(WorkspaceId),
    /// A consent of an authorization is to be revoked, or that has come further.
    Revocation(WorkspaceId, AuthorizationId),
}

/// A database.
#[async_trait]
pub trait Storage: Send + Sync + 'static {
    /// Opens a transaction that sees one state of the database and writes nothing.
    async fn read(&self) -> Result<Box<dyn Transaction>, StorageError>;

    /// Opens a transaction that may write. It waits for its turn where the engine has one writer.
    async fn write(&self) -> Result<Box<dyn Transaction>, StorageError>;

    /// Proves that the database answers and takes writes (readiness).
    async fn check(&self) -> Result<(), StorageError>;

    /// Changes saved from now on.
    fn changes(&self) -> broadcast::Receiver<Change>;
}

/// One transaction and the repositories in it.
#[async_trait]
pub trait Transaction: Send {
    /// Wrapped data keys.
    fn key_ring(&mut self) -> Box<dyn key_ring::KeyRingRepository + '_>;
    /// Workspaces, users, memberships, setup links.
    fn users(&mut self) -> Box<dyn users::UserRepository + '_>;
    /// Sessions and API keys.
    fn credentials(&mut self) -> Box<dyn credentials::CredentialRepository + '_>;
    /// Connectors.
    fn connectors(&mut self) -> Box<dyn connectors::ConnectorRepository + '_>;
    /// Authorizations and their client secrets.
    fn authorizations(&mut self) -> Box<dyn authorizations::AuthorizationRepository + '_>;
    /// Unsaved forms.
    fn drafts(&mut self) -> Box<dyn drafts::DraftRepository + '_>;
    /// Consent flows under way, and links that begin one.
    fn flows(&mut self) -> Box<dyn flows::FlowRepository + '_>;
    /// Grants and refreshes under way.
    fn grants(&mut self) -> Box<dyn grants::GrantRepository + '_>;
    /// What happened to consents lately.
    fn history(&mut self) -> Box<dyn history::HistoryRepository + '_>;
    /// All authorizations at a glance.
    fn overview(&mut self) -> Box<dyn overview::OverviewRepository + '_>;
    /// Processes that keep a journal.
    fn processes(&mut self) -> Box<dyn processes::ProcessRepository + '_>;
    /// What is to be revoked at providers.
    fn revocations(&mut self) -> Box<dyn revocations::RevocationRepository + '_>;
    /// Consents that wait for a person's word.
    fn waiting_consents(&mut self) -> Box<dyn waiting_consents::WaitingConsentRepository + '_>;
    /// What people were told, and how it reaches them.
    fn notifications(&mut self) -> Box<dyn notifications::NotificationRepository + '_>;
    /// Publications.
    fn publications(&mut self) -> Box<dyn publications::PublicationRepository + '_>;
    /// Ciphertexts, whatever table they are in.
    fn sealed(&mut self) -> Box<dyn sealed::SealedRepository + '_>;
    /// Counts for the operator's graphs.
    fn statistics(&mut self) -> Box<dyn statistics::StatisticsRepository + '_>;

    /// Announces a change to everybody who listens, once this transaction is saved.
    fn announce(&mut self, change: Change);

    /// Commits.
    async fn save(self: Box<Self>) -> Result<(), StorageError>;
    /// Rolls back, and tells if that failed. Dropping does the same silently.
    async fn cancel(self: Box<Self>) -> Result<(), StorageError>;
}
