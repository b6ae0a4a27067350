//! The token request of the Azure DevOps app model of before Entra ID.
//!
//! It has no `client_id`: the client secret *is* the client's assertion, and the code or refresh
//! token the grant's (a reading of RFC 7523 of its own). The standard form is re-encoded here.

use http::Request;
use url::form_urlencoded;

const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The same request in the legacy form. `redirect_uri` is present on refresh too.
pub(super) fn re_encode(request: Request<Vec<u8>>, redirect_uri: &str) -> Request<Vec<u8>> {
    request.map(|body| {
        let standard: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
        let value = |name: &str| {
            let found = standard.iter().find(|(known, _)| known == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let (grant_type, assertion) = match value("grant_type") {
            "refresh_token" => ("refresh_token", value("refresh_token")),
            _ => (JWT_BEARER, value("code")),
        };
        form_urlencoded::Serializer::new(String::new())
            .append_pair("client_assertion_type", CLIENT_ASSERTION_TYPE)
            .append_pair("client_assertion", value("client_secret"))
            .append_pair("grant_type", grant_type)
            .append_pair("assertion", assertion)
            .append_pair("redirect_uri", redirect_uri)
            .finish()
            .into_bytes()
    })
}
