//! A transaction, and the way to its repositories.

use crate::{
    authorizations::Authorizations, connectors::Connectors, credentials::Credentials,
    drafts::Drafts, flows::Flows, grants::Grants, history::History, key_ring::KeyRing,
    notifications::Notifications, overview::Overview, processes::Processes,
    publications::Publications, revocations::Revocations, sealed::Sealed, statistics::Statistics,
    users::Users, waiting_consents::WaitingConsents,
};
use async_trait::async_trait;
use sqlx::Sqlite;
use storage::{
    Change, StorageError, Transaction, authorizations::AuthorizationRepository,
    connectors::ConnectorRepository, credentials::CredentialRepository, drafts::DraftRepository,
    flows::FlowRepository, grants::GrantRepository, history::HistoryRepository,
    key_ring::KeyRingRepository, notifications::NotificationRepository,
    overview::OverviewRepository, processes::ProcessRepository,
    publications::PublicationRepository, revocations::RevocationRepository,
    sealed::SealedRepository, statistics::StatisticsRepository, users::UserRepository,
    waiting_consents::WaitingConsentRepository,
};
use tokio::sync::broadcast;

/// Rolled back when dropped.
pub(crate) struct SqliteTransaction {
    transaction: sqlx::Transaction<'static, Sqlite>,
    /// What to tell, and whom, once this is saved.
    announced: Vec<Change>,
    listeners: broadcast::Sender<Change>,
}

impl SqliteTransaction {
    pub(crate) fn new(
        transaction: sqlx::Transaction<'static, Sqlite>,
        listeners: broadcast::Sender<Change>,
    ) -> Self {
        Self {
            transaction,
            announced: Vec::new(),
            listeners,
        }
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    fn key_ring(&mut self) -> Box<dyn KeyRingRepository + '_> {
        Box::new(KeyRing(&mut self.transaction))
    }

    fn users(&mut self) -> Box<dyn UserRepository + '_> {
        Box::new(Users(&mut self.transaction))
    }

    fn credentials(&mut self) -> Box<dyn CredentialRepository + '_> {
        Box::new(Credentials(&mut self.transaction))
    }

    fn connectors(&mut self) -> Box<dyn ConnectorRepository + '_> {
        Box::new(Connectors(&mut self.transaction))
    }

    fn authorizations(&mut self) -> Box<dyn AuthorizationRepository + '_> {
        Box::new(Authorizations(&mut self.transaction))
    }

    fn drafts(&mut self) -> Box<dyn DraftRepository + '_> {
        Box::new(Drafts(&mut self.transaction))
    }

    fn flows(&mut self) -> Box<dyn FlowRepository + '_> {
        Box::new(Flows(&mut self.transaction))
    }

    fn grants(&mut self) -> Box<dyn GrantRepository + '_> {
        Box::new(Grants(&mut self.transaction))
    }

    fn history(&mut self) -> Box<dyn HistoryRepository + '_> {
        Box::new(History(&mut self.transaction))
    }

    fn overview(&mut self) -> Box<dyn OverviewRepository + '_> {
        Box::new(Overview(&mut self.transaction))
    }

    fn processes(&mut self) -> Box<dyn ProcessRepository + '_> {
        Box::new(Processes(&mut self.transaction))
    }

    fn revocations(&mut self) -> Box<dyn RevocationRepository + '_> {
        Box::new(Revocations(&mut self.transaction))
    }

    fn waiting_consents(&mut self) -> Box<dyn WaitingConsentRepository + '_> {
        Box::new(WaitingConsents(&mut self.transaction))
    }

    fn notifications(&mut self) -> Box<dyn NotificationRepository + '_> {
        Box::new(Notifications(&mut self.transaction))
    }

    fn publications(&mut self) -> Box<dyn PublicationRepository + '_> {
        Box::new(Publications(&mut self.transaction))
    }

    fn sealed(&mut self) -> Box<dyn SealedRepository + '_> {
        Box::new(Sealed(&mut self.transaction))
    }

    fn statistics(&mut self) -> Box<dyn StatisticsRepository + '_> {
        Box::new(Statistics(&mut self.transaction))
    }

    fn announce(&mut self, change: Change) {
        if !self.announced.contains(&change) {
            self.announced.push(change);
        }
    }

    async fn save(self: Box<Self>) -> Result<(), StorageError> {
        let Self {
            transaction,
            announced,
            listeners,
        } = *self;
        transaction.commit().await.map_err(StorageError::engine)?;
        for change in announced {
            // An error means that nobody listens.
            let _ = listeners.send(change);
        }
        Ok(())
    }

    async fn cancel(self: Box<Self>) -> Result<(), StorageError> {
        self.transaction
            .rollback()
            .await
            .map_err(StorageError::engine)
    }
}
