//! An installation on the disk, its server and its provider, and a doctor who comes to see it.

use crate::support::TestServer;
use axum::Router;
use sandbox::config::example::ENTRA_CLIENT_SECRET;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

/// An installation that something may be wrong with.
pub struct Installation {
    /// The server, and what it has on the disk.
    pub server: TestServer,
    /// The provider's token endpoint.
    pub provider: MockServer,
    /// Where browsers reach the server.
    pub public_url: String,
    listen: SocketAddr,
    serving: Option<JoinHandle<()>>,
    elsewhere: TempDir,
}

/// What a doctor said.
#[derive(Debug)]
pub struct Visit {
    /// Exit code.
    pub code: i32,
    /// The report.
    pub report: Value,
}

impl Installation {
    /// One with an authorization that works, serving.
    pub async fn new() -> Self {
        let server = TestServer::start().await;
        server.api().await.published("Work items").await;
        Self::of(server).await
    }

    /// One that holds what this server holds.
    pub async fn of(server: TestServer) -> Self {
        let (listen, serving) = serve(server.router()).await;
        // As `tokenry serve` makes it.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(server.folder(), mode).unwrap();
        Self {
            provider: MockServer::start().await,
            public_url: format!("http://{listen}"),
            listen,
            serving: Some(serving),
            server,
            elsewhere: tempfile::tempdir().unwrap(),
        }
    }

    /// Browsers reach the server through a proxy, which answers these routes itself.
    pub async fn behind(&mut self, routes: Router) {
        let proxy = routes.fallback_service(self.server.router());
        let (listen, _) = serve(proxy).await;
        self.public_url = format!("http://{listen}");
    }

    /// Stops the server; everything it wrote is in its files afterwards.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            // An error says that it was aborted.
            let _ = serving.await;
        }
        self.server.storage().close().await;
    }

    /// The provider's clock differs from ours by so many seconds.
    pub async fn provider_is_ahead_by(&self, seconds: i64) {
        use broker::ports::Clock as _;
        let now = broker::ports::SystemClock.now() + chrono::TimeDelta::seconds(seconds);
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let answer = ResponseTemplate::new(405).insert_header("date", date);
        Mock::given(any())
            .respond_with(answer)
            .mount(&self.provider)
            .await;
    }

    /// A file of the installation.
    pub fn file(&self, name: &str) -> PathBuf {
        self.server.folder().join(name)
    }

    /// The configuration, as a file has it.
    pub fn configuration(&self, data_dir: &Path) -> String {
        let provider = self.provider.uri();
        format!(
            "listen = \"{}\"\npublic_url = \"{}\"\ndata_dir = \"{}\"\n\
             [egress]\nallow = [\"{provider}\"]\n\
             [providers.azure-devops.bases]\nlogin = \"{provider}\"\n",
            self.listen,
            self.public_url,
            data_dir.display(),
        )
    }

    /// A doctor comes and reports in JSON.
    pub async fn examine(&self, options: &[&str]) -> Visit {
        let configuration = self.configuration(self.server.folder());
        self.examine_with(&configuration, options).await
    }

    /// The same, with another configuration.
    pub async fn examine_with(&self, configuration: &str, options: &[&str]) -> Visit {
        let mut arguments = vec!["--json"];
        arguments.extend(options);
        let output = self.run(configuration, &arguments).await;
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
            panic!("no JSON: {}", String::from_utf8_lossy(&output.stderr));
        });
        Visit {
            code: output.status.code().expect("it ends by itself"),
            report,
        }
    }

    /// Runs the command. Whatever it says holds no secret (S17).
    pub async fn run(&self, configuration: &str, options: &[&str]) -> Output {
        let file = self.elsewhere.path().join("tokenry.toml");
        std::fs::write(&file, configuration).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenry"));
        command
            .env_clear()
            .arg("--config")
            .arg(&file)
            .arg("doctor")
            .args(options);
        // The server of the test goes on answering meanwhile.
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        for said in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(said);
            assert!(!said.contains(ENTRA_CLIENT_SECRET), "{said}");
            assert!(!said.contains("panicked"), "{said}");
        }
        output
    }

    /// The report, with everything taken out that differs from run to run.
    pub fn redacted(&self, report: &Value) -> Value {
        let mut text = report.to_string();
        for (what, name) in [
            (self.server.folder().display().to_string(), "[data]"),
            (self.public_url.clone(), "[server]"),
            (self.provider.uri(), "[provider]"),
        ] {
            text = text.replace(&what, name);
        }
        let mut report: Value = serde_json::from_str(&text).unwrap();
        report["version"] = json!("[version]");
        for finding in report["findings"].as_array_mut().unwrap() {
            if finding["check"] == "disk_space" {
                finding["summary"] = json!("[free]");
            }
        }
        report
    }
}

async fn serve(router: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    (listen, serving)
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

impl Visit {
    /// What a check found, the worst first.
    pub fn findings(&self, check: &str) -> Vec<&Value> {
        let findings = self.report["findings"].as_array().unwrap();
        let mut found: Vec<_> = findings
            .iter()
            .filter(|one| one["check"] == check)
            .collect();
        let rank = |finding: &Value| match finding["status"].as_str().unwrap() {
            "failure" => 0,
            "warning" => 1,
            _ => 2,
        };
        found.sort_by_key(|finding| rank(finding));
        found
    }

    /// Checks that the worst finding of a check is this one and says what to do. Gives its summary.
    #[track_caller]
    pub fn expect(&self, check: &str, status: &str) -> String {
        let found = self.findings(check);
        let worst = found
            .first()
            .unwrap_or_else(|| panic!("{check} found nothing: {:#}", self.report));
        assert_eq!(worst["status"], status, "{:#}", self.report);
        if status != "ok" {
            let next = worst["next_action"].as_str().unwrap();
            assert!(!next.is_empty(), "{worst:#}");
        }
        let code = i32::from(self.report["status"] == "failure");
        assert_eq!(self.code, code, "{:#}", self.report);
        worst["summary"].as_str().unwrap().to_owned()
    }
}
