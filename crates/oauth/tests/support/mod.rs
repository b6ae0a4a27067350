//! What the tests of this crate share.
#![expect(dead_code, reason = "every test file uses a part of it")]

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use model::{AuthorizationId, settings::Settings};
use oauth::{
    Catalogue, ClientRegistration, ProviderOverride, SecretString,
    http::{EgressPolicy, GuardedClient},
};
use url::Url;
use wiremock::{MockServer, Request, ResponseTemplate};

pub const CLIENT_ID: &str = "3b0d9f65-7b5c-4a0e-9a53-1c1a3f1e0c11";
pub const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub fn now() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub fn public_url() -> Url {
    Url::parse("https://tokenry.example/").unwrap()
}

pub fn authorization() -> AuthorizationId {
    "0195f2c4-7c3e-7c1a-9a5e-0123456789ab".parse().unwrap()
}

/// A client that may reach the mock server and nothing else.
pub fn client_for(server: &MockServer) -> GuardedClient {
    let policy = EgressPolicy::parse([server.uri().as_str()]).unwrap();
    GuardedClient::new(policy).unwrap()
}

/// A registration at a built-in provider whose login base is the mock server.
pub fn registration(provider: &str, base: &str, secrets: &[&str]) -> ClientRegistration {
    let settings = [("client_id", CLIENT_ID), ("tenant", TENANT)];
    registration_with(provider, base, &settings, secrets)
}

fn registration_with(
    provider: &str,
    base: &str,
    settings: &[(&str, &str)],
    secrets: &[&str],
) -> ClientRegistration {
    let overrides = [ProviderOverride {
        provider: provider.to_owned(),
        bases: [("login".to_owned(), base.to_owned())].into(),
        ..ProviderOverride::default()
    }];
    let catalogue = Catalogue::load(&overrides).unwrap();
    let settings: Settings = settings.iter().copied().collect();
    registered(&catalogue, provider, &settings, secrets)
}

/// The registration of an Entra app in `tenant`.
pub fn registration_of_tenant(base: &str, tenant: &str) -> ClientRegistration {
    registration_with(
        "azure-devops",
        base,
        &[("client_id", CLIENT_ID), ("tenant", tenant)],
        &["s"],
    )
}

/// A registration at the generic provider.
pub fn generic(base: &str, more: &[(&str, &str)], secrets: &[&str]) -> ClientRegistration {
    let mut settings: Settings = [
        ("client_id", "my client".to_owned()),
        ("authorization_url", format!("{base}/authorize")),
        ("token_url", format!("{base}/token")),
    ]
    .into_iter()
    .collect();
    for (key, value) in more {
        settings.set(key, *value);
    }
    registered(&Catalogue::load(&[]).unwrap(), "oauth2", &settings, secrets)
}

fn registered(
    catalogue: &Catalogue,
    provider: &str,
    settings: &Settings,
    secrets: &[&str],
) -> ClientRegistration {
    let secrets = secrets.iter().map(|secret| SecretString::from(*secret));
    let provider = Arc::clone(catalogue.get(provider).unwrap());
    provider
        .registration(settings, secrets.collect(), &public_url(), authorization())
        .unwrap()
}

/// The decoded form of a request; a parameter that is sent twice fails the test.
pub fn form(request: &Request) -> HashMap<String, String> {
    unique(url::form_urlencoded::parse(&request.body))
}

/// The decoded query of a URL; a parameter that is there twice fails the test.
pub fn query(url: &Url) -> HashMap<String, String> {
    unique(url.query_pairs())
}

fn unique<'a>(
    pairs: impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>,
) -> HashMap<String, String> {
    let mut map = HashMap::new();
    for (name, value) in pairs {
        let before = map.insert(name.to_string(), value.to_string());
        assert!(before.is_none(), "{name} is there twice");
    }
    map
}

pub fn map<const N: usize>(pairs: [(&str, &str); N]) -> HashMap<String, String> {
    let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    owned.into()
}

pub fn token_json() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(serde_json::json!({
        "access_token": "AT",
        "token_type": "Bearer",
        "expires_in": 3599,
        "refresh_token": "RT2",
    }))
}
