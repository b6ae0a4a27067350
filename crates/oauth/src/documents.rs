//! What issuers publish: metadata (RFC 8414, `OpenID` Connect Discovery) and signing keys (JWKS).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use http::{Request, StatusCode, header};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    catalogue::{ClientRegistration, Issuer},
    http::{HttpClient, HttpError},
};

/// Why a published document is of no use.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It could not be fetched.
    #[error("{url}: {source}")]
    Http {
        /// Where it should be.
        url: String,
        /// What went wrong.
        source: HttpError,
    },
    /// The server answered with something else.
    #[error("{url} answered {status}")]
    Status {
        /// Where it should be.
        url: String,
        /// The answer's status.
        status: u16,
    },
    /// Not the JSON it should be.
    #[error("{0} does not hold the expected document")]
    Malformed(String),
    /// The metadata belong to another issuer (S7).
    #[error("the metadata name the issuer {got:?} instead of {expected:?}")]
    Issuer {
        /// What was configured.
        expected: String,
        /// What the document says.
        got: String,
    },
    /// The issuer is not an address.
    #[error("the issuer {0:?} is not an address")]
    IssuerAddress(String),
}

/// The parts of an issuer's metadata that Tokenry uses (RFC 8414 §2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ProviderMetadata {
    /// Equal, byte for byte, to what was configured (S7).
    pub issuer: String,
    /// Where the browser is sent.
    pub authorization_endpoint: Option<Url>,
    /// Where codes are exchanged.
    pub token_endpoint: Option<Url>,
    /// RFC 7009.
    pub revocation_endpoint: Option<Url>,
    /// Published keys.
    pub jwks_uri: Option<Url>,
    /// Scopes the issuer cares to name.
    #[serde(default)]
    pub scopes_supported: Vec<String>,
    /// Callbacks carry `iss` (RFC 9207 §3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Fetches published documents and keeps them for a while. One per process.
#[derive(Debug, Default)]
pub struct PublishedDocuments {
    kept: Mutex<HashMap<Url, Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    at: DateTime<Utc>,
    document: Arc<Value>,
}

/// Documents are fetched again after this time.
const KEEP: TimeDelta = TimeDelta::hours(12);
/// An unknown key leads to another fetch, but not more often than this.
const KEYS_AT_MOST_EVERY: TimeDelta = TimeDelta::minutes(1);

impl PublishedDocuments {
    /// The metadata of `issuer`, wherever of the two usual places they are.
    pub async fn metadata(
        &self,
        http: &dyn HttpClient,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<ProviderMetadata, DocumentError> {
        let [openid, oauth] = metadata_addresses(issuer)
            .ok_or_else(|| DocumentError::IssuerAddress(issuer.to_owned()))?;
        let (url, document) = match self.document(http, &openid, KEEP, now).await {
            Ok(document) => (openid, document),
            Err(DocumentError::Status { status: 404, .. }) => {
                let document = self.document(http, &oauth, KEEP, now).await?;
                (oauth, document)
            }
            Err(error) => return Err(error),
        };
        let metadata = ProviderMetadata::deserialize(document.as_ref())
            .map_err(|_| DocumentError::Malformed(url.to_string()))?;
        if metadata.issuer == issuer {
            Ok(metadata)
        } else {
            Err(DocumentError::Issuer {
                expected: issuer.to_owned(),
                got: metadata.issuer,
            })
        }
    }

    /// The registration with what its issuer's metadata add: keys, revocation, RFC 9207. Without
    /// an issuer, or with all of it known from the definition, it comes back as it is.
    pub async fn complete(
        &self,
        http: &dyn HttpClient,
        mut registration: ClientRegistration,
        now: DateTime<Utc>,
    ) -> Result<ClientRegistration, DocumentError> {
        if registration.endpoints.jwks.is_some() {
            return Ok(registration);
        }
        let Some(issuer) = registration.issuer.as_ref().and_then(Issuer::fixed) else {
            return Ok(registration);
        };
        let metadata = self.metadata(http, &issuer, now).await?;
        let endpoints = &mut registration.endpoints;
        endpoints.jwks = metadata.jwks_uri;
        endpoints.revocation = endpoints.revocation.take().or(metadata.revocation_endpoint);
        registration.issuer_in_callback = metadata.authorization_response_iss_parameter_supported;
        Ok(registration)
    }

    /// The published key with this id; `None` when there is none even in a fresh document.
    pub(crate) async fn key(
        &self,
        http: &dyn HttpClient,
        jwks: &Url,
        id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Jwk>, DocumentError> {
        for keep in [KEEP, KEYS_AT_MOST_EVERY] {
            let document = self.document(http, jwks, keep, now).await?;
            if let Some(key) = find_key(&document, id) {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    async fn document(
        &self,
        http: &dyn HttpClient,
        url: &Url,
        keep: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Arc<Value>, DocumentError> {
        let kept = self.kept().get(url).cloned();
        if let Some(kept) = kept.filter(|kept| now - kept.at < keep) {
            return Ok(kept.document);
        }
        let document = Arc::new(fetch(http, url).await?);
        let kept = Kept {
            at: now,
            document: document.clone(),
        };
        self.kept().insert(url.clone(), kept);
        Ok(document)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Url, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(http: &dyn HttpClient, url: &Url) -> Result<Value, DocumentError> {
    let request = Request::get(url.as_str())
        .header(header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| DocumentError::Malformed(url.to_string()))?;
    let answer = http
        .execute(request)
        .await
        .map_err(|source| DocumentError::Http {
            url: url.to_string(),
            source,
        })?;
    if answer.status() != StatusCode::OK {
        return Err(DocumentError::Status {
            url: url.to_string(),
            status: answer.status().as_u16(),
        });
    }
    serde_json::from_slice(answer.body()).map_err(|_| DocumentError::Malformed(url.to_string()))
}

/// `OpenID` Connect Discovery §4 appends to the issuer, RFC 8414 §3.1 puts in after its host.
fn metadata_addresses(issuer: &str) -> Option<[Url; 2]> {
    let parsed = Url::parse(issuer).ok()?;
    let path = parsed.path().trim_end_matches('/');
    let at = |path: String| {
        let mut url = parsed.clone();
        url.set_path(&path);
        url
    };
    Some([
        at(format!("{path}/.well-known/openid-configuration")),
        at(format!("/.well-known/oauth-authorization-server{path}")),
    ])
}

/// One key; others of the set may be of kinds that are not understood.
fn find_key(document: &Value, id: &str) -> Option<Jwk> {
    let keys = document.get("keys")?.as_array()?;
    let readable = keys.iter().filter_map(|key| Jwk::deserialize(key).ok());
    let set = JwkSet {
        keys: readable.collect(),
    };
    set.find(id).cloned()
}

#[cfg(test)]
mod tests {
    use super::metadata_addresses;

    #[test]
    fn metadata_are_looked_for_in_both_places() {
        let addresses = |issuer| metadata_addresses(issuer).unwrap().map(String::from);
        assert_eq!(
            addresses("https://id.example/a/"),
            [
                "https://id.example/a/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server/a",
            ]
        );
        assert_eq!(
            addresses("https://id.example")[1],
            "https://id.example/.well-known/oauth-authorization-server"
        );
    }
}
