//! Everything the sandbox remembers, and the decisions all dialects share: clients, accounts, scopes, issuing.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use rand::CryptoRng;
use serde::Serialize;

use crate::{
    accounts::{self, Account},
    behaviour::Behaviour,
    config::{AppRegistration, SandboxConfig},
    dialects::Dialect,
    ledger::Ledger,
    refusal::Refusal,
    sign_in::Interactions,
    tokens::{CodePresented, Grant, Hash, NewToken, RotationPolicy, TokenStore, hash},
    work_items::WorkItems,
};

/// Tokens of Microsoft's services are about this long; columns and headers should meet such sizes early.
const MICROSOFT_TOKEN_BYTES: usize = 768;
const PLAIN_TOKEN_BYTES: usize = 32;

/// The sandbox's memory. Behind one lock that is never held across an await.
pub(crate) struct State {
    pub(crate) config: SandboxConfig,
    pub(crate) apps: Vec<AppRegistration>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) behaviour: Behaviour,
    pub(crate) ledger: Ledger,
    pub(crate) tokens: TokenStore,
    pub(crate) interactions: Interactions,
    pub(crate) work_items: WorkItems,
    /// Which scopes an account has consented to for an app, so that it is not asked again.
    consents: BTreeMap<(&'static str, String), BTreeSet<String>>,
    /// Apps that an administrator has let in, by client id.
    admin_consents: BTreeSet<String>,
    rng: Box<dyn CryptoRng + Send>,
}

/// Tokens that were just made.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    /// Seconds.
    pub(crate) expires_in: u32,
    /// The scopes of this access token.
    pub(crate) scopes: BTreeSet<String>,
    /// To be signed and added to the answer.
    pub(crate) id_token: Option<IdClaims>,
}

/// Claims of an id token: those of OpenID Connect Core §2 and Entra's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct IdClaims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    pub(crate) oid: &'static str,
    pub(crate) tid: &'static str,
    pub(crate) ver: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preferred_username: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'static str>,
}

/// A client that has proved who it is.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) app: AppRegistration,
    /// Hash of the secret it used; none for a public client.
    pub(crate) secret: Option<Hash>,
}

impl State {
    pub(crate) fn new(config: SandboxConfig, rng: Box<dyn CryptoRng + Send>) -> Self {
        Self {
            apps: config.apps.clone(),
            config,
            accounts: accounts::predefined(),
            behaviour: Behaviour::default(),
            ledger: Ledger::default(),
            tokens: TokenStore::default(),
            interactions: Interactions::default(),
            work_items: WorkItems::default(),
            consents: BTreeMap::new(),
            admin_consents: BTreeSet::new(),
            rng,
        }
    }

    /// Back to the start, but for the randomness.
    pub(crate) fn reset(&mut self) {
        self.apps = self.config.apps.clone();
        self.accounts = accounts::predefined();
        self.behaviour = Behaviour::default();
        self.ledger = Ledger::default();
        self.tokens = TokenStore::default();
        self.interactions = Interactions::default();
        self.work_items = WorkItems::default();
        self.consents = BTreeMap::new();
        self.admin_consents = BTreeSet::new();
    }

    pub(crate) fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// 256 bits in base64url.
    pub(crate) fn random_id(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.random_bytes::<PLAIN_TOKEN_BYTES>())
    }

    pub(crate) fn random_uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.random_bytes())
            .into_uuid()
            .to_string()
    }

    fn random_token(&mut self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Legacy | Dialect::Entra => {
                URL_SAFE_NO_PAD.encode(self.random_bytes::<MICROSOFT_TOKEN_BYTES>())
            }
            Dialect::OAuth2 => self.random_id(),
        }
    }

    pub(crate) fn app(&self, dialect: Dialect, client_id: &str) -> Option<&AppRegistration> {
        self.apps
            .iter()
            .find(|app| app.kind == dialect && app.client_id == client_id)
    }

    /// By short name or email address.
    pub(crate) fn account(&self, name: &str) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|account| account.name == name || account.email.eq_ignore_ascii_case(name))
    }

    pub(crate) fn account_mut(&mut self, name: &str) -> Option<&mut Account> {
        self.accounts
            .iter_mut()
            .find(|account| account.name == name || account.email.eq_ignore_ascii_case(name))
    }

    /// Authenticates a client that names itself (RFC 6749 §2.3.1).
    pub(crate) fn authenticate(
        &self,
        dialect: Dialect,
        client_id: &str,
        secret: Option<&str>,
    ) -> Result<Client, Refusal> {
        let app = self.app(dialect, client_id).ok_or(Refusal::UnknownClient)?;
        match secret {
            None if app.secrets.is_empty() => Ok(Client {
                app: app.clone(),
                secret: None,
            }),
            None => Err(Refusal::MissingSecret),
            Some(secret) => check_secret(app, secret),
        }
    }

    /// Finds the client by its secret: the legacy dialect sends nothing else.
    pub(crate) fn authenticate_by_secret(
        &self,
        dialect: Dialect,
        secret: &str,
    ) -> Result<Client, Refusal> {
        let mut failure = Refusal::WrongSecret;
        for app in self.apps.iter().filter(|app| app.kind == dialect) {
            match check_secret(app, secret) {
                Ok(client) => return Ok(client),
                Err(Refusal::ExpiredSecret) => failure = Refusal::ExpiredSecret,
                Err(_) => {}
            }
        }
        Err(failure)
    }

    /// Redeems a code for tokens.
    pub(crate) fn redeem(
        &mut self,
        client: &Client,
        presented: CodePresented<'_>,
        now: DateTime<Utc>,
    ) -> Result<Issued, Refusal> {
        let grant = self.tokens.redeem_code(presented, now)?;
        self.check_account(grant.account)?;
        let scopes = self.granted(grant.scopes.clone());
        Ok(self.issue(&grant, scopes, client.secret, now))
    }

    /// Spends a refresh token for new tokens, with fewer scopes if `narrowed`.
    pub(crate) fn refresh(
        &mut self,
        client: &Client,
        token: &str,
        narrowed: Option<BTreeSet<String>>,
        now: DateTime<Utc>,
    ) -> Result<Issued, Refusal> {
        let policy = RotationPolicy {
            rotation: self
                .behaviour
                .rotation
                .unwrap_or(client.app.kind.rotation()),
            grace: self.behaviour.grace(),
        };
        let (grant, minted_with) =
            self.tokens
                .check_refresh(token, &client.app.client_id, policy, now)?;
        if !self.secret_still_valid(&grant, minted_with) {
            return Err(Refusal::SecretRetired);
        }
        self.check_account(grant.account)?;
        let scopes = narrowed.unwrap_or_else(|| grant.scopes.clone());
        if let Some(beyond) = scopes.difference(&grant.scopes).next() {
            return Err(Refusal::ScopeNotGranted(beyond.clone()));
        }
        self.tokens.spend_refresh(token, now);
        let scopes = self.granted(scopes);
        Ok(self.issue(&grant, scopes, client.secret, now))
    }

    /// The scopes a token gets of those that were consented to.
    fn granted(&self, mut scopes: BTreeSet<String>) -> BTreeSet<String> {
        let withheld = &self.behaviour.withheld_scopes;
        scopes.retain(|scope| !withheld.contains(scope));
        scopes
    }

    /// Makes tokens of a family; `secret` is the hash of the client secret they are made with.
    pub(crate) fn issue(
        &mut self,
        grant: &Grant,
        scopes: BTreeSet<String>,
        secret: Option<Hash>,
        now: DateTime<Utc>,
    ) -> Issued {
        let expires_in = self.behaviour.token_lifetime_seconds;
        let access_token = self.random_token(grant.dialect);
        let access = NewToken {
            family: &grant.family,
            expires_at: now + TimeDelta::seconds(expires_in.into()),
            minted_with: secret,
        };
        self.tokens
            .add_access(&access_token, &access, scopes.clone());
        let refresh_token = grant.dialect.gives_refresh_token(&grant.scopes).then(|| {
            let token = self.random_token(grant.dialect);
            let lifetime = TimeDelta::seconds(self.behaviour.refresh_token_lifetime_seconds.into());
            self.tokens.add_refresh(
                &token,
                &NewToken {
                    expires_at: now + lifetime,
                    ..access
                },
            );
            token
        });
        let id_token = self.id_claims(grant, &scopes, now);
        Issued {
            access_token,
            refresh_token,
            expires_in,
            scopes,
            id_token,
        }
    }

    /// Claims for the scopes (OpenID Connect Core §5.4), or nothing without `openid`.
    fn id_claims(
        &self,
        grant: &Grant,
        scopes: &BTreeSet<String>,
        now: DateTime<Utc>,
    ) -> Option<IdClaims> {
        if !scopes.contains("openid") {
            return None;
        }
        let account = self.account(grant.account)?;
        let profile = scopes.contains("profile");
        Some(IdClaims {
            iss: grant.dialect.issuer(self.config.base(), account.tid),
            aud: grant.client_id.clone(),
            sub: crate::ledger::s256(&format!("{} {}", grant.client_id, account.oid)),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: now.timestamp() + i64::from(self.behaviour.token_lifetime_seconds),
            nonce: grant.nonce.clone(),
            oid: account.oid,
            tid: account.tid,
            ver: "2.0",
            preferred_username: profile.then_some(account.email),
            name: profile.then_some(account.display_name),
            email: scopes.contains("email").then_some(account.email),
        })
    }

    fn check_account(&self, name: &str) -> Result<(), Refusal> {
        match self.account(name) {
            Some(account) if !account.active => Err(Refusal::AccountDisabled),
            Some(account) if account.locked => Err(Refusal::AccountLocked),
            Some(_) => Ok(()),
            None => Err(Refusal::AccountDisabled),
        }
    }

    /// Legacy tokens die with the client secret they were made with.
    pub(crate) fn secret_still_valid(&self, grant: &Grant, minted_with: Option<Hash>) -> bool {
        grant.dialect != Dialect::Legacy
            || self
                .app(grant.dialect, &grant.client_id)
                .is_some_and(|app| {
                    app.secrets
                        .iter()
                        .any(|secret| Some(hash(secret)) == minted_with)
                })
    }

    /// Adds an app, in place of one with the same client id. Returns whether there was one.
    pub(crate) fn register(&mut self, app: AppRegistration) -> bool {
        let before = self.apps.len();
        self.apps.retain(|other| other.client_id != app.client_id);
        let replaced = self.apps.len() < before;
        self.apps.push(app);
        replaced
    }

    /// Whether the account has consented to all of these scopes for the app.
    pub(crate) fn has_consented(
        &self,
        account: &'static str,
        client_id: &str,
        scopes: &BTreeSet<String>,
    ) -> bool {
        self.consents
            .get(&(account, client_id.to_owned()))
            .is_some_and(|consented| scopes.is_subset(consented))
    }

    /// Remembers a consent, which also ends the mark that an earlier one was taken back.
    pub(crate) fn remember_consent(
        &mut self,
        account: &'static str,
        client_id: &str,
        scopes: &BTreeSet<String>,
    ) {
        self.consents
            .entry((account, client_id.to_owned()))
            .or_default()
            .extend(scopes.iter().cloned());
        if let Some(account) = self.account_mut(account) {
            account.consent_revoked = false;
        }
    }

    /// An administrator lets an app in for everybody.
    pub(crate) fn let_in(&mut self, client_id: String) {
        self.admin_consents.insert(client_id);
    }

    /// Whether an administrator has to consent before anybody else can.
    pub(crate) fn waits_for_administrator(&self, client_id: &str) -> bool {
        self.behaviour.admin_consent_required && !self.admin_consents.contains(client_id)
    }

    /// Takes back everything the account consented to.
    pub(crate) fn revoke_consents(&mut self, account: &'static str) {
        self.consents
            .retain(|(consented, _), _| *consented != account);
        self.tokens.revoke_consents(account);
    }
}

fn check_secret(app: &AppRegistration, secret: &str) -> Result<Client, Refusal> {
    let presented = hash(secret);
    let among = |secrets: &[String]| secrets.iter().any(|valid| hash(valid) == presented);
    if among(&app.secrets) {
        Ok(Client {
            app: app.clone(),
            secret: Some(presented),
        })
    } else if among(&app.expired_secrets) {
        Err(Refusal::ExpiredSecret)
    } else {
        Err(Refusal::WrongSecret)
    }
}
