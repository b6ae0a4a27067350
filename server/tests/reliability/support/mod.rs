//! A world for one test: a sandbox, a data folder, and as many servers on it as the test starts.
//!
//! Everything is a real process with a clean environment. The sandbox's memory survives the servers, so that its
//! ledger can judge them.

pub mod figures;
pub mod http;
pub mod judge;
pub mod process;
pub mod provider;
pub mod readers;
pub mod server;
pub mod wait;

use self::{http::Http, process::free_address, provider::Provider, server::Server};
use ::server::{
    config::Config,
    startup::{self, House},
};
use broker::{
    ExposeSecret as _, SecretString,
    access::{Actor, KeyActor},
    ports::{Clock as _, SystemClock, new_id},
    seeding::{Seed, SeedTokens},
    start_up::DEFAULT_WORKSPACE,
};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    AuthorizationId, GrantId,
    api_key::{ApiKeyInput, KeyScope},
};
use provider::Registration;
use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use storage::Storage as _;
use tempfile::TempDir;

/// One test's surroundings.
pub struct World {
    /// The provider; its ledger is the judge.
    pub provider: Provider,
    /// For whatever is asked of the servers.
    pub http: Http,
    /// A key for everything.
    pub key: String,
    public_url: String,
    folder: TempDir,
    /// See [`Turn`].
    _turn: File,
}

/// Tests take turns, whatever runs them, by a file lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// It needs the machine for itself: it measures times, or is a storm.
    Alone,
    /// It mostly waits, and others like it may do so at the same time.
    Shared,
}

/// An authorization that was seeded, with what it was seeded with.
#[derive(Clone, Debug)]
pub struct Grant {
    pub authorization: AuthorizationId,
    pub id: GrantId,
    /// What the sandbox's ledger calls its tokens.
    pub family: String,
    pub access_token: String,
    pub refresh_token: String,
}

/// How the tokens of seeded grants stand.
#[derive(Clone, Copy, Debug)]
pub struct Age {
    /// What the provider said.
    pub lifetime: Duration,
    /// How much of it is over.
    pub over: TimeDelta,
    /// When the scheduler is to look at them, from now; `None`: when the lifetime says so.
    pub next_refresh: Option<TimeDelta>,
}

impl Age {
    /// Tokens of an hour whose time to be refreshed has come long ago, and which are good for 10 minutes more.
    pub fn due() -> Self {
        Self {
            lifetime: Duration::from_hours(1),
            over: TimeDelta::minutes(50),
            next_refresh: None,
        }
    }

    /// Tokens of an hour that were made just now.
    pub fn fresh() -> Self {
        Self {
            over: TimeDelta::zero(),
            ..Self::due()
        }
    }
}

impl World {
    /// A running sandbox, and a data folder with a key in it. Nothing else runs meanwhile.
    pub async fn new() -> Self {
        Self::make(Turn::Alone).await
    }

    /// The same for a test that mostly waits: others like it may run meanwhile.
    pub async fn shared() -> Self {
        Self::make(Turn::Shared).await
    }

    async fn make(turn: Turn) -> Self {
        raise_file_limit();
        let turn = take_turn(turn).await;
        let folder = tempfile::Builder::new()
            .prefix("tokenry-reliability-")
            .tempdir()
            .expect("a folder for the test");
        let http = Http::new();
        let public_url = format!("http://{}", free_address());
        let provider = Provider::start(folder.path(), http.clone(), &public_url).await;
        let mut world = Self {
            provider,
            http,
            key: String::new(),
            public_url,
            folder,
            _turn: turn,
        };
        let house = world.open().await;
        let input = ApiKeyInput {
            name: "test".to_owned(),
            scopes: KeyScope::ALL.to_vec(),
            expires_on: None,
        };
        let created = house
            .broker
            .create_api_key_in(DEFAULT_WORKSPACE, input)
            .await
            .expect("a key");
        world.key = created.key;
        house.storage.close().await;
        world
    }

    /// Where logs and the data folder are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Database, root key and journal.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// How many journals there are, of the living and the dead.
    pub fn journals(&self) -> usize {
        let entries = fs::read_dir(self.data().join("journal"));
        let entries = entries.map(|entries| entries.filter_map(Result::ok));
        entries.map_or(0, |entries| {
            entries
                .filter(|entry| entry.path().extension().is_some_and(|end| end == "journal"))
                .count()
        })
    }

    /// A configuration file for a server on this data, with further lines (`[section]`, `key = value`) of the test's.
    pub fn configure(&self, name: &str, listen: SocketAddr, data: &Path, more: &str) -> PathBuf {
        let path = self.folder().join(format!("{name}.toml"));
        let (sandbox, public_url) = (&self.provider.url, &self.public_url);
        let text = format!(
            "listen = '{listen}'
             public_url = '{public_url}'
             data_dir = '{}'
             egress.allow = ['{sandbox}']
             web.api_requests_per_second = 1000000
             providers.azure-devops.bases.login = '{sandbox}'
             providers.azure-devops-legacy.bases.login = '{sandbox}'
             {more}\n",
            data.display()
        );
        fs::write(&path, text).expect("a configuration file");
        path
    }

    /// Opens the data in this process, as the commands beside `serve` do.
    pub async fn open(&self) -> House {
        self.open_at(&self.data()).await.expect("the data opens")
    }

    /// Opens other data in this process.
    pub async fn open_at(&self, data: &Path) -> anyhow::Result<House> {
        let file = self.configure("test", free_address(), data, "");
        let config = Config::load(Some(&file))?;
        startup::open(&config, config.public_url_at(config.listen), None).await
    }

    /// Authorizations with tokens of the sandbox, published.
    pub async fn seed(&self, registration: Registration, count: usize, age: Age) -> Vec<Grant> {
        self.seed_each(registration, count, |_| age).await
    }

    /// The same, each with an age of its own, by its number.
    pub async fn seed_each(
        &self,
        registration: Registration,
        count: usize,
        age: impl Fn(usize) -> Age,
    ) -> Vec<Grant> {
        let minted = self.provider.mint(registration, count).await;
        let house = self.open().await;
        let actor = actor(&house).await;
        let now = now();
        let tokens = minted.iter().enumerate().map(|(number, minted)| {
            let age = age(number);
            SeedTokens {
                access_token: minted.access_token.as_str().into(),
                refresh_token: minted.refresh_token.as_deref().map(SecretString::from),
                sent_at: now - age.over,
                next_refresh_at: age.next_refresh.map(|after| now + after),
            }
        });
        let seed = Seed {
            name: format!("{registration:?}"),
            provider: registration.provider().to_owned(),
            settings: registration.settings().into_iter().collect(),
            scopes: Registration::chosen_scopes(),
            lifetime: Some(age(0).lifetime),
        };
        let seeded = house
            .broker
            .seed(&actor, &seed, tokens.collect())
            .await
            .expect("authorizations");
        house.broker.publish(&actor).await.expect("a publication");
        house.storage.close().await;
        seeded
            .into_iter()
            .zip(minted)
            .map(|(seeded, minted)| Grant {
                authorization: seeded.authorization,
                id: seeded.grant,
                family: minted.family,
                access_token: minted.access_token,
                refresh_token: minted.refresh_token.unwrap_or_default(),
            })
            .collect()
    }

    /// Starts a server on the data and waits until it answers.
    pub async fn serve(&self, setup: server::Setup<'_>) -> Server {
        let mut server = Server::launch(self, setup);
        server.wait_until_alive().await;
        server
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("data and logs are kept in {}", self.folder().display());
            self.folder.disable_cleanup(true);
        }
    }
}

/// Somebody who may do everything in the first workspace.
async fn actor(house: &House) -> Actor {
    let mut tx = house.storage.read().await.expect("a transaction");
    let workspace = tx
        .users()
        .workspace_by_slug(DEFAULT_WORKSPACE)
        .await
        .expect("the workspaces")
        .expect("the first workspace");
    Actor::ApiKey(KeyActor {
        id: new_id(now(), &mut *house.randomness.rng()),
        name: "test".to_owned(),
        workspace: workspace.id,
        scopes: KeyScope::ALL.to_vec(),
    })
}

/// This machine's true time.
pub fn now() -> DateTime<Utc> {
    SystemClock.now()
}

/// The text of a secret that a test compares.
pub fn text(secret: Option<&SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}

async fn take_turn(turn: Turn) -> File {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reliability.lock");
    tokio::task::spawn_blocking(move || {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .expect("a lock file");
        match turn {
            Turn::Alone => file.lock(),
            Turn::Shared => file.lock_shared(),
        }
        .expect("a lock");
        file
    })
    .await
    .expect("the turn")
}

/// A thousand readers are a thousand sockets, here and there.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("the limit may be raised up to the maximum");
}
