//! The way back: checks before any token call, then the exchange, then the grant.

use super::{
    ConsentError, FlowDetails,
    callback::{ADMIN_STATE, Answer, Callback, Return},
    explain::{declined, explain, flow_error},
};
use crate::{Broker, access::SessionUser, error::Fault, grants::NewGrant, sealing::Column};
use model::{
    account::AccountInfo,
    authorization::{AuthorizationInput, FlowError},
};
use oauth::{
    ClientRegistration, CodeExchange, ExposeSecret, IdentityError, Probe, Reason, SecretString,
    SignIn, TokenResponse, check_issuer,
};
use storage::flows::{FlowRecord, FlowTarget};
use url::Url;
use vault::{hash_token, hashes_equal};

/// A browser that comes back.
pub struct CallbackRequest<'a> {
    /// What stands behind `/callback/` in the path.
    pub callback: &'a str,
    /// The raw query.
    pub query: &'a str,
    /// Value of its flow cookie.
    pub browser: Option<&'a str>,
    /// Who is signed in there.
    pub user: Option<&'a SessionUser>,
}

/// Where the browser goes next.
#[derive(Debug)]
pub struct Finished {
    /// A path on this host.
    pub return_to: String,
    /// A question is waiting there for this very browser.
    pub asks: bool,
}

/// What a successful trip brought.
struct Consent {
    details: FlowDetails,
    response: TokenResponse,
    account: Option<AccountInfo>,
    warning: Option<String>,
    sent_at: chrono::DateTime<chrono::Utc>,
}

impl Broker {
    /// Takes a callback. A provider's refusal is no error here: the form tells it.
    ///
    /// # Errors
    /// When the callback cannot belong to a flow of this browser and person; then nothing was
    /// asked of the provider.
    pub async fn finish(&self, request: CallbackRequest<'_>) -> Result<Finished, ConsentError> {
        let callback = match Return::parse(request.query)? {
            Return::Person(callback) => callback,
            Return::Administrator { agreed } => return Ok(told_to_administrator(agreed)),
        };
        let flow = self.claim(&callback, &request).await?;
        let details: FlowDetails = self.open_json(
            flow.workspace_id,
            Column::FlowDetails(flow.id),
            &flow.details,
        )?;
        check_issuer(
            details.issuer.as_deref(),
            details.issuer_in_callback,
            callback.issuer.as_deref(),
        )
        .map_err(|_| ConsentError::OtherIssuer)?;

        let outcome = match callback.answer {
            Answer::Code(code) => self.exchange(&flow, details, &code).await?,
            Answer::Error { code, description } => {
                Err(self.refused(&flow, &details, &code, description.as_deref())?)
            }
            Answer::Nothing => Err(declined()),
        };
        match outcome {
            Ok(consent) => self.keep_consent(&flow, consent).await,
            Err(error) => self.keep_error(&flow, error).await,
        }
    }

    /// What the provider said in place of a code.
    fn refused(
        &self,
        flow: &FlowRecord,
        details: &FlowDetails,
        code: &str,
        description: Option<&str>,
    ) -> Result<FlowError, ConsentError> {
        let client = &details.client;
        let provider = self.stored_definition(&client.provider)?;
        let error = provider.callback_error(code, description);
        let secrets = details.secrets.iter().map(Into::into).collect();
        // The client as it was asked with; a page that cannot be named is left out.
        let page = self
            .registration(provider, &client.settings, secrets, flow.authorization_id)
            .ok()
            .and_then(|registration| registration.admin_consent_url(ADMIN_STATE));
        let now = self.now();
        Ok(explain(&error, &client.redirect_uri, page.as_ref(), now))
    }

    /// Finds the flow, checks that it is this browser's and person's, and uses it up.
    async fn claim(
        &self,
        callback: &Callback,
        request: &CallbackRequest<'_>,
    ) -> Result<FlowRecord, ConsentError> {
        let mut tx = self.write().await?;
        let flow = tx
            .flows()
            .get_by_state(&hash_token(&callback.state))
            .await?
            .ok_or(ConsentError::FlowInvalid(
                "is unknown, took too long or was used already",
            ))?;
        if flow.expires_at <= self.now() {
            return Err(ConsentError::FlowInvalid("took longer than 10 minutes"));
        }
        if flow.callback != request.callback {
            return Err(ConsentError::FlowInvalid(
                "came back to another address than it was sent with",
            ));
        }
        let same_browser = request
            .browser
            .is_some_and(|browser| hashes_equal(&hash_token(browser), &flow.browser_hash));
        let same_person = flow
            .user_id
            .is_none_or(|id| request.user.is_some_and(|user| user.user.id == id));
        if !same_browser || !same_person {
            return Err(ConsentError::NotYours);
        }
        if !tx.flows().consume(flow.id).await? {
            return Err(ConsentError::FlowInvalid("was used already"));
        }
        tx.save().await?;
        Ok(flow)
    }

    /// Exchanges the code and finds out who consented.
    async fn exchange(
        &self,
        flow: &FlowRecord,
        details: FlowDetails,
        code: &SecretString,
    ) -> Result<Result<Consent, FlowError>, ConsentError> {
        let input = AuthorizationInput {
            provider: details.client.provider.clone(),
            settings: details.client.settings.clone(),
            ..AuthorizationInput::default()
        };
        let secrets = details.secrets.iter().map(Into::into).collect();
        let registration = self
            .registration_of_form(flow.authorization_id, &input, secrets)
            .await?;
        let unchanged = registration.endpoints.token == details.token_endpoint
            && registration.endpoints.authorization == details.authorization_endpoint
            && registration.redirect_uri == details.client.redirect_uri;
        if !unchanged {
            return Err(ConsentError::FlowInvalid(
                "began before the server's configuration changed",
            ));
        }
        let verifier = SecretString::from(&details.verifier);
        let exchange = CodeExchange {
            code,
            pkce_verifier: &verifier,
        };
        let sent_at = self.now();
        let response = match registration
            .exchange_code(self.http(), &exchange, sent_at)
            .await
        {
            Ok(response) => response,
            Err(error) => {
                tracing::warn!(flow = %flow.id, class = ?error.class, %error, "code exchange failed");
                return Ok(Err(explain(
                    &error,
                    &registration.redirect_uri,
                    registration.admin_consent_url(ADMIN_STATE).as_ref(),
                    sent_at,
                )));
            }
        };
        let sign_in = SignIn {
            tokens: &response,
            nonce: &details.nonce,
            asked: &details.asked_scopes,
            now: self.now(),
        };
        let account = match registration
            .identity(self.http(), self.documents(), &sign_in)
            .await
        {
            Ok(account) => account,
            Err(error @ IdentityError::IdToken(_)) => {
                tracing::warn!(flow = %flow.id, %error, "identity refused");
                return Ok(Err(flow_error(format!(
                    "The provider's proof of who signed in was refused: {error}. Start again; if it stays, check tenant and issuer."
                ))));
            }
            Err(error) => {
                tracing::warn!(flow = %flow.id, %error, "identity unknown");
                None
            }
        };
        let warning = self
            .probe(&registration, details.probe.as_ref(), &response)
            .await;
        Ok(Ok(Consent {
            details,
            response,
            account,
            warning,
            sent_at,
        }))
    }

    /// Tries the token once: that an organization does not let apps in shows only then.
    async fn probe(
        &self,
        registration: &ClientRegistration,
        url: Option<&Url>,
        response: &TokenResponse,
    ) -> Option<String> {
        match registration.probe(self.http(), url?, &response.access_token).await {
            Ok(Probe::Refused { reason: Some(Reason::AccessPolicyOff), .. }) => Some(
                "The provider gave a token, but the organization does not accept it: an administrator there has to turn on “Third-party application access via OAuth”.".to_owned(),
            ),
            // Anything else is about this one call, and the connectors will tell.
            Ok(_) | Err(_) => None,
        }
    }

    async fn keep_consent(
        &self,
        flow: &FlowRecord,
        consent: Consent,
    ) -> Result<Finished, ConsentError> {
        let workspace = flow.workspace_id;
        let account = consent.account.clone();
        let secret = consent
            .response
            .client_secret
            .and_then(|index| consent.details.secret_ids.get(index).copied());
        let mut tx = self.write().await?;
        let grant = self
            .insert_grant(
                &mut *tx,
                NewGrant {
                    workspace,
                    authorization: flow.authorization_id,
                    client: consent.details.client,
                    asked_scopes: consent.details.asked_scopes,
                    account: consent.account,
                    warning: consent.warning,
                    response: &consent.response,
                    sent_at: consent.sent_at,
                },
            )
            .await?;
        let mut waits = None;
        match (flow.target, flow.user_id) {
            (FlowTarget::Draft, Some(user)) => {
                let Some(mut draft) = tx
                    .drafts()
                    .get(workspace, user, flow.authorization_id)
                    .await?
                else {
                    return Err(ConsentError::FlowInvalid(
                        "belongs to a draft that was discarded",
                    ));
                };
                self.retire_of_draft(&mut *tx, &draft).await?;
                draft.grant_id = Some(grant);
                draft.account_confirmed = false;
                draft.flow_error = None;
                tx.drafts().put(&draft).await?;
            }
            (FlowTarget::Draft | FlowTarget::Stored, _) => {
                let stored = tx
                    .authorizations()
                    .get(workspace, flow.authorization_id)
                    .await?;
                let Some(stored) = stored else {
                    return Err(ConsentError::FlowInvalid(
                        "belongs to an authorization that was deleted",
                    ));
                };
                waits = self
                    .put_linked_consent(&mut *tx, flow, &stored, grant, account.as_ref())
                    .await?;
            }
        }
        if let Some(secret) = secret {
            self.secret_worked(&mut *tx, secret).await?;
        }
        tx.save().await?;
        Ok(match waits {
            Some(token) => Finished {
                return_to: format!("/connect/confirm?token={}", token.expose_secret()),
                asks: true,
            },
            None => finished(flow, "done"),
        })
    }

    async fn keep_error(
        &self,
        flow: &FlowRecord,
        error: FlowError,
    ) -> Result<Finished, ConsentError> {
        let outcome = match error.admin_consent_url {
            Some(_) if flow.user_id.is_none() => "admin",
            _ => "failed",
        };
        if let Some(user) = flow.user_id {
            let mut tx = self.write().await.map_err(Fault::from)?;
            let draft = tx
                .drafts()
                .get(flow.workspace_id, user, flow.authorization_id)
                .await?;
            if let Some(mut draft) = draft {
                draft.flow_error = Some(error);
                tx.drafts().put(&draft).await?;
                tx.save().await?;
            }
        }
        Ok(finished(flow, outcome))
    }
}

/// A page that needs no account here: the administrator of a directory hardly has one.
fn told_to_administrator(agreed: bool) -> Finished {
    let outcome = if agreed { "consented" } else { "refused" };
    Finished {
        return_to: format!("/connect/done?flow={outcome}"),
        asks: false,
    }
}

fn finished(flow: &FlowRecord, outcome: &str) -> Finished {
    Finished {
        return_to: format!("{}?flow={outcome}", flow.return_to),
        asks: false,
    }
}
