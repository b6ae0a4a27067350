//! Who consented: from a validated `id_token`, or from the provider's profile endpoint.

use chrono::{DateTime, Utc};
use http::{Request, StatusCode, header};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use model::{account::AccountInfo, scopes};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    catalogue::{ClientRegistration, IdentitySource},
    dialect::TokenResponse,
    documents::{DocumentError, PublishedDocuments},
    http::{HttpClient, HttpError},
};

/// One finished sign-in, to be asked who it was.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    /// What the code brought.
    pub tokens: &'a TokenResponse,
    /// The nonce of the flow.
    pub nonce: &'a str,
    /// The scopes that were asked for, as the catalogue names them.
    pub asked: &'a [String],
    /// The time.
    pub now: DateTime<Utc>,
}

/// Why an account can't be named.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The `id_token` is forged, stale or meant for somebody else. The flow must be refused.
    #[error("the id_token is not valid: {0}")]
    IdToken(&'static str),
    /// The issuer's keys can't be had.
    #[error(transparent)]
    Keys(#[from] DocumentError),
    /// The profile can't be had.
    #[error("the account's profile can't be read: {0}")]
    Profile(#[from] HttpError),
}

/// Clocks may differ by this many seconds.
const LEEWAY: i64 = 120;

impl ClientRegistration {
    /// The account that consented; `None` when the provider does not tell.
    pub async fn identity(
        &self,
        http: &dyn HttpClient,
        documents: &PublishedDocuments,
        sign_in: &SignIn<'_>,
    ) -> Result<Option<AccountInfo>, IdentityError> {
        match &self.provider.definition.identity {
            IdentitySource::IdToken { .. } => {
                let Some(id_token) = &sign_in.tokens.id_token else {
                    return Ok(None);
                };
                let Some(jwks) = &self.endpoints.jwks else {
                    // Nothing to verify it with, so it is not looked at.
                    return Ok(None);
                };
                let claims = verified(id_token, jwks, http, documents, sign_in.now).await?;
                self.check_claims(&claims, sign_in)?;
                Ok(Some(self.account(&claims)?))
            }
            IdentitySource::Profile { scopes } => match &self.endpoints.profile {
                Some(url) if self.may_read_profile(scopes, sign_in) => {
                    profile(http, url, &sign_in.tokens.access_token).await
                }
                _ => Ok(None),
            },
        }
    }

    /// `OpenID` Connect Core §3.1.3.7, without the signature.
    fn check_claims(&self, claims: &Claims, sign_in: &SignIn<'_>) -> Result<(), IdentityError> {
        let tenant = self.tenant_claim(claims);
        let issuer = self.issuer.as_ref();
        let expected = issuer.and_then(|issuer| issuer.identifier(tenant));
        if expected.as_deref() != Some(claims.iss.as_str()) {
            return Err(IdentityError::IdToken("it is from another issuer"));
        }
        let for_us = match &claims.aud {
            Value::String(audience) => *audience == self.client_id,
            // With several audiences the token must say that it was made for this client.
            Value::Array(audiences) => {
                audiences.iter().any(|one| *one == *self.client_id)
                    && (audiences.len() == 1 || claims.text("azp") == Some(&self.client_id))
            }
            _ => false,
        };
        if !for_us {
            return Err(IdentityError::IdToken("it is meant for another client"));
        }
        if claims.exp.saturating_add(LEEWAY) <= sign_in.now.timestamp() {
            return Err(IdentityError::IdToken("it has expired"));
        }
        if claims.text("nonce") != Some(sign_in.nonce) {
            return Err(IdentityError::IdToken("it belongs to another sign-in"));
        }
        Ok(())
    }

    fn account(&self, claims: &Claims) -> Result<AccountInfo, IdentityError> {
        let IdentitySource::IdToken {
            subject_claim,
            personal_tenant,
            ..
        } = &self.provider.definition.identity
        else {
            return Err(IdentityError::IdToken("the provider does not use it"));
        };
        let subject = claims.text(subject_claim);
        let subject = subject.ok_or(IdentityError::IdToken("it names no account"))?;
        let tenant = self.tenant_claim(claims);
        let owned = |text: &str| text.to_owned();
        Ok(AccountInfo {
            subject: subject.to_owned(),
            tenant: Some(tenant.unwrap_or(&claims.iss).to_owned()),
            username: claims
                .text("preferred_username")
                .or_else(|| claims.text("email"))
                .map(owned),
            display_name: claims.text("name").map(owned),
            personal: tenant.is_some() && tenant == personal_tenant.as_deref(),
        })
    }

    fn tenant_claim<'a>(&self, claims: &'a Claims) -> Option<&'a str> {
        match &self.provider.definition.identity {
            IdentitySource::IdToken {
                tenant_claim: Some(name),
                ..
            } => claims.text(name),
            _ => None,
        }
    }

    fn may_read_profile(&self, any_of: &[String], sign_in: &SignIn<'_>) -> bool {
        let granted = sign_in.tokens.scopes.as_deref().unwrap_or(sign_in.asked);
        let covered = scopes::covered_by(granted, self.provider.scopes());
        any_of
            .iter()
            .any(|scope| granted.contains(scope) || covered.contains_key(scope))
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    exp: i64,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Claims {
    fn text(&self, name: &str) -> Option<&str> {
        let text = self.others.get(name)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }
}

/// The claims, once the signature is known to be the issuer's. RS256 is what issuers must support
/// (`OpenID` Connect Core §15.1); `none` and symmetric algorithms are refused by not being it.
async fn verified(
    id_token: &SecretString,
    jwks: &Url,
    http: &dyn HttpClient,
    documents: &PublishedDocuments,
    now: DateTime<Utc>,
) -> Result<Claims, IdentityError> {
    const MALFORMED: IdentityError = IdentityError::IdToken("it is malformed");
    let token = id_token.expose_secret();
    let header = jsonwebtoken::decode_header(token).map_err(|_| MALFORMED)?;
    let key_id = header
        .kid
        .ok_or(IdentityError::IdToken("it names no key"))?;
    let key = documents
        .key(http, jwks, &key_id, now)
        .await?
        .ok_or(IdentityError::IdToken("its key is not published"))?;
    let key =
        DecodingKey::from_jwk(&key).map_err(|_| IdentityError::IdToken("its key can't be used"))?;
    // Issuer, audience and time are checked by the caller, against our clock.
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode(token, &key, &validation)
        .map(|token| token.claims)
        .map_err(|_| IdentityError::IdToken("its signature is wrong"))
}

/// Azure DevOps' profile (`Profiles - Get`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    id: String,
    display_name: Option<String>,
    email_address: Option<String>,
}

/// A profile that is refused is no failure: the account stays unnamed.
async fn profile(
    http: &dyn HttpClient,
    url: &Url,
    access_token: &SecretString,
) -> Result<Option<AccountInfo>, IdentityError> {
    let request = bearer_request(url, access_token)?;
    let answer = http.execute(request).await?;
    if answer.status() != StatusCode::OK {
        return Ok(None);
    }
    let profile = serde_json::from_slice::<Profile>(answer.body()).ok();
    Ok(profile.map(|profile| AccountInfo {
        subject: profile.id,
        tenant: None,
        username: profile.email_address,
        display_name: profile.display_name,
        personal: false,
    }))
}

/// A GET that carries the token (RFC 6750 §2.1).
pub(crate) fn bearer_request(
    url: &Url,
    access_token: &SecretString,
) -> Result<Request<Vec<u8>>, HttpError> {
    let bearer = format!("Bearer {}", access_token.expose_secret());
    let mut bearer = header::HeaderValue::try_from(bearer)
        .map_err(|_| HttpError::Malformed("the token fits no header".to_owned()))?;
    bearer.set_sensitive(true);
    Request::get(url.as_str())
        .header(header::AUTHORIZATION, bearer)
        .header(header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|error| HttpError::Malformed(error.to_string()))
}
