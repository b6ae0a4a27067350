//! The `oauth2` crate's client for a registration, and a token response that reads leniently.

use std::{fmt, time::Duration};

use oauth2::{
    AccessToken, AuthType, AuthUrl, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, RedirectUrl, RefreshToken, RevocationUrl, Scope, StandardRevocableToken, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use url::Url;

use crate::catalogue::{ClientAuthentication, ClientRegistration};

pub(super) type Client = oauth2::Client<
    BasicErrorResponse,
    LenientToken,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointSet,
>;

/// A client that proves itself with `secret`.
pub(super) fn client(registration: &ClientRegistration, secret: Option<&SecretString>) -> Client {
    let endpoints = &registration.endpoints;
    let client = oauth2::Client::new(ClientId::new(registration.client_id.clone()))
        .set_auth_uri(AuthUrl::from_url(endpoints.authorization.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
        .set_revocation_url_option(endpoints.revocation.as_ref().map(nominal_https))
        .set_auth_type(match registration.authentication {
            ClientAuthentication::Basic => AuthType::BasicAuth,
            ClientAuthentication::Post | ClientAuthentication::None => AuthType::RequestBody,
        });
    let client = match RedirectUrl::new(registration.redirect_uri.clone()) {
        Ok(redirect) => client.set_redirect_uri(redirect),
        // Can't be: it starts with the public URL, which was parsed.
        Err(_) => client,
    };
    match secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose_secret().into())),
        None => client,
    }
}

/// The crate insists on https for revocation. What may be reached is the guarded client's to say,
/// so the crate is shown https and the adapter sends to the real address.
fn nominal_https(url: &Url) -> RevocationUrl {
    let mut url = url.clone();
    // Fails only between special and other schemes; then the crate reports what it dislikes.
    let _ = url.set_scheme("https");
    RevocationUrl::from_url(url)
}

/// A token response as providers really write it. Only read after `answer::check_token` found an
/// access token in it.
#[derive(Deserialize, Serialize)]
pub(super) struct LenientToken {
    access_token: AccessToken,
    #[serde(default, deserialize_with = "text")]
    token_type: Option<String>,
    #[serde(default, deserialize_with = "lifetime")]
    expires_in: Option<Duration>,
    #[serde(default, deserialize_with = "refresh_token")]
    refresh_token: Option<RefreshToken>,
    #[serde(default, deserialize_with = "scopes", rename = "scope")]
    scopes: Option<Vec<Scope>>,
    #[serde(default, deserialize_with = "text")]
    id_token: Option<String>,
}

impl LenientToken {
    pub(super) fn token_type_text(&self) -> &str {
        self.token_type.as_deref().unwrap_or("Bearer")
    }

    pub(super) fn id_token(&self) -> Option<&str> {
        self.id_token.as_deref()
    }
}

impl fmt::Debug for LenientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LenientToken")
            .field("expires_in", &self.expires_in)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl oauth2::TokenResponse for LenientToken {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}

/// Longer lifetimes are taken for this one: time arithmetic stays far from its limits.
const LONGEST_LIFETIME: u64 = 10 * 365 * 24 * 60 * 60;

/// Seconds as a number or as text. What is absent, unreadable, zero or negative is *unknown*: a
/// provider that answers so does not mean a token that is useless from the start.
fn lifetime<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let seconds = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let finite = seconds.filter(|seconds: &f64| seconds.is_finite());
    Ok(finite.and_then(|seconds| {
        let seconds = seconds.min(Duration::from_secs(LONGEST_LIFETIME).as_secs_f64());
        let whole = Duration::try_from_secs_f64(seconds).ok()?.as_secs();
        (whole > 0).then_some(Duration::from_secs(whole))
    }))
}

/// A string; anything else counts as absent.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    })
}

fn refresh_token<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<RefreshToken>, D::Error> {
    Ok(text(deserializer)?.map(RefreshToken::new))
}

/// A string separated by spaces (RFC 6749 §3.3), or by commas, or an array of strings.
fn scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Scope>>, D::Error> {
    let scopes: Vec<String> = match Value::deserialize(deserializer)? {
        Value::String(text) if text.contains(char::is_whitespace) => model::scopes::parse(&text),
        Value::String(text) => model::scopes::parse(&text.replace(',', " ")),
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => return Ok(None),
    };
    // An empty list says nothing, which RFC 6749 §5.1 reads as "those asked for".
    Ok((!scopes.is_empty()).then(|| scopes.into_iter().map(Scope::new).collect()))
}
