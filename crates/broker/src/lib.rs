//! The use cases. One module and one error enum each; REST handlers and server functions call the
//! same methods of [`Broker`], so permission checks live here, once.
//!
//! | module | what a person would call it |
//! |---|---|
//! | [`accounts`] | setting up, signing in, sessions |
//! | [`api_keys`] | keys of programs |
//! | [`connectors`] | connectors |
//! | [`authorizations`] | the list, the stored authorization, deauthorize |
//! | [`editor`] | the form: drafts and Save |
//! | [`consent`] | Authorize: the trip to the provider and back |
//! | [`publish`] | Publish, history, restore |
//! | [`runtime`] | what connectors read |
//! | [`refresh`] | keeping a grant's token fresh |
//! | [`start_up`] | keys and first workspace |
//! | [`telemetry`] | what is measured |
//!
//! To add a use case: a module with its error enum and `impl Broker`, its permission in [`access`],
//! and a conversion of its errors into `Problem`.

pub mod access;
pub mod accounts;
pub mod api_keys;
pub mod authorizations;
pub mod connectors;
pub mod consent;
pub mod editor;
pub mod error;
mod events;
mod grants;
mod passwords;
pub mod ports;
pub mod providers;
pub mod publish;
pub mod refresh;
pub mod runtime;
mod sealing;
#[cfg(feature = "seeding")]
pub mod seeding;
pub mod start_up;
pub mod telemetry;
mod throttle;

use chrono::{DateTime, Utc};
use oauth::{Catalogue, http::HttpClient};
use ports::{Clock, Randomness};
use rand::CryptoRng;
use runtime::RunTime;
pub use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use storage::{Storage, StorageError, Transaction};
use url::Url;
use vault::Vault;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where browsers reach this server; redirect URIs are built from it and nothing else (S8).
    pub public_url: Url,
    /// The provider catalogue, with the operator's overrides in it.
    pub catalogue: Catalogue,
    /// How long a session may be idle.
    pub session_idle: chrono::TimeDelta,
    /// How long a session lasts at most.
    pub session_lifetime: chrono::TimeDelta,
}

/// What the outside provides.
#[derive(Clone)]
pub struct Ports {
    /// The database.
    pub storage: Arc<dyn Storage>,
    /// Requests to providers.
    pub http: Arc<dyn HttpClient>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub randomness: Arc<dyn Randomness>,
    /// Sealing of secrets.
    pub vault: Vault,
}

/// All use cases. Cheap to clone.
#[derive(Clone)]
pub struct Broker(Arc<Inner>);

struct Inner {
    config: Config,
    ports: Ports,
    documents: oauth::PublishedDocuments,
    run_time: RunTime,
    throttle: throttle::Throttle,
}

impl Broker {
    /// Starts: loads the last publications, so that the run time serves what it served before.
    ///
    /// # Errors
    /// When the database cannot be read. A sealed vault is not an error: everything that needs no
    /// secret works, and readiness tells.
    pub async fn start(config: Config, ports: Ports) -> Result<Self, error::Fault> {
        let broker = Self(Arc::new(Inner {
            config,
            ports,
            documents: oauth::PublishedDocuments::default(),
            run_time: RunTime::default(),
            throttle: throttle::Throttle::default(),
        }));
        broker.load_publications().await?;
        Ok(broker)
    }

    /// Now, by the broker's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.ports.clock.now()
    }

    /// Where browsers reach this server.
    pub fn public_url(&self) -> &Url {
        &self.0.config.public_url
    }

    /// An address on this server, for display and redirects.
    pub fn url_of(&self, path: &str) -> String {
        let base = self.public_url().as_str().trim_end_matches('/');
        format!("{base}{path}")
    }

    /// Whether requests can be answered: the database takes writes, the vault is open.
    pub async fn ready(&self) -> Result<(), NotReady> {
        if let vault::VaultState::Sealed(reason) = self.vault().state() {
            return Err(NotReady::Sealed(reason));
        }
        self.0
            .ports
            .storage
            .check()
            .await
            .map_err(NotReady::Storage)
    }

    pub(crate) fn rng(&self) -> Box<dyn CryptoRng + Send> {
        self.0.ports.randomness.rng()
    }

    pub(crate) fn new_id<Id: From<uuid::Uuid>>(&self) -> Id {
        ports::new_id(self.now(), &mut *self.rng())
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.ports.vault
    }

    pub(crate) fn http(&self) -> &dyn HttpClient {
        &*self.0.ports.http
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.0.config.catalogue
    }

    pub(crate) fn documents(&self) -> &oauth::PublishedDocuments {
        &self.0.documents
    }

    pub(crate) fn run_time(&self) -> &RunTime {
        &self.0.run_time
    }

    pub(crate) async fn read(&self) -> Result<Box<dyn Transaction>, StorageError> {
        self.0.ports.storage.read().await
    }

    pub(crate) async fn write(&self) -> Result<Box<dyn Transaction>, StorageError> {
        self.0.ports.storage.write().await
    }
}

/// Why requests cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The key and the database do not belong together.
    #[error("the vault is sealed: {0}")]
    Sealed(vault::SealReason),
    /// The database does not answer, or takes no writes.
    #[error("the database does not take writes")]
    Storage(#[source] StorageError),
}
