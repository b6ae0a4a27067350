//! The way to the provider.

use super::{Begun, ConsentError, FLOW_LIFETIME, FlowDetails, LINK_LIFETIME};
use crate::{
    Broker,
    access::{Actor, Permission, SessionUser},
    authorizations::{existing, stored_input},
    editor::OpenDraft,
    error::{Fault, without_secrets},
    sealing::Column,
};
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, FlowId, GrantId, SecretId, UserId, WorkspaceId,
    authorization::AuthorizationInput,
    connector::ConnectorConfig,
    scopes,
    status::{ReauthorizationReason, Status},
};
use oauth::{AuthorizationRequest, ClientRegistration, Prompt};
use secrecy::{ExposeSecret, SecretString};
use storage::{
    Transaction,
    flows::{ConnectLinkRecord, FlowRecord, FlowTarget},
    grants::GrantClient,
};
use url::Url;
use vault::{hash_token, random_token};

/// Tabs of the form that a flow may come back to (S11).
const TABS: [&str; 3] = ["settings", "connectors", "scopes"];
/// Shortest value of a flow cookie of ours: 32 bytes, base64url.
const BROWSER_VALUE: usize = 43;

/// A one-time link that begins a flow in the browser that opens it.
pub struct ConnectLink {
    /// Last segment of its address.
    pub token: SecretString,
    /// End of its life.
    pub expires_at: DateTime<Utc>,
}

/// What a flow is opened for.
struct Opening<'a> {
    workspace: WorkspaceId,
    id: AuthorizationId,
    target: FlowTarget,
    user: Option<UserId>,
    /// The form, secrets included where they are not stored yet.
    input: AuthorizationInput,
    /// The consent before this one.
    earlier: Option<GrantId>,
    /// That one is of an account nobody wanted: the person chooses another one.
    other_account: bool,
    return_to: String,
    browser: Option<&'a str>,
}

impl Broker {
    /// Keeps the form as a draft and opens a flow for it. The browser comes back to the same tab.
    pub async fn begin(
        &self,
        user: &SessionUser,
        id: AuthorizationId,
        input: AuthorizationInput,
        base_version: i64,
        tab: &str,
        browser: Option<&str>,
    ) -> Result<Begun, ConsentError> {
        let workspace = Actor::from(user).require(Permission::Manage)?;
        let person = user.user.id;
        // First keep what was typed, whatever comes of it.
        let mut tx = self.write().await?;
        let OpenDraft { mut record, input } = self
            .put_draft(&mut *tx, workspace, person, id, input, base_version)
            .await?;
        tx.save().await?;

        let mut tx = self.write().await?;
        self.check_form(&mut *tx, workspace, id, &input).await?;
        record.flow_error = None;
        tx.drafts().put(&record).await?;
        tx.flows().close(id, Some(person)).await?;
        let stored = tx.authorizations().get(workspace, id).await?;
        let other_account = match &stored {
            Some(stored) => self
                .open_question(&mut *tx, stored, &record)
                .await?
                .is_some(),
            None => false,
        };
        tx.save().await?;

        let tab = TABS
            .into_iter()
            .find(|known| *known == tab)
            .unwrap_or(TABS[0]);
        self.open_flow(Opening {
            workspace,
            id,
            target: FlowTarget::Draft,
            user: Some(person),
            input,
            earlier: record
                .grant_id
                .or(stored.and_then(|stored| stored.grant_id)),
            other_account,
            return_to: format!("/authorizations/{id}/{tab}"),
            browser,
        })
        .await
    }

    /// Makes a link that lets somebody else consent to a stored authorization.
    pub async fn connect_link(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<ConnectLink, ConsentError> {
        let workspace = actor.require(Permission::Manage)?;
        let token = random_token(&mut *self.rng(), 32);
        let expires_at = self.now() + LINK_LIFETIME;
        let mut tx = self.write().await?;
        let record = existing(&mut *tx, workspace, id, None).await?;
        let input = stored_input(&mut *tx, &record).await?;
        self.check_form(&mut *tx, workspace, id, &input).await?;
        tx.flows()
            .insert_link(&ConnectLinkRecord {
                hash: hash_token(token.expose_secret()),
                workspace_id: workspace,
                authorization_id: id,
                expires_at,
            })
            .await?;
        tx.save().await?;
        Ok(ConnectLink { token, expires_at })
    }

    /// Uses a connect link up and opens the flow, bound to the browser that opened it.
    pub async fn open_link(
        &self,
        token: &str,
        browser: Option<&str>,
    ) -> Result<Begun, ConsentError> {
        let mut tx = self.write().await?;
        let link = tx
            .flows()
            .take_link(&hash_token(token), self.now())
            .await?
            .ok_or(ConsentError::LinkInvalid)?;
        let (workspace, id) = (link.workspace_id, link.authorization_id);
        let record = existing(&mut *tx, workspace, id, None).await?;
        let input = stored_input(&mut *tx, &record).await?;
        tx.save().await?;
        self.open_flow(Opening {
            workspace,
            id,
            target: FlowTarget::Stored,
            user: None,
            input,
            earlier: record.grant_id,
            other_account: false,
            return_to: "/connect/done".to_owned(),
            browser,
        })
        .await
    }

    /// Opens a flow. The provider's metadata are read between two transactions: a request must not
    /// hold the database's one writer.
    async fn open_flow(&self, opening: Opening<'_>) -> Result<Begun, ConsentError> {
        let Opening {
            workspace,
            id,
            ref input,
            ..
        } = opening;
        let mut tx = self.read().await?;
        let (secret_ids, secrets) = self.secrets_of_form(&mut *tx, workspace, id, input).await?;
        let (prompt, hint) = if opening.other_account {
            (Prompt::SelectAccount, None)
        } else {
            self.prompt(&mut *tx, opening.earlier, input).await?
        };
        let base_url = first_base_url(&mut *tx, workspace, input).await?;
        drop(tx);
        let registration = self.registration_of_form(id, input, secrets).await?;
        let provider = &registration.provider;

        let mut rng = self.rng();
        let state = random_token(&mut *rng, 32);
        let verifier = random_token(&mut *rng, 32);
        let nonce = random_token(&mut *rng, 16);
        let browser = match opening.browser {
            Some(value) if is_browser_value(value) => SecretString::from(value),
            _ => random_token(&mut *rng, 32),
        };
        let authorize_url = registration.authorization_url(&AuthorizationRequest {
            state: &state,
            pkce_verifier: &verifier,
            nonce: nonce.expose_secret(),
            scopes: &input.scopes,
            prompt: Some(prompt),
            login_hint: hint.as_deref(),
        });

        let details = FlowDetails {
            secret_ids,
            ..flow_details(input, &registration, &verifier, &nonce, base_url)
        };
        let now = self.now();
        let flow: FlowId = self.new_id();
        let mut tx = self.write().await?;
        tx.flows()
            .insert(&FlowRecord {
                id: flow,
                workspace_id: workspace,
                authorization_id: id,
                target: opening.target,
                user_id: opening.user,
                state_hash: hash_token(state.expose_secret()),
                browser_hash: hash_token(browser.expose_secret()),
                callback: if provider.redirect_is_per_authorization() {
                    format!("{}/{id}", provider.id())
                } else {
                    provider.id().to_owned()
                },
                details: self.seal_json(workspace, Column::FlowDetails(flow), &details)?,
                return_to: opening.return_to,
                created_at: now,
                expires_at: now + FLOW_LIFETIME,
            })
            .await?;
        tx.save().await?;
        Ok(Begun {
            authorize_url,
            browser,
        })
    }

    /// The secrets to use: what was typed, else what is stored, with their ids then.
    async fn secrets_of_form(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        id: AuthorizationId,
        input: &AuthorizationInput,
    ) -> Result<(Vec<SecretId>, Vec<SecretString>), Fault> {
        let typed: Vec<_> = self
            .stored_definition(&input.provider)?
            .secret_keys()
            .filter_map(|key| input.settings.get(key).map(SecretString::from))
            .collect();
        if !typed.is_empty() {
            return Ok((Vec::new(), typed));
        }
        let mut ids = Vec::new();
        let mut values = Vec::new();
        for secret in self.secrets_to_try(tx, id).await? {
            values.push(self.open_secret(workspace, &secret)?);
            ids.push(secret.id);
        }
        Ok((ids, values))
    }

    /// The registration a form describes, completed by what the provider publishes about itself.
    pub(super) async fn registration_of_form(
        &self,
        id: AuthorizationId,
        input: &AuthorizationInput,
        secrets: Vec<SecretString>,
    ) -> Result<ClientRegistration, ConsentError> {
        let provider = self.stored_definition(&input.provider)?;
        let registration = self
            .registration(provider, &input.settings, secrets, id)
            .map_err(|error| {
                crate::error::WriteError::field(&format!("settings.{}", error.field), error.message)
            })?;
        self.documents()
            .complete(self.http(), registration, self.now())
            .await
            .map_err(|error| ConsentError::Metadata(error.to_string()))
    }

    /// Which screen to insist on: the account choice at first, the consent when it has to grow.
    async fn prompt(
        &self,
        tx: &mut dyn Transaction,
        earlier: Option<GrantId>,
        input: &AuthorizationInput,
    ) -> Result<(Prompt, Option<String>), Fault> {
        let earlier = match earlier {
            Some(id) => tx.grants().get(id).await?,
            None => None,
        };
        let Some(grant) = earlier else {
            return Ok((Prompt::SelectAccount, None));
        };
        let provider = self.stored_definition(&input.provider)?;
        let widened = !scopes::compare(
            &input.scopes,
            &grant.granted_scopes,
            provider.scopes(),
            provider.scope_prefix(),
        )
        .missing
        .is_empty();
        let withdrawn =
            grant.status == Status::ReauthorizationNeeded(ReauthorizationReason::ConsentMissing);
        if widened || withdrawn {
            let hint = grant.account.and_then(|account| account.username);
            Ok((Prompt::Consent, hint))
        } else {
            Ok((Prompt::SelectAccount, None))
        }
    }
}

/// What the way back needs.
fn flow_details(
    input: &AuthorizationInput,
    registration: &ClientRegistration,
    verifier: &SecretString,
    nonce: &SecretString,
    base_url: Option<Url>,
) -> FlowDetails {
    FlowDetails {
        verifier: verifier.into(),
        nonce: nonce.expose_secret().to_owned(),
        client: GrantClient {
            provider: input.provider.clone(),
            settings: without_secrets(&input.settings, registration.provider.secret_keys()),
            redirect_uri: registration.redirect_uri.clone(),
        },
        secrets: registration.client_secrets.iter().map(Into::into).collect(),
        secret_ids: Vec::new(),
        asked_scopes: input.scopes.clone(),
        issuer: registration.issuer.as_ref().and_then(oauth::Issuer::fixed),
        issuer_in_callback: registration.issuer_in_callback,
        authorization_endpoint: registration.endpoints.authorization.clone(),
        token_endpoint: registration.endpoints.token.clone(),
        probe: base_url.and_then(|base| registration.provider.probe_url(&base)),
    }
}

/// The base URL of the first connector that was chosen.
async fn first_base_url(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    input: &AuthorizationInput,
) -> Result<Option<Url>, Fault> {
    let Some(first) = input.connectors.first() else {
        return Ok(None);
    };
    let connector = tx.connectors().get(workspace, *first).await?;
    Ok(connector.and_then(|connector| {
        let ConnectorConfig::AdvancedRestApi(config) = connector.config;
        config.base_url.parse().ok()
    }))
}

/// A cookie value that we made ourselves: anything else is not trusted to be unguessable.
fn is_browser_value(value: &str) -> bool {
    value.len() == BROWSER_VALUE
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::is_browser_value;

    #[test]
    fn only_our_own_cookie_values_are_reused() {
        assert!(is_browser_value(&"a".repeat(43)));
        for bad in ["", "short", &"a".repeat(44), &"ä".repeat(43)] {
            assert!(!is_browser_value(bad), "{bad}");
        }
    }
}
