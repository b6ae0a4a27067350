//! Grants: from a token response to sealed rows, and their end.
//!
//! A grant ends when nothing refers to it any more: neither an authorization nor the last
//! publication. Its tokens are then wiped here and revoked at the provider, where it offers that.

use crate::{Broker, error::Fault, sealing::Column};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    AuthorizationId, GrantId, WorkspaceId,
    account::AccountInfo,
    authorization::{GrantInfo, ProviderErrorInfo},
    scopes,
    settings::Settings,
    status::{MisconfigurationReason, ReauthorizationReason, Status},
};
use oauth::{ClientRegistration, Provider, Reason, TokenError, TokenKind, TokenResponse};
use secrecy::SecretString;
use std::time::Duration;
use storage::{
    Change, Ciphertext, Transaction,
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

/// A grant that has ended here and should end at the provider.
pub(crate) struct Retired {
    registration: ClientRegistration,
    token: SecretString,
    kind: TokenKind,
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
        let expires_at = response
            .expires_in
            .and_then(|lifetime| later(sent_at, lifetime));
        Ok(TokenSet {
            generation: previous.map_or(1, |previous| previous.generation + 1),
            access_token: Some(access),
            next_refresh_at: refresh
                .as_ref()
                .and(response.expires_in)
                .and_then(|lifetime| {
                    // Half-way leaves as much time again for trying when the provider is down.
                    later(sent_at, lifetime / 2)
                }),
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
    ) -> Result<ClientRegistration, Fault> {
        let provider = self.stored_definition(&grant.client.provider)?;
        let secrets = self
            .client_secrets(tx, grant.workspace_id, grant.authorization_id)
            .await?;
        self.registration(
            provider,
            &grant.client.settings,
            secrets,
            grant.authorization_id,
        )
        .map_err(|_| Fault::Unreadable("the client registration of a grant"))
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
    /// next publish ends it.
    pub(crate) async fn retire_unless_published(
        &self,
        tx: &mut dyn Transaction,
        id: GrantId,
        status: Status,
    ) -> Result<Option<Retired>, Fault> {
        if self.run_time().serves_grant(id) {
            return Ok(None);
        }
        self.retire(tx, id, status).await
    }

    /// Ends a grant: wipes its tokens, and gives back what is needed to revoke it.
    pub(crate) async fn retire(
        &self,
        tx: &mut dyn Transaction,
        id: GrantId,
        status: Status,
    ) -> Result<Option<Retired>, Fault> {
        let Some(grant) = tx.grants().get(id).await? else {
            return Ok(None);
        };
        let retired = self.revocable(tx, &grant).await?;
        let status = grant.status.become_(status).unwrap_or(grant.status);
        tx.grants().end(id, status).await?;
        tx.announce(Change::Grant(grant.workspace_id, id));
        Ok(retired)
    }

    /// What is needed to revoke a grant whose authorization is about to be deleted.
    pub(crate) async fn retire_before_delete(
        &self,
        tx: &mut dyn Transaction,
        id: GrantId,
    ) -> Result<Option<Retired>, Fault> {
        let grant = tx.grants().get(id).await?;
        match grant {
            Some(grant) => self.revocable(tx, &grant).await,
            None => Ok(None),
        }
    }

    async fn revocable(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
    ) -> Result<Option<Retired>, Fault> {
        let tokens = &grant.tokens;
        let (sealed, column, kind) = match (&tokens.refresh_token, &tokens.access_token) {
            (Some(sealed), _) => (
                sealed,
                Column::RefreshToken(grant.id),
                TokenKind::RefreshToken,
            ),
            (None, Some(sealed)) => (
                sealed,
                Column::AccessToken(grant.id),
                TokenKind::AccessToken,
            ),
            (None, None) => return Ok(None),
        };
        let Ok(registration) = self.registration_of(tx, grant).await else {
            return Ok(None);
        };
        Ok(Some(Retired {
            token: self.open(grant.workspace_id, column, sealed)?,
            registration,
            kind,
        }))
    }

    /// Revokes at the providers what has ended here. Call it after the transaction was saved.
    pub(crate) fn revoke_in_background(&self, retired: impl IntoIterator<Item = Retired>) {
        for one in retired {
            let broker = self.clone();
            tokio::spawn(async move {
                let now = broker.now();
                let answer = one
                    .registration
                    .revoke(broker.http(), &one.token, one.kind, now)
                    .await;
                match answer {
                    Ok(outcome) => tracing::info!(?outcome, "ended grant revoked"),
                    Err(error) => tracing::warn!(%error, "an ended grant could not be revoked"),
                }
            });
        }
    }
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
        Reason::AccountDisabled => Status::Cancelled(model::status::CancelReason::AccountDisabled),
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
        Reason::AccountLocked
        | Reason::AccessPolicyOff
        | Reason::ProviderTrouble
        | Reason::ClientLoop => Status::RefreshFailing,
        Reason::CodeRejected => return None,
    })
}

fn later(from: DateTime<Utc>, by: Duration) -> Option<DateTime<Utc>> {
    from.checked_add_signed(TimeDelta::from_std(by).ok()?)
}
