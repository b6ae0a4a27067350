//! The authorization request: the URL the browser is sent to (RFC 6749 §4.1.1).

use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, ResponseType, Scope};
use secrecy::ExposeSecret;
use url::Url;

use super::{AuthorizationRequest, Prompt, response_type, wire};
use crate::catalogue::ClientRegistration;

impl ClientRegistration {
    /// The URL of the provider's sign-in page for one flow.
    ///
    /// # Panics
    /// When the PKCE verifier has not 43 to 128 characters (RFC 7636 §4.1): it is ours to make.
    pub fn authorization_url(&self, request: &AuthorizationRequest<'_>) -> Url {
        let scopes = self.wire_scopes(request.scopes);
        let asks_for_id_token = scopes.iter().any(|scope| scope == "openid");
        let asks_for_offline = scopes.iter().any(|scope| scope == "offline_access");
        let client = wire::client(self, None);
        let mut building = client
            .authorize_url(|| CsrfToken::new(request.state.expose_secret().to_owned()))
            .set_response_type(&ResponseType::new(
                response_type(self.provider.dialect()).to_owned(),
            ))
            .add_scopes(scopes.into_iter().map(Scope::new));
        if self.provider.uses_pkce() {
            let verifier = request.pkce_verifier.expose_secret().to_owned();
            let verifier = PkceCodeVerifier::new(verifier);
            let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
            building = building.set_pkce_challenge(challenge);
        }
        if asks_for_id_token {
            building = building.add_extra_param("nonce", request.nonce);
        }
        for (name, value) in &self.authorize_parameters {
            building = building.add_extra_param(name, value);
        }
        for (name, value) in self.screen_parameters(request, asks_for_offline) {
            // What the settings say themselves comes first; a parameter is never sent twice.
            if self
                .authorize_parameters
                .iter()
                .all(|(known, _)| known != name)
            {
                building = building.add_extra_param(name, value);
            }
        }
        building.url().0
    }

    /// The link with which an administrator of the directory consents for everybody.
    pub fn admin_consent_url(&self, state: &str) -> Option<Url> {
        let mut url = self.endpoints.admin_consent.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("state", state);
        Some(url)
    }

    fn screen_parameters<'a>(
        &'a self,
        request: &AuthorizationRequest<'a>,
        asks_for_offline: bool,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let prompts = &self.provider.definition.prompts;
        let wanted = match request.prompt {
            Some(Prompt::SelectAccount) => prompts.select_account.as_deref(),
            Some(Prompt::Consent) => prompts.consent.as_deref(),
            None => None,
        };
        let offline = prompts.with_offline_access.as_deref();
        let prompt = offline.filter(|_| asks_for_offline).or(wanted);
        let hint = request.login_hint.filter(|_| prompts.login_hint);
        let named = [("prompt", prompt), ("login_hint", hint)];
        named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }
}
