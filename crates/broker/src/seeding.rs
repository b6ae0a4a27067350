//! Thousands of authorized authorizations at once, and a look at the tokens that are stored: for tests on real
//! processes and for benchmarks. Compiled with the feature `seeding` only, which no release has.
//!
//! What is stored is stored by the same code as a form's *Save* and the end of a consent, so that it is sealed,
//! checked and laid out as in production.

use crate::{
    Broker,
    access::{Actor, Permission},
    authorizations::Stored,
    error::{Fault, WriteError, without_secrets},
    grants::NewGrant,
    sealing::Column,
};
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, GrantId, WorkspaceId, authorization::AuthorizationInput, settings::Settings,
    status::Status,
};
use oauth::TokenResponse;
use secrecy::SecretString;
use std::{collections::HashMap, time::Duration};
use storage::{
    Ciphertext, Storage, Transaction,
    grants::{GrantClient, GrantRecord},
};
use vault::Vault;

/// Authorizations of one transaction: enough to make its cost disappear, little enough to be kept in memory.
const AT_ONCE: usize = 1000;

/// What the authorizations have in common.
#[derive(Clone, Debug)]
pub struct Seed {
    /// They are called `{name} 000001` and so on.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// As the form would send them, with the client secret.
    pub settings: Settings,
    /// Scopes chosen, and granted.
    pub scopes: Vec<String>,
    /// Lifetime that the provider named; `None`: it named none.
    pub lifetime: Option<Duration>,
}

/// What one consent brought.
pub struct SeedTokens {
    /// The access token.
    pub access_token: SecretString,
    /// The refresh token.
    pub refresh_token: Option<SecretString>,
    /// When the provider was asked; the lifetime counts from then.
    pub sent_at: DateTime<Utc>,
    /// When the scheduler is to look at it. `None`: as the lifetime says.
    pub next_refresh_at: Option<DateTime<Utc>>,
}

/// One of the authorizations made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// The authorization.
    pub authorization: AuthorizationId,
    /// Its consent.
    pub grant: GrantId,
}

/// What is stored of a consent, opened.
pub struct StoredTokens {
    /// Whose.
    pub authorization: AuthorizationId,
    /// The consent.
    pub grant: GrantId,
    /// Its state.
    pub status: Status,
    /// The fence.
    pub generation: i64,
    /// End of the access token.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the scheduler looks at it next.
    pub next_refresh_at: Option<DateTime<Utc>>,
    /// The access token.
    pub access_token: Option<SecretString>,
    /// The refresh token.
    pub refresh_token: Option<SecretString>,
}

impl Broker {
    /// The vault that [`stored_tokens`] opens with.
    pub fn seeding_vault(&self) -> &Vault {
        self.vault()
    }

    /// Makes one authorization with its consent for each of `tokens`. They are not published yet.
    ///
    /// # Errors
    /// When the form would be refused (the name is taken, a setting is wrong), or the database fails.
    pub async fn seed(
        &self,
        actor: &Actor,
        seed: &Seed,
        tokens: Vec<SeedTokens>,
    ) -> Result<Vec<Seeded>, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut seeded = Vec::with_capacity(tokens.len());
        let mut left = tokens.into_iter().peekable();
        while left.peek().is_some() {
            let mut tx = self.write().await?;
            for tokens in left.by_ref().take(AT_ONCE) {
                let number = seeded.len() + 1;
                seeded.push(
                    self.seed_one(&mut *tx, workspace, seed, number, tokens)
                        .await?,
                );
            }
            tx.save().await?;
        }
        Ok(seeded)
    }

    async fn seed_one(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        seed: &Seed,
        number: usize,
        tokens: SeedTokens,
    ) -> Result<Seeded, WriteError> {
        let id: AuthorizationId = self.new_id();
        let input = AuthorizationInput {
            name: format!("{} {number:06}", seed.name),
            provider: seed.provider.clone(),
            settings: seed.settings.clone(),
            scopes: seed.scopes.clone(),
            ..AuthorizationInput::default()
        };
        self.store(tx, workspace, Stored::New(id), &input).await?;
        let provider = self.provider(&seed.provider).ok_or_else(|| {
            WriteError::Fault(Fault::Unreadable("the provider of an authorization"))
        })?;
        let response = TokenResponse {
            access_token: tokens.access_token,
            token_type: "Bearer".to_owned(),
            expires_in: seed.lifetime,
            refresh_token: tokens.refresh_token,
            scopes: Some(seed.scopes.clone()),
            id_token: None,
            server_date: None,
            client_secret: None,
        };
        let new = NewGrant {
            workspace,
            authorization: id,
            client: GrantClient {
                provider: seed.provider.clone(),
                settings: without_secrets(&seed.settings, provider.secret_keys()),
                redirect_uri: provider.redirect_uri_for(id),
            },
            asked_scopes: seed.scopes.clone(),
            account: None,
            warning: None,
            response: &response,
            sent_at: tokens.sent_at,
        };
        let grant = self.insert_grant(tx, new).await?;
        tx.authorizations()
            .set_grant(workspace, id, Some(grant))
            .await?;
        if let Some(time) = tokens.next_refresh_at {
            tx.grants().schedule(&[(grant, time)]).await?;
        }
        Ok(Seeded {
            authorization: id,
            grant,
        })
    }
}

/// The tokens that every authorization's consent has in the database, opened. What cannot be read or opened is an
/// error of its own and does not keep the others back.
///
/// # Errors
/// When the database cannot be read at all.
pub async fn stored_tokens(
    storage: &dyn Storage,
    vault: &Vault,
) -> Result<Vec<Result<StoredTokens, Fault>>, Fault> {
    let mut tx = storage.read().await?;
    let mut grants: HashMap<GrantId, AuthorizationId> = HashMap::new();
    let workspaces = tx.users().workspaces().await?;
    for workspace in workspaces {
        for authorization in tx.authorizations().all(workspace.id).await? {
            grants.extend(
                authorization
                    .grant_id
                    .map(|grant| (grant, authorization.id)),
            );
        }
    }
    let mut stored = Vec::with_capacity(grants.len());
    for (grant, authorization) in grants {
        let read = tx.grants().get(grant).await;
        stored.push(match read {
            Ok(Some(record)) => opened(vault, authorization, &record),
            Ok(None) => Err(Fault::Unreadable("a grant that an authorization names")),
            Err(error) => Err(error.into()),
        });
    }
    Ok(stored)
}

fn opened(
    vault: &Vault,
    authorization: AuthorizationId,
    record: &GrantRecord,
) -> Result<StoredTokens, Fault> {
    let open = |column: Column, sealed: &Option<Ciphertext>| -> Result<_, Fault> {
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let bytes = column.in_place(record.workspace_id, |place| vault.open(place, &sealed.0))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Fault::Unreadable("a sealed text"))?;
        Ok(Some(SecretString::from(text)))
    };
    let tokens = &record.tokens;
    Ok(StoredTokens {
        authorization,
        grant: record.id,
        status: record.status,
        generation: tokens.generation,
        expires_at: tokens.expires_at,
        next_refresh_at: tokens.next_refresh_at,
        access_token: open(Column::AccessToken(record.id), &tokens.access_token)?,
        refresh_token: open(Column::RefreshToken(record.id), &tokens.refresh_token)?,
    })
}
