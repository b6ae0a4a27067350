//! Parameters of OAuth requests, read strictly (RFC 6749 §3.1): none twice, an empty one counts as absent.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use base64::Engine as _;

use crate::refusal::Refusal;

/// The parameters of a query or of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads `application/x-www-form-urlencoded` text.
    pub(crate) fn parse(encoded: &str) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(encoded)
            .map_err(|_| Refusal::Malformed("the parameters cannot be decoded"))?;
        let mut params = BTreeMap::new();
        for (name, value) in pairs {
            if params.insert(name, value).is_some() {
                return Err(Refusal::Malformed("a parameter is there more than once"));
            }
        }
        Ok(Self(params))
    }

    /// Reads the body of a token request, which must say that it is a form.
    pub(crate) fn from_form(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::Malformed(
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        Self::parse(
            std::str::from_utf8(body).map_err(|_| Refusal::Malformed("the body is not UTF-8"))?,
        )
    }

    /// The parameter, unless it is absent or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The parameter, or the refusal that says it is missing.
    pub(crate) fn require(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::MissingParameter(name))
    }
}

/// Client id and secret as the client sent them: in the body or as HTTP Basic (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClientCredentials {
    pub(crate) client_id: Option<String>,
    pub(crate) secret: Option<String>,
}

impl ClientCredentials {
    /// Reads both places; using both for a secret is refused.
    pub(crate) fn read(headers: &HeaderMap, params: &Params) -> Result<Self, Refusal> {
        let in_body = Self {
            client_id: params.get("client_id").map(str::to_owned),
            secret: params.get("client_secret").map(str::to_owned),
        };
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Ok(in_body);
        };
        let (client_id, secret) =
            value
                .to_str()
                .ok()
                .and_then(decode_basic)
                .ok_or(Refusal::Malformed(
                    "the Authorization header is not HTTP Basic",
                ))?;
        if in_body.secret.is_some() {
            return Err(Refusal::Malformed(
                "the client authenticates twice, in the body and in the header",
            ));
        }
        if in_body.client_id.is_some_and(|named| named != client_id) {
            return Err(Refusal::Malformed(
                "the header and the body name different clients",
            ));
        }
        Ok(Self {
            client_id: Some(client_id),
            secret: Some(secret),
        })
    }
}

fn decode_basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded.trim())
        .ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    Some((form_decode(client_id)?, form_decode(secret)?))
}

/// Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
fn form_decode(text: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("v={text}")).ok()?;
    match <[_; 1]>::try_from(pairs) {
        Ok([(_, value)]) => Some(value),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_parameters_are_refused_and_empty_ones_absent() {
        assert!(Params::parse("state=a&state=b").is_err());
        let params = Params::parse("state=&code=a%2Bb+c").unwrap();
        assert_eq!(params.get("state"), None);
        assert_eq!(params.get("code"), Some("a+b c"));
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let mut headers = HeaderMap::new();
        // "id:a%3Ab+c"
        headers.insert(
            header::AUTHORIZATION,
            "Basic aWQ6YSUzQWIrYw==".parse().unwrap(),
        );
        let read = ClientCredentials::read(&headers, &Params::default()).unwrap();
        assert_eq!(
            read,
            ClientCredentials {
                client_id: Some("id".into()),
                secret: Some("a:b c".into())
            }
        );
        let twice = Params::parse("client_secret=x").unwrap();
        assert!(ClientCredentials::read(&headers, &twice).is_err());
    }
}
