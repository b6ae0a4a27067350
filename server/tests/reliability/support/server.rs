//! A server under test.

use super::{
    World,
    http::Answer,
    process::{Process, TOKENRY, free_address},
    wait::{Deadline, wait_for},
};
use http::Method;
use model::AuthorizationId;
use oauth::http::HttpError;
use std::{net::SocketAddr, path::PathBuf, time::Duration};
use tokio::time::Instant;

/// A debug build with thousands of grants on a busy machine is up by then.
const START: u64 = 60;

/// How a test wants a server.
#[derive(Clone, Debug, Default)]
pub struct Setup<'a> {
    /// Name of its log and configuration; `server` when empty.
    pub name: &'a str,
    /// Where it listens; anywhere when absent.
    pub listen: Option<SocketAddr>,
    /// Its data, when it is not the world's.
    pub data: Option<PathBuf>,
    /// Lines for its configuration.
    pub config: &'a str,
    /// Where it fails: `TOKENRY_FAILPOINTS`.
    pub failpoints: &'a str,
    /// Further environment: what preloads a wrong clock.
    pub environment: Vec<(&'static str, String)>,
}

/// A server that was started.
pub struct Server {
    pub process: Process,
    /// `http://127.0.0.1:…`
    pub url: String,
    started: Instant,
    http: super::http::Http,
    key: String,
}

impl Server {
    /// Starts it; whether it answers is another matter.
    pub fn launch(world: &World, setup: Setup<'_>) -> Self {
        let name = if setup.name.is_empty() {
            "server"
        } else {
            setup.name
        };
        let address = setup.listen.unwrap_or_else(free_address);
        let data = setup.data.unwrap_or_else(|| world.data());
        let file = world.configure(name, address, &data, setup.config);
        let file = file.to_str().expect("a path in UTF-8");
        let mut environment = setup.environment;
        if !setup.failpoints.is_empty() {
            environment.push(("TOKENRY_FAILPOINTS", setup.failpoints.to_owned()));
        }
        let started = Instant::now();
        let process = Process::start(
            world.folder(),
            name,
            TOKENRY,
            &["--config", file, "serve"],
            environment,
        );
        Self {
            process,
            url: format!("http://{address}"),
            started,
            http: world.http.clone(),
            key: world.key.clone(),
        }
    }

    /// Waits until it answers at all.
    pub async fn wait_until_alive(&mut self) {
        let url = format!("{}/healthz", self.url);
        let http = self.http.clone();
        let process = &mut self.process;
        let alive = wait_for("the server to answer", Deadline::seconds(START), || {
            let ended = process.ended();
            let (http, url) = (http.clone(), url.clone());
            async move {
                assert!(ended.is_none(), "the server ended: {ended:?}");
                http.get(&url, None).await.ok()
            }
        });
        if let Err(late) = alive.await {
            panic!("{late}");
        }
    }

    /// Waits until it answers a token, and says how long that took from its start.
    pub async fn wait_until_back(&mut self, authorization: AuthorizationId) -> Duration {
        let url = self.token_url(authorization);
        let (http, key) = (self.http.clone(), self.key.clone());
        let process = &mut self.process;
        let back = wait_for(
            "the server to answer a token",
            Deadline::seconds(START),
            || {
                let ended = process.ended();
                let (http, url, key) = (http.clone(), url.clone(), key.clone());
                async move {
                    assert!(ended.is_none(), "the server ended: {ended:?}");
                    let answer = http.get(&url, Some(&key)).await.ok()?;
                    answer.status.is_success().then_some(())
                }
            },
        );
        if let Err(late) = back.await {
            panic!("{late}");
        }
        self.started.elapsed()
    }

    /// Where a token is read.
    pub fn token_url(&self, authorization: AuthorizationId) -> String {
        format!("{}/api/v1/authorizations/{authorization}/token", self.url)
    }

    /// Reads a token.
    pub async fn token(&self, authorization: AuthorizationId) -> Result<Answer, HttpError> {
        self.get(&format!("/api/v1/authorizations/{authorization}/token"))
            .await
    }

    /// `GET` of a path, with the key.
    pub async fn get(&self, path: &str) -> Result<Answer, HttpError> {
        let url = format!("{}{path}", self.url);
        self.http.get(&url, Some(&self.key)).await
    }

    /// `POST` of nothing to a path, with the key.
    pub async fn post(&self, path: &str) -> Result<Answer, HttpError> {
        let url = format!("{}{path}", self.url);
        self.http
            .send(Method::POST, &url, Some(&self.key), None)
            .await
    }

    /// The status of `/readyz`.
    pub async fn readiness(&self) -> u16 {
        let answer = self.get("/readyz").await.expect("readiness is answered");
        answer.status.as_u16()
    }
}
