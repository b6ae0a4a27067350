//! A first call with a new token: some providers hand out tokens that their API then refuses.

use http::StatusCode;
use secrecy::SecretString;
use url::Url;

use crate::{
    catalogue::ClientRegistration, http::HttpClient, http::HttpError, identity::bearer_request,
    reason::Reason,
};

/// What the API says to the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It lets the token in. (It may still refuse this one call: that is about scopes.)
    Accepted,
    /// It does not accept the token at all.
    Refused {
        /// HTTP status.
        status: u16,
        /// Why, when the provider's definition knows the message.
        reason: Option<Reason>,
    },
}

impl ClientRegistration {
    /// Calls `url` (a harmless GET under a connector's base URL) with the token.
    pub async fn probe(
        &self,
        http: &dyn HttpClient,
        url: &Url,
        access_token: &SecretString,
    ) -> Result<Probe, HttpError> {
        let answer = http.execute(bearer_request(url, access_token)?).await?;
        let message = String::from_utf8_lossy(answer.body());
        let reason = self.provider.reasons.look_up(&[], "", &message);
        let status = answer.status();
        // 203 and redirects are sign-in pages: how Azure DevOps refuses a token.
        let refuses = status == StatusCode::UNAUTHORIZED
            || status == StatusCode::NON_AUTHORITATIVE_INFORMATION
            || status.is_redirection()
            || (!status.is_success() && reason.is_some());
        Ok(if refuses {
            Probe::Refused {
                status: status.as_u16(),
                reason,
            }
        } else {
            Probe::Accepted
        })
    }
}
