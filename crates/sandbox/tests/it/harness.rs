//! The client side: a provider under test, and the requests an OAuth client would make.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use chrono::{DateTime, Utc};
use rand::{SeedableRng as _, rngs::StdRng};
use sandbox::{Decision, Sandbox, SandboxConfig, config::example, scopes::AZURE_DEVOPS_RESOURCE};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::Url;

pub const BASE: &str = "http://127.0.0.1:3100";
pub const TOKENRY: &str = "http://127.0.0.1:3000";
pub const ENTRA_CALLBACK: &str = "http://127.0.0.1:3000/callback/azure-devops";
pub const LEGACY_CALLBACK: &str = "http://127.0.0.1:3000/callback/azure-devops-legacy";
pub const OAUTH2_CALLBACK: &str =
    "http://127.0.0.1:3000/callback/oauth2/0198c0de-0000-7000-8000-000000000001";
pub const ENTRA_TOKEN: &str = "/organizations/oauth2/v2.0/token";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// 2026-03-01T12:00:00Z
const START: i64 = 1_772_366_400;

pub type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// `pairs` with one parameter changed, added, or (with an empty value) taken out.
pub fn with<'a>(pairs: &Pairs<'a>, name: &'a str, value: &'a str) -> Pairs<'a> {
    let mut changed: Pairs<'a> = pairs
        .iter()
        .copied()
        .filter(|(other, _)| *other != name)
        .collect();
    if !value.is_empty() {
        changed.push((name, value));
    }
    changed
}

pub fn devops(name: &str) -> String {
    format!("{AZURE_DEVOPS_RESOURCE}/{name}")
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub fn field(&self, name: &str) -> String {
        let json = self.json();
        json[name]
            .as_str()
            .unwrap_or_else(|| panic!("no string '{name}' in {json}"))
            .to_owned()
    }

    pub fn location(&self) -> Url {
        self.headers[header::LOCATION]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Status, OAuth error and (Entra) the AADSTS code.
    pub fn refusal(&self) -> (u16, String, Option<u64>) {
        (
            self.status.as_u16(),
            self.field("error"),
            self.json()["error_codes"][0].as_u64(),
        )
    }
}

pub fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.into_owned())
}

pub struct Provider {
    pub sandbox: Sandbox,
    router: Router,
    time: Arc<AtomicI64>,
}

impl Provider {
    pub fn new() -> Self {
        let config = SandboxConfig::for_tokenry(BASE.parse().unwrap(), &TOKENRY.parse().unwrap());
        let time = Arc::new(AtomicI64::new(START));
        let clock = Arc::clone(&time);
        let now = move || DateTime::<Utc>::from_timestamp(clock.load(Ordering::SeqCst), 0).unwrap();
        let sandbox = Sandbox::new(config, now, StdRng::seed_from_u64(7));
        Self {
            router: sandbox.router(),
            sandbox,
            time,
        }
    }

    pub fn advance(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer {
            status,
            headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// The response as it is, for answers that break off.
    pub async fn raw(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post_form(&self, path: &str, pairs: &Pairs<'_>) -> Answer {
        self.send(form(path, pairs)).await
    }

    pub async fn post_json(&self, path: &str, body: Value) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.to_string().into()).unwrap())
            .await
    }

    /// An API call with a bearer token.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json-patch+json");
        self.send(
            request
                .body(body.map_or_else(Body::empty, |body| body.to_string().into()))
                .unwrap(),
        )
        .await
    }

    pub async fn profile(&self, token: &str) -> Answer {
        self.call(
            Method::GET,
            "/_apis/profile/profiles/me?api-version=7.1-preview.3",
            token,
            None,
        )
        .await
    }

    /// Goes through sign-in and consent as the service account, without the pages.
    pub fn accept(&self, url: &Url) -> Url {
        self.sandbox
            .consent(url, "service", Decision::Accept)
            .unwrap()
    }

    pub fn legacy_code(&self, scope: &str) -> String {
        query(
            &self.accept(&authorize_url(
                "/oauth2/authorize",
                &legacy_authorize(scope),
            )),
            "code",
        )
        .unwrap()
    }

    pub fn entra_code(&self, scope: &str) -> String {
        let url = authorize_url(
            "/organizations/oauth2/v2.0/authorize",
            &entra_authorize(scope),
        );
        query(&self.accept(&url), "code").unwrap()
    }

    pub fn oauth2_code(&self, scope: &str) -> String {
        query(
            &self.accept(&authorize_url("/oidc/authorize", &oauth2_authorize(scope))),
            "code",
        )
        .unwrap()
    }

    pub async fn legacy_tokens(&self, scope: &str) -> Answer {
        self.post_form("/oauth2/token", &legacy_redeem(&self.legacy_code(scope)))
            .await
    }

    pub async fn entra_tokens(&self, scope: &str) -> Answer {
        self.post_form(ENTRA_TOKEN, &entra_redeem(&self.entra_code(scope)))
            .await
    }

    pub async fn oauth2_tokens(&self, scope: &str) -> Answer {
        self.post_form("/oidc/token", &oauth2_redeem(&self.oauth2_code(scope)))
            .await
    }

    pub async fn behave(&self, patch: Value) {
        let answer = self.post_json("/_sandbox/behaviour", patch).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }

    pub async fn change_account(&self, name: &str, patch: Value) {
        let answer = self
            .post_json(&format!("/_sandbox/accounts/{name}"), patch)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
}

pub fn form(path: &str, pairs: &Pairs<'_>) -> Request<Body> {
    let request =
        Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request
        .body(serde_urlencoded::to_string(pairs).unwrap().into())
        .unwrap()
}

pub fn authorize_url(path: &str, pairs: &Pairs<'_>) -> Url {
    format!(
        "{BASE}{path}?{}",
        serde_urlencoded::to_string(pairs).unwrap()
    )
    .parse()
    .unwrap()
}

pub fn legacy_authorize(scope: &str) -> Pairs<'_> {
    vec![
        ("client_id", example::LEGACY_CLIENT_ID),
        ("response_type", "Assertion"),
        ("state", "s t&te"),
        ("scope", scope),
        ("redirect_uri", LEGACY_CALLBACK),
    ]
}

pub fn legacy_redeem(code: &str) -> Pairs<'_> {
    vec![
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", example::LEGACY_CLIENT_SECRET),
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", code),
        ("redirect_uri", LEGACY_CALLBACK),
    ]
}

pub fn legacy_refresh(token: &str) -> Pairs<'_> {
    with(&legacy_redeem(token), "grant_type", "refresh_token")
}

pub fn entra_authorize(scope: &str) -> Pairs<'_> {
    vec![
        ("client_id", example::ENTRA_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", ENTRA_CALLBACK),
        ("state", "s t&te"),
        ("nonce", "n-1"),
        ("scope", scope),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

pub fn entra_redeem(code: &str) -> Pairs<'_> {
    vec![
        ("client_id", example::ENTRA_CLIENT_ID),
        ("client_secret", example::ENTRA_CLIENT_SECRET),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", ENTRA_CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub fn entra_refresh<'a>(token: &'a str, scope: &'a str) -> Pairs<'a> {
    vec![
        ("client_id", example::ENTRA_CLIENT_ID),
        ("client_secret", example::ENTRA_CLIENT_SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("scope", scope),
    ]
}

pub fn oauth2_authorize(scope: &str) -> Pairs<'_> {
    vec![
        ("client_id", example::OAUTH2_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", OAUTH2_CALLBACK),
        ("state", "s t&te"),
        ("scope", scope),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

pub fn oauth2_redeem(code: &str) -> Pairs<'_> {
    vec![
        ("client_id", example::OAUTH2_CLIENT_ID),
        ("client_secret", example::OAUTH2_CLIENT_SECRET),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", OAUTH2_CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub fn oauth2_refresh(token: &str) -> Pairs<'_> {
    vec![
        ("client_id", example::OAUTH2_CLIENT_ID),
        ("client_secret", example::OAUTH2_CLIENT_SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
    ]
}

/// A registration as the control API takes it.
pub fn app(client_id: &str, kind: &str, callback: &str) -> Value {
    json!({"client_id": client_id, "name": "Test app", "kind": kind, "redirect_uris": [callback]})
}
