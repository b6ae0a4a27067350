//! From a configuration to a broker: database, keys, first workspace, catalogue, HTTP client.

use crate::{config::Config, mail::SmtpMailer};
use anyhow::{Context as _, Result};
use broker::{
    Broker, ExposeSecret as _, Ports,
    ports::{Clock, Mailer, OsRandomness, Randomness, SystemClock},
    start_up,
};
use oauth::{
    Catalogue, ProviderOverride,
    http::{AllowEntry, EgressPolicy, GuardedClient},
};
use std::{collections::BTreeMap, sync::Arc};
use storage_sqlite::SqliteStorage;
use url::Url;

/// Providers whose sign-in the sandbox stands in for.
const SANDBOX_PROVIDERS: [&str; 2] = ["azure-devops", "azure-devops-legacy"];

/// What the commands work with.
pub struct House {
    /// The use cases.
    pub broker: Broker,
    /// The database; to be closed at the end.
    pub storage: Arc<SqliteStorage>,
    /// The operating system's randomness.
    pub randomness: Arc<dyn Randomness>,
}

/// Opens everything. With `sandbox`, requests may go there, and Azure DevOps is taken to be there.
pub async fn open(config: &Config, public_url: Url, sandbox: Option<&Url>) -> Result<House> {
    let storage = Arc::new(open_storage(config).await?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let randomness: Arc<dyn Randomness> = Arc::new(OsRandomness);
    let root_key = config.storage.root_key()?;
    let vault = start_up::open_vault(&*storage, &root_key, &*clock, &*randomness)
        .await
        .context("the keys cannot be opened")?;
    if let vault::VaultState::Sealed(reason) = vault.state() {
        tracing::error!(%reason, "the vault is sealed; nothing that needs a secret will work");
    }
    start_up::ensure_workspace(&*storage, &*clock, &*randomness)
        .await
        .context("the first workspace cannot be made")?;
    let ports = Ports {
        storage: storage.clone(),
        http: Arc::new(GuardedClient::new(egress(config, sandbox)?)?),
        mailer: mailer(config, &public_url)?,
        clock,
        randomness: randomness.clone(),
        vault,
    };
    let broker = Broker::start(broker_config(config, public_url, sandbox)?, ports)
        .await
        .context("the last publications cannot be loaded")?;
    Ok(House {
        broker,
        storage,
        randomness,
    })
}

async fn open_storage(config: &Config) -> Result<SqliteStorage> {
    config.storage.create_data_dir().with_context(|| {
        let directory = config.storage.data_dir.display();
        format!("the data directory {directory} cannot be made")
    })?;
    let url = config.storage.database_url()?;
    SqliteStorage::open(url.expose_secret())
        .await
        .context("the database cannot be opened")
}

pub(crate) fn mailer(config: &Config, public_url: &Url) -> Result<Option<Arc<dyn Mailer>>> {
    let Some(server) = config.smtp.server()? else {
        return Ok(None);
    };
    Ok(Some(Arc::new(SmtpMailer::new(&server, public_url)?)))
}

pub(crate) fn egress(config: &Config, sandbox: Option<&Url>) -> Result<EgressPolicy> {
    let mut entries = config.egress.entries()?;
    entries.extend(sandbox.map(|url| AllowEntry::Origin(url.origin())));
    Ok(EgressPolicy::new(entries))
}

pub(crate) fn broker_config(
    config: &Config,
    public_url: Url,
    sandbox: Option<&Url>,
) -> Result<broker::Config> {
    let mut overrides = config.provider_overrides()?;
    if let Some(url) = sandbox {
        overrides.retain(|one| !SANDBOX_PROVIDERS.contains(&one.provider.as_str()));
        overrides.extend(SANDBOX_PROVIDERS.map(|provider| at_sandbox(provider, url)));
    }
    Ok(broker::Config {
        public_url,
        catalogue: Catalogue::load(&overrides).context("the provider catalogue")?,
        session_idle: config.session.idle(),
        session_lifetime: config.session.lifetime(),
        refresh: config.refresh.broker_config()?,
        failing_after: config.refresh.failing_after(),
    })
}

fn at_sandbox(provider: &str, url: &Url) -> ProviderOverride {
    let base = url.as_str().trim_end_matches('/').to_owned();
    ProviderOverride {
        provider: provider.to_owned(),
        bases: BTreeMap::from([("login".to_owned(), base)]),
        settings: BTreeMap::new(),
    }
}
