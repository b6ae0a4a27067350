//! The sandbox as a process of its own: its memory and its ledger outlive every server.

use super::{
    http::Http,
    process::{Process, TOKENRY},
    wait::{Deadline, wait_for},
};
use chrono::{DateTime, Utc};
use sandbox::{
    AppRegistration, Dialect, FamilyState, Ledger, LedgerEntry, MOST_AT_ONCE, MintRequest,
    MintedGrant, config::example,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};

/// One of the sandbox's apps, and how Tokenry is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Azure DevOps' own OAuth. Rotates strictly, without grace: what was spent is spent.
    Legacy,
    /// Entra. Tokenry may repeat a lost refresh within an hour.
    Entra,
    /// Another registration at Entra, of one tenant.
    SingleTenant,
}

impl Registration {
    /// Tokenry's provider id.
    pub fn provider(self) -> &'static str {
        match self {
            Self::Legacy => "azure-devops-legacy",
            Self::Entra | Self::SingleTenant => "azure-devops",
        }
    }

    /// What the form's fields hold.
    pub fn settings(self) -> Vec<(&'static str, &'static str)> {
        let mut settings = vec![
            ("client_id", self.client_id()),
            ("client_secret", self.secret()),
        ];
        match self {
            Self::Legacy => {}
            Self::Entra => settings.push(("tenant", "organizations")),
            Self::SingleTenant => settings.push(("tenant", example::CONTOSO_TENANT)),
        }
        settings
    }

    /// What the sandbox calls it.
    pub fn client_id(self) -> &'static str {
        match self {
            Self::Legacy => example::LEGACY_CLIENT_ID,
            Self::Entra => example::ENTRA_CLIENT_ID,
            Self::SingleTenant => example::ENTRA_SINGLE_TENANT_CLIENT_ID,
        }
    }

    fn secret(self) -> &'static str {
        match self {
            Self::Legacy => example::LEGACY_CLIENT_SECRET,
            Self::Entra => example::ENTRA_CLIENT_SECRET,
            Self::SingleTenant => example::ENTRA_SINGLE_TENANT_CLIENT_SECRET,
        }
    }

    /// Scopes as the catalogue names them: the form's.
    pub fn chosen_scopes() -> Vec<String> {
        vec!["vso.profile".to_owned()]
    }

    /// Scopes as they are granted.
    fn granted_scopes(self) -> Vec<String> {
        let mut scopes = Self::chosen_scopes();
        if self != Self::Legacy {
            scopes.extend(["openid", "profile", "offline_access"].map(str::to_owned));
        }
        scopes
    }
}

/// The running sandbox.
pub struct Provider {
    http: Http,
    /// `http://127.0.0.1:…`
    pub url: String,
    _process: Process,
}

impl Provider {
    /// Starts it for a Tokenry at `public_url`; its files go to `folder`.
    pub async fn start(folder: &Path, http: Http, public_url: &str) -> Self {
        let arguments = ["sandbox", "--listen", "127.0.0.1:0"];
        let environment = [("TOKENRY_PUBLIC_URL", public_url.to_owned())];
        let process = Process::start(folder, "sandbox", TOKENRY, &arguments, environment);
        let url = wait_for("the sandbox to start", Deadline::seconds(60), || {
            let log = process.log();
            async move { ready_url(&log) }
        })
        .await
        .unwrap_or_else(|late| panic!("{late}:\n{}", process.log()));
        Self {
            http,
            url,
            _process: process,
        }
    }

    /// Changes how it answers: the fields of [`sandbox::Behaviour`] that are given.
    pub async fn behave(&self, patch: Value) {
        self.http.post(&self.control("behaviour"), &patch).await;
    }

    /// Makes it forget the client secret, so that it refuses the client; `false` brings the secret back.
    pub async fn refuse_client(&self, registration: Registration, refuse: bool) {
        let secret = if refuse {
            "rotated by somebody who told nobody"
        } else {
            registration.secret()
        };
        let dialect = match registration {
            Registration::Legacy => Dialect::Legacy,
            Registration::Entra | Registration::SingleTenant => Dialect::Entra,
        };
        let app = AppRegistration {
            secrets: vec![secret.to_owned()],
            scopes: registration.granted_scopes(),
            ..AppRegistration::new(registration.client_id(), "Tokenry", dialect)
        };
        self.http.post(&self.control("apps"), &json!(app)).await;
    }

    /// Consents that nobody gave.
    pub async fn mint(&self, registration: Registration, count: usize) -> Vec<MintedGrant> {
        let mut minted = Vec::with_capacity(count);
        while minted.len() < count {
            let left = u32::try_from(count - minted.len()).expect("a count of grants");
            let request = MintRequest {
                count: left.min(MOST_AT_ONCE / 4),
                client_id: registration.client_id().to_owned(),
                account: "service".to_owned(),
                scopes: registration.granted_scopes(),
            };
            let answer = self
                .http
                .post(&self.control("grants"), &json!(request))
                .await;
            minted.extend(answer.parse::<Vec<MintedGrant>>());
        }
        minted
    }

    /// Every token request with a higher number than `since`, and the totals of all.
    pub async fn ledger_since(&self, since: u64) -> Ledger {
        let url = format!("{}?since={since}", self.control("ledger"));
        let answer = self.http.get(&url, None).await.expect("the ledger");
        answer.parse()
    }

    /// Every token request.
    pub async fn ledger(&self) -> Ledger {
        self.ledger_since(0).await
    }

    /// How many token requests there were.
    pub async fn requests(&self) -> u64 {
        self.ledger_since(u64::MAX).await.totals.requests
    }

    /// How many token requests brought tokens.
    pub async fn issued(&self) -> u64 {
        self.ledger_since(u64::MAX).await.totals.issued
    }

    /// What has become of each family.
    pub async fn families(&self) -> BTreeMap<String, FamilyState> {
        let answer = self.http.get(&self.control("families"), None).await;
        answer.expect("the families").parse()
    }

    /// Whether an access token was good at a moment in the past.
    pub async fn took(&self, access_token: &str, at: DateTime<Utc>) -> bool {
        took(&self.http, &self.url, access_token, at).await
    }

    fn control(&self, what: &str) -> String {
        format!("{}/_sandbox/{what}", self.url)
    }
}

/// Whether the sandbox at `url` gave out this access token, and it was neither over nor revoked at `at`. By the
/// sandbox's memory, so that it does not matter how long the question takes.
pub async fn took(http: &Http, url: &str, access_token: &str, at: DateTime<Utc>) -> bool {
    #[derive(Deserialize)]
    struct Known {
        expires_at: DateTime<Utc>,
        revoked: bool,
    }
    let url = format!("{url}/_sandbox/token");
    let answer = http.get(&url, Some(access_token)).await;
    let answer = answer.expect("the sandbox answers");
    answer.status.is_success() && {
        let known: Known = answer.parse();
        !known.revoked && at < known.expires_at
    }
}

fn ready_url(log: &str) -> Option<String> {
    let line = log
        .lines()
        .find_map(|line| line.strip_prefix("The sandbox is ready at "))?;
    Some(line.trim().to_owned())
}

/// The most token requests that fell into any so many seconds.
pub fn peak<'a>(entries: impl IntoIterator<Item = &'a LedgerEntry>, seconds: i64) -> usize {
    let mut times: Vec<i64> = entries
        .into_iter()
        .map(|entry| entry.time.timestamp_millis())
        .collect();
    times.sort_unstable();
    let mut from = 0;
    let mut peak = 0;
    for (to, time) in times.iter().enumerate() {
        while time - times[from] >= seconds * 1000 {
            from += 1;
        }
        peak = peak.max(to - from + 1);
    }
    peak
}
