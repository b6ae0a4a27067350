//! The real router, called in-process: a clock that stands still, seeded randomness, a database of
//! its own, and the sandbox behind the HTTP port. What leaves the process in production is an
//! [`Answer`] here.

mod answer;
mod clients;
mod consent;
mod logs;
mod sandbox_http;

pub use answer::Answer;
pub use clients::{Api, Browser};
pub use logs::{capture_logs, logged};

use app::context::AssetPaths;
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response},
};
use broker::{
    Broker, Ports,
    ports::{Clock, ManualClock, SeededRandomness},
    start_up::{self, RootKeySource},
};
use model::{
    WorkspaceId,
    api_key::{ApiKeyInput, KeyScope},
};
use oauth::{Catalogue, ProviderOverride};
use sandbox::{Sandbox, SandboxConfig};
use sandbox_http::SandboxHttp;
use server::{
    config::{MetricsSection, WebSection},
    live::Streams,
    router::router,
    state::AppState,
    telemetry::Metrics,
};
use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc};
use storage::{Storage as _, users::WorkspaceRecord};
use storage_sqlite::SqliteStorage;
use tempfile::TempDir;
use tower::ServiceExt as _;
use url::Url;

/// Where the server under test believes to be.
pub const PUBLIC_URL: &str = "https://tokenry.example";
/// Where it believes the sandbox to be.
pub const SANDBOX_URL: &str = "http://sandbox.example";
/// The administrator of [`TestServer::browser`].
pub const EMAIL: &str = "ada@example.com";
/// Their password.
pub const PASSWORD: &str = "analytical engine no. 1";

/// A server and its surroundings.
pub struct TestServer {
    router: Router,
    /// The use cases, to arrange what a test starts from.
    pub broker: Broker,
    /// The provider.
    pub sandbox: Sandbox,
    /// The clock of both.
    pub clock: Arc<ManualClock>,
    /// The open streams of pages.
    pub live: Streams,
    storage: Arc<SqliteStorage>,
    folder: TempDir,
}

/// What a test may change.
#[derive(Default)]
pub struct Setup {
    /// Proxies and rate limits.
    pub web: WebSection,
    /// Who may read `/metrics`.
    pub metrics: MetricsSection,
    /// Another root key than the one the database was made with.
    pub wrong_root_key: bool,
}

impl TestServer {
    /// A server as it is after its first start.
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// A server that differs from the usual.
    pub async fn with(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("tokenry.db").display());
        let storage = Arc::new(SqliteStorage::open(&url).await.unwrap());
        let clock = Arc::new(ManualClock::new("2026-03-01T12:00:00Z".parse().unwrap()));
        let randomness = Arc::new(SeededRandomness::new(1));
        let first_key = RootKeySource::File(folder.path().join("root.key"));
        let mut vault = start_up::open_vault(&*storage, &first_key, &*clock, &*randomness)
            .await
            .unwrap();
        if setup.wrong_root_key {
            // 32 zero bytes, base64.
            let other = RootKeySource::Value(format!("{}=", "A".repeat(43)).into());
            vault = start_up::open_vault(&*storage, &other, &*clock, &*randomness)
                .await
                .unwrap();
        }
        start_up::ensure_workspace(&*storage, &*clock, &*randomness)
            .await
            .unwrap();

        let sandbox = new_sandbox(clock.clone());
        let ports = Ports {
            storage: storage.clone(),
            http: Arc::new(SandboxHttp::new(&sandbox)),
            mailer: None,
            clock: clock.clone(),
            randomness: randomness.clone(),
            vault,
        };
        let broker = Broker::start(broker_config(), ports).await.unwrap();
        broker
            .start_refreshing(folder.path().join("journal"))
            .await
            .unwrap();
        let assets = AssetPaths {
            js: "/pkg/tokenry.js".to_owned(),
            wasm: "/pkg/tokenry_bg.wasm".to_owned(),
            css: "/pkg/main.css".to_owned(),
        };
        let state = AppState::new(broker.clone(), randomness, &setup.web, assets, None)
            .unwrap()
            .measured(Metrics::start(&setup.metrics).unwrap());
        Self {
            live: state.live.clone(),
            router: router(state),
            broker,
            sandbox,
            clock,
            storage,
            folder,
        }
    }

    /// Sends a request, as from 192.0.2.1.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.raw(request).await).await
    }

    /// Sends a request whose answer has no end yet.
    pub async fn raw(&self, mut request: Request<Body>) -> Response<Body> {
        let peer = SocketAddr::from(([192, 0, 2, 1], 40_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        self.router().oneshot(request).await.unwrap()
    }

    /// A program with a key for everything.
    pub async fn api(&self) -> Api<'_> {
        self.api_with(&KeyScope::ALL).await
    }

    /// A program with a key of the first workspace.
    pub async fn api_with(&self, scopes: &[KeyScope]) -> Api<'_> {
        self.api_in(start_up::DEFAULT_WORKSPACE, scopes).await
    }

    /// A program with a key of some workspace.
    pub async fn api_in(&self, workspace: &str, scopes: &[KeyScope]) -> Api<'_> {
        let input = ApiKeyInput {
            name: "test".to_owned(),
            scopes: scopes.to_vec(),
            expires_on: None,
        };
        let created = self
            .broker
            .create_api_key_in(workspace, input)
            .await
            .unwrap();
        Api::with_key(self, created.key)
    }

    /// A second company on the same server.
    pub async fn add_workspace(&self, slug: &str) {
        let mut tx = self.storage.write().await.unwrap();
        let record = WorkspaceRecord {
            id: WorkspaceId(uuid::Uuid::from_u128(0xc0)),
            slug: slug.to_owned(),
            name: slug.to_owned(),
            created_at: self.clock.now(),
        };
        tx.users().insert_workspace(&record).await.unwrap();
        tx.save().await.unwrap();
    }

    /// A browser in which nobody is signed in.
    pub fn stranger(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A browser in which an administrator is signed in.
    pub async fn browser(&self) -> Browser<'_> {
        let role = model::user::Role::Administrator;
        let workspace = start_up::DEFAULT_WORKSPACE;
        // A second browser of the same test finds the account made.
        drop(
            self.broker
                .create_user(EMAIL, role, PASSWORD.into(), workspace)
                .await,
        );
        let client = [192, 0, 2, 1].into();
        let session = self
            .broker
            .sign_in(EMAIL, &PASSWORD.into(), client)
            .await
            .unwrap();
        Browser::new(self).with_session(&session)
    }

    /// The directory with the database, the root key and the journals.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database.
    pub fn storage(&self) -> &SqliteStorage {
        &self.storage
    }

    /// All routes, to be served on a socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Everything that lies on the disk: the database, its log, the root key.
    pub async fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.storage().check().await.unwrap();
        read_files(self.folder())
    }
}

fn read_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap())
        .flat_map(|entry| {
            if entry.path().is_dir() {
                return read_files(&entry.path());
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            vec![(name, std::fs::read(entry.path()).unwrap())]
        })
        .collect()
}

fn new_sandbox(clock: Arc<ManualClock>) -> Sandbox {
    use broker::ports::Randomness as _;
    let config = SandboxConfig::for_tokenry(url(SANDBOX_URL), &url(PUBLIC_URL));
    Sandbox::new(config, move || clock.now(), SeededRandomness::new(2).rng())
}

fn broker_config() -> broker::Config {
    let overrides = ["azure-devops", "azure-devops-legacy"].map(|provider| ProviderOverride {
        provider: provider.to_owned(),
        bases: BTreeMap::from([("login".to_owned(), SANDBOX_URL.to_owned())]),
        settings: BTreeMap::new(),
    });
    broker::Config {
        public_url: url(PUBLIC_URL),
        catalogue: Catalogue::load(&overrides).unwrap(),
        session_idle: chrono::TimeDelta::hours(8),
        session_lifetime: chrono::TimeDelta::days(7),
        refresh: broker::refresh::Config::default(),
        failing_after: chrono::TimeDelta::minutes(15),
    }
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}
