//! Grants: from a token response to sealed rows, and their end.
//!
//! A grant ends when nothing refers to it any more: neither an authorization nor the last
//! publication. Its tokens are then wiped here, and [`crate::revocation`] tells the provider.

use crate::{
    Broker, client_secrets, error::Fault, events::GrantEvent, refresh::timing, sealing::Column,
};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    AuthorizationId, GrantId, SecretId, WorkspaceId,
    account::AccountInfo,
    authorization::{GrantInfo, ProviderErrorInfo},
    scopes,
    settings::Settings,
    status::{CancelReason, MisconfigurationReason, ReauthorizationReason, Status},
};
use oauth::{ClientRegistration, Provider, Reason, TokenError, TokenResponse};
use secrecy::SecretString;
use storage::{
    Change, Ciphertext, Transaction,
    authorizations::SecretRecord,
    drafts::DraftRecord,
    grants::{GrantClient, GrantRecord, TokenSet, Trouble},
};

/// What a finished consent flow knows of its grant.
pub(crate) struct NewGrant<'a> {
    pub workspace: WorkspaceId,
    pub authorization: AuthorizationId,
    pub client: GrantClient,
    pub asked_scopes: Vec<String>,
    pub account: Option<AccountInfo>,
    pub warning: Option<String>,
    pub response: &'a TokenResponse,
    /// Local time at which the token request was sent: lifetimes count from then.
    pub sent_at: DateTime<Utc>,
}

/// The registration a grant was given to.
pub(crate) struct GrantRegistration {
    /// Ready to make requests with.
    pub registration: ClientRegistration,
    /// What its `client_secrets` are, in the same order.
    secrets: Vec<SecretRecord>,
}

impl GrantRegistration {
    /// The stored secret that a response was got with, if that is news: tell it to
    /// [`Broker::secret_worked`] in the transaction that stores the response.
    pub(crate) fn secret_to_note(
        &self,
        response: &TokenResponse,
        now: DateTime<Utc>,
    ) -> Option<SecretId> {
        let secret = self.secrets.get(response.client_secret?)?;
        client_secrets::is_news(secret, now).then_some(secret.id)
    }
}

impl std::ops::Deref for GrantRegistration {
    type Target = ClientRegistration;

    fn deref(&self) -> &ClientRegistration {
        &self.registration
    }
}

impl Broker {
    /// Stores what a consent brought.
    pub(crate) async fn insert_grant(
        &self,
        tx: &mut dyn Transaction,
        new: NewGrant<'_>,
    ) -> Result<GrantId, Fault> {
        let id: GrantId = self.new_id();
        let granted = new.response.scopes.clone();
        let grant = GrantRecord {
            id,
            workspace_id: new.workspace,
            authorization_id: new.authorization,
            tokens: self.token_set(new.workspace, id, new.response, None, new.sent_at)?,
            client: new.client,
            account: new.account,
            granted_scopes: granted.unwrap_or_else(|| new.asked_scopes.clone()),
            asked_scopes: new.asked_scopes,
            warning: new.warning,
            status: Status::Healthy,
            last_error: None,
            authorized_at: self.now(),
            trouble: Trouble::default(),
        };
        tx.grants().insert(&grant).await?;
        tx.announce(Change::Grant(new.workspace, id));
        Ok(id)
    }

    /// Seals the tokens of a response as the generation after `previous`. A response without a
    /// refresh token keeps the old one (RFC 6749 §6).
    pub(crate) fn token_set(
        &self,
        workspace: WorkspaceId,
        id: GrantId,
        response: &TokenResponse,
        previous: Option<&TokenSet>,
        sent_at: DateTime<Utc>,
    ) -> Result<TokenSet, Fault> {
        let access = self.seal(workspace, Column::AccessToken(id), &response.access_token)?;
        let refresh: Option<Ciphertext> = match &response.refresh_token {
            Some(token) => Some(self.seal(workspace, Column::RefreshToken(id), token)?),
            None => previous.and_then(|previous| previous.refresh_token.clone()),
        };
        let lifetime = response
            .expires_in
            .and_then(|lifetime| TimeDelta::from_std(lifetime).ok());
        let expires_at = lifetime.and_then(|lifetime| sent_at.checked_add_signed(lifetime));
        Ok(TokenSet {
            generation: previous.map_or(1, |previous| previous.generation + 1),
            access_token: Some(access),
            // Without a refresh token it is looked at when it ends, so that people are told.
            next_refresh_at: match &refresh {
                Some(_) => Some(timing::next_refresh(id, sent_at, lifetime)),
                None => expires_at,
            },
            refresh_token: refresh,
            token_type: response.token_type.clone(),
            expires_at,
            refreshed_at: previous.map(|_| self.now()),
        })
    }

    /// The registration a grant was given to, with the secrets the authorization has now.
    pub(crate) async fn registration_of(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
    ) -> Result<GrantRegistration, Fault> {
        let provider = self.stored_definition(&grant.client.provider)?;
        let secrets = self.secrets_to_try(tx, grant.authorization_id).await?;
        let values = secrets
            .iter()
            .map(|secret| self.open_secret(grant.workspace_id, secret))
            .collect::<Result<_, _>>()?;
        let registration = self
            .registration(
                provider,
                &grant.client.settings,
                values,
                grant.authorization_id,
            )
            .map_err(|_| Fault::Unreadable("the client registration of a grant"))?;
        Ok(GrantRegistration {
            registration,
            secrets,
        })
    }

    /// Whether these settings name the client registration that the grant was given to.
    pub(crate) fn same_client(&self, grant: &GrantRecord, settings: &Settings) -> bool {
        let Some(provider) = self.definition(&grant.client.provider) else {
            return false;
        };
        let register = |settings: &Settings| {
            let placeholder = vec![SecretString::from("compared")];
            self.registration(provider, settings, placeholder, grant.authorization_id)
                .map(|registration| (registration.client_id, registration.endpoints))
        };
        match (register(&grant.client.settings), register(settings)) {
            (Ok(then), Ok(now)) => then == now,
            _ => false,
        }
    }

    /// Ends a grant that the configuration no longer means, unless it is still published: then the
    /// next publish ends it. `secrets` are those the client had, if they are no longer stored.
    pub(crate) async fn retire_unless_published(
        &self,
        tx: &mut dyn Transaction,
        id: GrantId,
        status: Status,
        secrets: Vec<SecretString>,
    ) -> Result<(), Fault> {
        if self.run_time().serves_grant(id) {
            return Ok(());
        }
        self.retire_with(tx, id, status, secrets).await
    }

    /// Ends a grant: has it revoked at the provider, and wipes its tokens.
    pub(crate) async fn retire(
        &self,
        tx: &mut dyn Transaction,
        id: GrantId,
        status: Status,
    ) -> Result<(), Fault> {
        self.retire_with(tx, id, status, Vec::new()).await
    }

    /// Ends the consent of a draft, whose form may hold the client secret that nobody has saved.
    pub(crate) async fn retire_of_draft(
        &self,
        tx: &mut dyn Transaction,
        draft: &DraftRecord,
    ) -> Result<(), Fault> {
        let Some(grant) = draft.grant_id else {
            return Ok(());
        };
        // A form that was altered keeps nobody from discarding it.
        let typed = self.secrets_of_draft(draft).unwrap_or_default();
        self.retire_with(tx, grant, deauthorized(), typed).await
    }

    async fn retire_with(
        &self,
        tx: &mut dyn Transaction,
        id: GrantId,
        status: Status,
        secrets: Vec<SecretString>,
    ) -> Result<(), Fault> {
        let Some(grant) = tx.grants().get(id).await? else {
            return Ok(());
        };
        self.queue_revocation(tx, &grant, secrets).await?;
        let status = grant.status.become_(status).unwrap_or(grant.status);
        tx.grants().end(id, status).await?;
        tx.announce(Change::Grant(grant.workspace_id, id));
        let ended = GrantRecord {
            status,
            tokens: TokenSet {
                generation: grant.tokens.generation + 1,
                ..TokenSet::none()
            },
            ..grant
        };
        self.grant_happened(tx, &ended, grant.status, GrantEvent::Ended)
            .await
    }

    /// Ends all consents of an authorization that is about to be deleted.
    pub(crate) async fn retire_before_delete(
        &self,
        tx: &mut dyn Transaction,
        id: AuthorizationId,
    ) -> Result<(), Fault> {
        let live = tx.authorizations().live_grants(id).await?;
        for grant in live {
            self.retire(tx, grant, deauthorized()).await?;
        }
        Ok(())
    }
}

/// Of a consent that ended because somebody wanted it to.
pub(crate) const fn deauthorized() -> Status {
    Status::Cancelled(CancelReason::Deauthorized)
}

/// What may be told of a grant.
pub(crate) fn info(grant: &GrantRecord, provider: Option<&Provider>) -> GrantInfo {
    let difference = scopes::compare(
        &grant.asked_scopes,
        &grant.granted_scopes,
        provider.map_or(&[], Provider::scopes),
        provider.map_or("", Provider::scope_prefix),
    );
    GrantInfo {
        account: grant.account.clone(),
        authorized_at: grant.authorized_at,
        asked_scopes: grant.asked_scopes.clone(),
        granted_scopes: grant.granted_scopes.clone(),
        missing_scopes: difference.missing,
        extra_scopes: difference.extra,
        expires_at: grant.tokens.expires_at,
        refreshed_at: grant.tokens.refreshed_at,
        refreshable: grant.tokens.refresh_token.is_some(),
        last_error: grant.last_error.clone(),
        warning: grant.warning.clone(),
    }
}

/// What may be told of a refusal.
pub(crate) fn error_info(error: &TokenError, at: DateTime<Utc>) -> ProviderErrorInfo {
    ProviderErrorInfo {
        code: error.error.clone(),
        message: error
            .description
            .clone()
            .unwrap_or_else(|| error.to_string()),
        correlation_id: error.correlation_id.clone(),
        at,
    }
}

/// The status a grant has after its provider refused for a known reason; `None` when the reason
/// says nothing about the grant.
pub(crate) const fn status_after(reason: Reason) -> Option<Status> {
    use MisconfigurationReason as Misconfigured;
    use ReauthorizationReason as Reauthorize;
    Some(match reason {
        Reason::AccountDisabled => Status::Cancelled(CancelReason::AccountDisabled),
        Reason::AccountNotFound => Status::ReauthorizationNeeded(Reauthorize::AccountNotFound),
        Reason::ConsentMissing | Reason::UserDeclined | Reason::AdminConsentNeeded => {
            Status::ReauthorizationNeeded(Reauthorize::ConsentMissing)
        }
        Reason::GrantRevoked => Status::ReauthorizationNeeded(Reauthorize::GrantRevoked),
        Reason::RefreshTokenExpired => {
            Status::ReauthorizationNeeded(Reauthorize::RefreshTokenExpired)
        }
        Reason::PolicyRequiresSignIn => {
            Status::ReauthorizationNeeded(Reauthorize::PolicyRequiresSignIn)
        }
        Reason::SecretExpired => Status::Misconfigured(Misconfigured::SecretExpired),
        Reason::SecretWrong => Status::Misconfigured(Misconfigured::SecretWrong),
        Reason::AppUnavailable => Status::Misconfigured(Misconfigured::AppUnavailable),
        Reason::RedirectMismatch => Status::Misconfigured(Misconfigured::RedirectMismatch),
        Reason::TenantWrong => Status::Misconfigured(Misconfigured::TenantWrong),
        Reason::ScopeInvalid => Status::Misconfigured(Misconfigured::ScopeInvalid),
        Reason::AccountLocked => Status::Misconfigured(Misconfigured::AccountLocked),
        Reason::AccessPolicyOff => Status::Misconfigured(Misconfigured::AccessPolicyOff),
        Reason::ProviderTrouble | Reason::ClientLoop => Status::RefreshFailing,
        Reason::CodeRejected => return None,
    })
}
