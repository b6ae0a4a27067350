//! What the checks share: the configuration, and what earlier checks have opened.

use super::Scope;
use crate::{
    config::{Config, ConfigError, url_of},
    startup,
};
use anyhow::{Context as _, Result};
use broker::{
    inspection::AuthorizationSeen,
    ports::{Clock as _, SystemClock},
};
use chrono::{DateTime, Utc};
use oauth::{
    Catalogue,
    http::{AllowEntry, EgressPolicy, GuardedClient, Limits},
};
use std::{path::PathBuf, time::Duration};
use storage_sqlite::SqliteStorage;
use url::Url;
use vault::Vault;

/// How long somebody who is asked may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// An installation that is looked at.
pub struct Patient {
    /// Its configuration, which is valid.
    pub config: Config,
    /// How closely it is looked at.
    pub scope: Scope,
    /// The providers.
    pub catalogue: Catalogue,
    /// Where browsers reach it.
    pub public_url: Url,
    /// Requests to providers, under the operator's egress rules.
    pub http: GuardedClient,
    /// The rules alone.
    pub egress: EgressPolicy,
    clock: SystemClock,
    /// The database, once it has been opened.
    pub storage: Option<SqliteStorage>,
    /// Whether the tables are those of this version: only then can they be read.
    pub readable: bool,
    /// The keys, once they have been opened.
    pub vault: Option<Vault>,
    /// The active authorizations, once they have been read.
    pub authorizations: Option<Vec<AuthorizationSeen>>,
    /// What it answers as, once its public URL has been found to lead here.
    pub instance: Option<String>,
}

impl Patient {
    /// Nothing has been opened yet.
    pub fn new(config: Config, scope: Scope) -> Result<Self> {
        let sandbox = scope.sandbox.then(|| url_of(config.sandbox_listen));
        let public_url = config.public_url_at(config.listen);
        let egress = startup::egress(&config, sandbox.as_ref())?;
        let http = GuardedClient::new(egress.clone()).context("TLS cannot be set up")?;
        let broker = startup::broker_config(&config, public_url.clone(), sandbox.as_ref())?;
        Ok(Self {
            http: http.with_limits(patient_limits()),
            catalogue: broker.catalogue,
            egress,
            public_url,
            scope,
            config,
            clock: SystemClock,
            storage: None,
            readable: false,
            vault: None,
            authorizations: None,
            instance: None,
        })
    }

    /// The database, if its tables can be read.
    pub fn readable_storage(&self) -> Option<&SqliteStorage> {
        self.storage.as_ref().filter(|_| self.readable)
    }

    /// Where the refresh journals are.
    pub fn journals(&self) -> PathBuf {
        self.config.storage.data_dir.join("journal")
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A client that reaches the installation itself, wherever the operator has put it.
    pub fn own_client(&self) -> Result<GuardedClient> {
        let own = [self.public_url.clone(), url_of(self.config.listen)];
        let entries = own.map(|url| AllowEntry::Origin(url.origin()));
        let client = GuardedClient::new(EgressPolicy::new(entries.into()))?;
        Ok(client.with_limits(patient_limits()))
    }

    /// Lets go of the database.
    pub async fn close(self) {
        if let Some(storage) = self.storage {
            storage.close().await;
        }
    }
}

fn patient_limits() -> Limits {
    Limits {
        total: PATIENCE,
        ..Limits::default()
    }
}

/// Where the database is, in words: the path alone, since a URL may hold more.
pub fn database_path(config: &Config) -> Result<PathBuf, ConfigError> {
    use broker::ExposeSecret as _;
    let url = config.storage.database_url()?;
    let path = url.expose_secret().trim_start_matches("sqlite:");
    let path = path.trim_start_matches("//");
    Ok(PathBuf::from(path.split('?').next().unwrap_or(path)))
}
