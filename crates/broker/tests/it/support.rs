//! A broker whose clock stands still, with the sandbox as its provider.

use crate::receivers::{Hook, Postbox};
use axum::body::Body;
use broker::{
    Broker, Config, Ports, SecretString,
    access::{Actor, SessionUser},
    accounts::SetupInput,
    consent::{Begun, CallbackRequest, ConsentError, Finished},
    ports::{Clock, ManualClock, SeededRandomness},
    start_up::{self, RootKeySource},
};
use chrono::{DateTime, TimeDelta};
use model::{
    AuthorizationId,
    api_key::{ApiKeyInput, KeyScope},
    authorization::{Authorization, AuthorizationInput},
    connector::{AdvancedRestApi, Connector, ConnectorConfig, ConnectorInput},
};
use oauth::{
    Catalogue, ExposeSecret, ProviderOverride,
    http::{EgressPolicy, HttpClient, HttpError, Refusal},
};
use rand::{SeedableRng, rngs::StdRng};
use sandbox::{Decision, Sandbox, SandboxConfig, config::example};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;
use storage::Storage;
use storage_sqlite::SqliteStorage;
use tempfile::TempDir;
use tower::ServiceExt;
use url::Url;

pub const ENTRA: &str = "azure-devops";
pub const LEGACY: &str = "azure-devops-legacy";
/// Plain OAuth 2.0, which knows revocation.
pub const PLAIN: &str = "oauth2";

/// Requests to the sandbox, in process, counted.
pub struct SandboxClient {
    router: axum::Router,
    pub requests: AtomicU64,
    /// Where webhooks arrive.
    pub hook: Hook,
    /// Where mail arrives.
    pub postbox: Arc<Postbox>,
}

#[async_trait::async_trait]
impl HttpClient for SandboxClient {
    async fn execute(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, HttpError> {
        if Hook::is_at(request.uri()) {
            return Ok(self.hook.take(request));
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
        let response = self
            .router
            .clone()
            .oneshot(request.map(Body::from))
            .await
            .map_err(|error| HttpError::Broken(error.to_string()))?;
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20)
            .await
            .map_err(|error| HttpError::Broken(error.to_string()))?;
        Ok(http::Response::from_parts(head, body.to_vec()))
    }

    fn check(&self, url: &Url) -> Result<(), Refusal> {
        EgressPolicy::parse(["http://127.0.0.1:3100"])
            .unwrap()
            .check(url)
    }
}

pub struct World {
    pub broker: Broker,
    pub sandbox: Sandbox,
    pub clock: Arc<ManualClock>,
    pub http: Arc<SandboxClient>,
    pub storage: Arc<SqliteStorage>,
    pub journals: TempDir,
    pub user: SessionUser,
    pub actor: Actor,
}

impl World {
    pub async fn new() -> Self {
        let start = DateTime::from_timestamp(1_795_500_000, 0).unwrap();
        let clock = Arc::new(ManualClock::new(start));
        let storage = Arc::new(SqliteStorage::temporary().await.unwrap());
        let sandbox_clock = Arc::clone(&clock);
        let sandbox = Sandbox::new(
            SandboxConfig::for_tokenry(sandbox_url(), &public_url()),
            move || sandbox_clock.now(),
            StdRng::seed_from_u64(7),
        );
        let http = Arc::new(SandboxClient {
            router: sandbox.router(),
            requests: AtomicU64::new(0),
            hook: Hook::default(),
            postbox: Arc::default(),
        });
        let journals = tempfile::tempdir().unwrap();
        let broker = start_broker(&storage, &clock, &http, &journals, 1).await;
        let user = administrator(&broker).await;
        Self {
            actor: Actor::from(&user),
            broker,
            sandbox,
            clock,
            http,
            storage,
            journals,
            user,
        }
    }

    /// The same database in a new process.
    pub async fn restart(&mut self) {
        self.broker = start_broker(&self.storage, &self.clock, &self.http, &self.journals, 2).await;
    }

    /// Ends the process in order.
    pub async fn end(&self) {
        self.broker.finish_refreshing(Duration::from_secs(5)).await;
    }

    /// Puts copies in place of the journals, as a restored backup has them.
    pub fn copy_journals(&mut self) {
        let copies = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(self.journals.path()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copies.path().join(entry.file_name())).unwrap();
        }
        self.journals = copies;
    }

    pub async fn connector(&self, name: &str) -> Connector {
        let input = ConnectorInput {
            name: name.to_owned(),
            config: ConnectorConfig::AdvancedRestApi(AdvancedRestApi {
                base_url: format!("{}contoso", sandbox_url()),
                timeout_seconds: 100,
            }),
        };
        self.broker
            .create_connector(&self.actor, input)
            .await
            .unwrap()
    }

    /// Creates an authorization, consents to it through a connect link, and gives what is stored.
    pub async fn authorized(&self, provider: &str, name: &str) -> Authorization {
        let connector = self.connector(&format!("{name} connector")).await;
        let mut input = input(provider, name);
        input.connectors = vec![connector.id];
        self.authorized_with(input).await
    }

    /// Creates an authorization from this form, and consents to it.
    pub async fn authorized_with(&self, input: AuthorizationInput) -> Authorization {
        let created = self
            .broker
            .create_authorization(&self.actor, input)
            .await
            .unwrap();
        self.consent(&created).await;
        self.get(created.id).await
    }

    /// The service account consents through a connect link.
    pub async fn consent(&self, authorization: &Authorization) {
        let begun = self.open_link(authorization.id).await;
        let callback = callback_of(authorization);
        self.come_back(&begun, "service", Decision::Accept, &callback)
            .await
            .unwrap();
    }

    /// Opens a fresh connect link.
    pub async fn open_link(&self, id: AuthorizationId) -> Begun {
        let link = self.broker.connect_link(&self.actor, id).await.unwrap();
        self.broker
            .open_link(link.token.expose_secret(), None)
            .await
            .unwrap()
    }

    pub async fn get(&self, id: AuthorizationId) -> Authorization {
        self.broker
            .authorization(&self.actor, id)
            .await
            .unwrap()
            .unwrap()
    }

    /// Signs in at the sandbox and takes the callback.
    pub async fn come_back(
        &self,
        begun: &Begun,
        account: &str,
        decision: Decision,
        callback: &str,
    ) -> Result<Finished, ConsentError> {
        let location = self
            .sandbox
            .consent(&begun.authorize_url, account, decision)
            .unwrap();
        self.broker
            .finish(CallbackRequest {
                callback,
                query: location.query().unwrap_or_default(),
                browser: Some(begun.browser.expose_secret()),
                user: Some(&self.user),
            })
            .await
    }

    /// A program that may read tokens.
    pub async fn reader(&self) -> Actor {
        let input = ApiKeyInput {
            name: "reader".to_owned(),
            scopes: vec![KeyScope::TokensRead],
            expires_on: None,
        };
        let created = self
            .broker
            .create_api_key(&self.actor, input)
            .await
            .unwrap();
        self.broker
            .authenticate_key(&created.key)
            .await
            .unwrap()
            .unwrap()
    }

    pub fn token_requests(&self) -> u64 {
        self.sandbox.ledger().totals.requests
    }

    pub fn wait(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }
}

/// What stands behind `/callback/` for an authorization.
pub fn callback_of(authorization: &Authorization) -> String {
    match authorization.provider.as_str() {
        PLAIN => format!("{PLAIN}/{}", authorization.id),
        provider => provider.to_owned(),
    }
}

pub fn input(provider: &str, name: &str) -> AuthorizationInput {
    let settings = match provider {
        PLAIN => vec![
            ("authorization_url", "http://127.0.0.1:3100/oidc/authorize"),
            ("token_url", "http://127.0.0.1:3100/oidc/token"),
            ("revocation_url", "http://127.0.0.1:3100/oidc/revoke"),
            ("issuer", "http://127.0.0.1:3100"),
            ("client_id", example::OAUTH2_CLIENT_ID),
            ("client_secret", example::OAUTH2_CLIENT_SECRET),
        ],
        ENTRA => vec![
            ("client_id", example::ENTRA_CLIENT_ID),
            ("client_secret", example::ENTRA_CLIENT_SECRET),
            ("tenant", "organizations"),
        ],
        _ => vec![
            ("client_id", example::LEGACY_CLIENT_ID),
            ("client_secret", example::LEGACY_CLIENT_SECRET),
        ],
    };
    AuthorizationInput {
        name: name.to_owned(),
        provider: provider.to_owned(),
        settings: settings.into_iter().collect(),
        scopes: vec!["vso.work".to_owned(), "vso.profile".to_owned()],
        ..AuthorizationInput::default()
    }
}

fn public_url() -> Url {
    "http://127.0.0.1:3000".parse().unwrap()
}

fn sandbox_url() -> Url {
    "http://127.0.0.1:3100".parse().unwrap()
}

async fn start_broker(
    storage: &Arc<SqliteStorage>,
    clock: &Arc<ManualClock>,
    http: &Arc<SandboxClient>,
    journals: &TempDir,
    seed: u64,
) -> Broker {
    let randomness = Arc::new(SeededRandomness::new(seed));
    let root = RootKeySource::Value(SecretString::from(
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ));
    let vault = start_up::open_vault(&**storage, &root, &**clock, &*randomness)
        .await
        .unwrap();
    start_up::ensure_workspace(&**storage, &**clock, &*randomness)
        .await
        .unwrap();
    let overrides = [ENTRA, LEGACY].map(|provider| ProviderOverride {
        provider: provider.to_owned(),
        bases: [("login".to_owned(), sandbox_url().to_string())].into(),
        ..ProviderOverride::default()
    });
    let storage: Arc<dyn Storage> = Arc::clone(storage) as _;
    let config = Config {
        public_url: public_url(),
        catalogue: Catalogue::load(&overrides).unwrap(),
        session_idle: TimeDelta::hours(12),
        session_lifetime: TimeDelta::days(7),
        refresh: broker::refresh::Config::default(),
        failing_after: chrono::TimeDelta::minutes(15),
    };
    let ports = Ports {
        storage,
        http: Arc::clone(http) as _,
        mailer: Some(Arc::clone(&http.postbox) as _),
        clock: Arc::clone(clock) as _,
        randomness,
        vault,
    };
    let broker = Broker::start(config, ports).await.unwrap();
    broker
        .start_refreshing(journals.path().to_owned())
        .await
        .unwrap();
    broker
}

async fn administrator(broker: &Broker) -> SessionUser {
    let link = broker.new_setup_link().await.unwrap().unwrap();
    let session = broker
        .set_up(
            link.expose_secret(),
            SetupInput {
                email: "ada@example.com".to_owned(),
                name: None,
                password: SecretString::from("correct horse battery"),
                workspace_name: None,
            },
        )
        .await
        .unwrap();
    broker
        .session(session.token.expose_secret())
        .await
        .unwrap()
        .unwrap()
}
