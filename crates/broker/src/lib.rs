//! The use cases. One module and one error enum each; REST handlers and server functions call the
//! same methods of [`Broker`], so permission checks live here, once.
//!
//! | module | what a person would call it |
//! |---|---|
//! | [`accounts`] | setting up, signing in, sessions |
//! | [`api_keys`] | keys of programs |
//! | [`connectors`] | connectors |
//! | [`authorizations`] | the list, the stored authorization, deauthorize |
//! | [`client_secrets`] | several client secrets, one replacing another |
//! | [`editor`] | the form: drafts and Save |
//! | [`consent`] | Authorize: the trip to the provider and back |
//! | [`notify`] | telling people before anything breaks |
//! | [`publish`] | Publish, history, restore |
//! | [`runtime`] | what connectors read |
//! | [`revocation`] | telling providers that consents are over |
//! | [`refresh`] | keeping a grant's token fresh |
//! | [`history`], [`overview`] | how authorizations have been doing |
//! | [`live`] | what open pages are told as it happens |
//! | [`inspection`] | looking at an installation from outside: `tokenry doctor` |
//! | [`start_up`] | keys and first workspace |
//! | [`telemetry`] | what is measured |
//!
//! To add a use case: a module with its error enum and `impl Broker`, its permission in [`access`],
//! and a conversion of its errors into `Problem`.

pub mod access;
pub mod accounts;
pub mod api_keys;
pub mod authorizations;
pub mod client_secrets;
pub mod connectors;
pub mod consent;
pub mod editor;
pub mod error;
mod events;
mod failpoints;
mod grants;
pub mod history;
pub mod inspection;
pub mod live;
pub mod notify;
pub mod overview;
mod passwords;
pub mod ports;
pub mod providers;
pub mod publish;
pub mod refresh;
pub mod revocation;
pub mod runtime;
mod sealing;
#[cfg(feature = "seeding")]
pub mod seeding;
pub mod start_up;
pub mod telemetry;
mod throttle;

use chrono::{DateTime, Utc};
use oauth::{Catalogue, http::HttpClient};
use ports::{Clock, Mailer, Randomness};
use rand::CryptoRng;
use refresh::Refreshing;
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
    /// How tokens are kept fresh.
    pub refresh: refresh::Config,
    /// Refreshes that fail for longer than this are told.
    pub failing_after: chrono::TimeDelta,
}

/// What the outside provides.
#[derive(Clone)]
pub struct Ports {
    /// The database.
    pub storage: Arc<dyn Storage>,
    /// Requests to providers.
    pub http: Arc<dyn HttpClient>,
    /// Mail to people; none when the operator configured none.
    pub mailer: Option<Arc<dyn Mailer>>,
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
    refreshing: Refreshing,
    throttle: throttle::Throttle,
    overviews: overview::Overviews,
    instance: Option<String>,
}

impl Broker {
    /// Starts: loads the last publications, so that the run time serves what it served before.
    ///
    /// # Errors
    /// When the database cannot be read. A sealed vault is not an error: everything that needs no
    /// secret works, and readiness tells.
    pub async fn start(config: Config, ports: Ports) -> Result<Self, error::Fault> {
        let instance = inspection::instance(&*ports.storage).await?;
        let broker = Self(Arc::new(Inner {
            instance,
            refreshing: Refreshing::new(config.refresh),
            config,
            ports,
            documents: oauth::PublishedDocuments::default(),
            run_time: RunTime::default(),
            throttle: throttle::Throttle::default(),
            overviews: overview::Overviews::default(),
        }));
        broker.load_publications().await?;
        Ok(broker)
    }

    /// Now, by the broker's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.ports.clock.now()
    }

    /// Time that has passed, by the clock that nobody sets.
    pub(crate) fn monotonic(&self) -> std::time::Duration {
        self.0.ports.clock.monotonic()
    }

    /// What tells this installation from others; see [`inspection::instance`].
    pub fn instance(&self) -> Option<&str> {
        self.0.instance.as_deref()
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
        if !self.refreshing().is_ready() {
            return Err(NotReady::Journal);
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

    pub(crate) fn mailer(&self) -> Option<&dyn Mailer> {
        self.0.ports.mailer.as_deref()
    }

    pub(crate) fn failing_after(&self) -> chrono::TimeDelta {
        self.0.config.failing_after
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.0.config.catalogue
    }

    pub(crate) fn documents(&self) -> &oauth::PublishedDocuments {
        &self.0.documents
    }

    pub(crate) fn overviews(&self) -> &overview::Overviews {
        &self.0.overviews
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
    /// Answers of providers cannot be kept, so nothing is refreshed.
    #[error("the journal cannot be written")]
    Journal,
    /// The database does not answer, or takes no writes.
    #[error("the database does not take writes")]
    Storage(#[source] StorageError),
}
