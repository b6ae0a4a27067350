//! Codes, access tokens and refresh tokens, by hash; and the family all tokens of one consent belong to.
//!
//! This module knows what can be redeemed. Who may ask for it (clients, accounts, scopes) is `state.rs`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::{
    behaviour::Rotation,
    dialects::Dialect,
    ledger::{FamilyState, fingerprint_of, s256},
    refusal::Refusal,
};

pub(crate) type Hash = [u8; 32];

pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

/// What one consent gave: the facts every token of the family shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) family: String,
    pub(crate) dialect: Dialect,
    pub(crate) client_id: String,
    /// The account's short name.
    pub(crate) account: &'static str,
    /// Without a resource prefix.
    pub(crate) scopes: BTreeSet<String>,
    /// To be repeated in the id token (OpenID Connect Core §3.1.2.1).
    pub(crate) nonce: Option<String>,
}

/// What the code must be redeemed with.
#[derive(Debug, Clone)]
pub(crate) struct CodeTerms {
    pub(crate) redirect_uri: String,
    /// The S256 code challenge.
    pub(crate) challenge: Option<String>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// What a client sends along with a code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodePresented<'a> {
    pub(crate) code: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: Option<&'a str>,
}

/// How refresh tokens rotate for this request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RotationPolicy {
    pub(crate) rotation: Rotation,
    pub(crate) grace: TimeDelta,
}

struct Code {
    family: String,
    terms: CodeTerms,
    spent: bool,
}

struct RefreshToken {
    family: String,
    expires_at: DateTime<Utc>,
    spent_at: Option<DateTime<Utc>>,
    minted_with: Option<Hash>,
}

/// An access token.
pub(crate) struct AccessToken {
    family: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) minted_with: Option<Hash>,
    revoked: bool,
}

struct Family {
    grant: Grant,
    dead: Option<Refusal>,
}

/// What is known about a code or refresh token before it is judged: for the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) family: Option<String>,
    pub(crate) already_spent: bool,
}

/// A new token with what it is bound to.
#[derive(Debug)]
pub(crate) struct NewToken<'a> {
    pub(crate) family: &'a str,
    pub(crate) expires_at: DateTime<Utc>,
    /// Hash of the client secret of the request that makes it.
    pub(crate) minted_with: Option<Hash>,
}

/// All codes and tokens. Spent and expired ones stay, so that their reuse is told from nonsense.
#[derive(Default)]
pub(crate) struct TokenStore {
    codes: HashMap<Hash, Code>,
    refresh: HashMap<Hash, RefreshToken>,
    access: HashMap<Hash, AccessToken>,
    families: HashMap<String, Family>,
}

impl TokenStore {
    /// Starts a family with its code.
    pub(crate) fn add_code(&mut self, code: &str, grant: Grant, terms: CodeTerms) {
        let family = grant.family.clone();
        self.add_family(grant);
        self.codes.insert(
            hash(code),
            Code {
                family,
                terms,
                spent: false,
            },
        );
    }

    /// Starts a family whose consent has already been given.
    pub(crate) fn add_family(&mut self, grant: Grant) {
        self.families
            .insert(grant.family.clone(), Family { grant, dead: None });
    }

    pub(crate) fn add_access(&mut self, token: &str, new: &NewToken<'_>, scopes: BTreeSet<String>) {
        let record = AccessToken {
            family: new.family.to_owned(),
            scopes,
            expires_at: new.expires_at,
            minted_with: new.minted_with,
            revoked: false,
        };
        self.access.insert(hash(token), record);
    }

    pub(crate) fn add_refresh(&mut self, token: &str, new: &NewToken<'_>) {
        let record = RefreshToken {
            family: new.family.to_owned(),
            expires_at: new.expires_at,
            spent_at: None,
            minted_with: new.minted_with,
        };
        self.refresh.insert(hash(token), record);
    }

    /// Redeems a code, once. A second try kills the family (RFC 6749 §4.1.2).
    pub(crate) fn redeem_code(
        &mut self,
        presented: CodePresented<'_>,
        now: DateTime<Utc>,
    ) -> Result<Grant, Refusal> {
        let code = self
            .codes
            .get_mut(&hash(presented.code))
            .ok_or(Refusal::UnknownCode)?;
        let family = self
            .families
            .get_mut(&code.family)
            .ok_or(Refusal::UnknownCode)?;
        if family.grant.client_id != presented.client_id {
            return Err(Refusal::OtherClient);
        }
        if code.spent {
            family.dead.get_or_insert(Refusal::GrantRevoked);
            return Err(Refusal::CodeReused);
        }
        if now >= code.terms.expires_at {
            return Err(Refusal::CodeExpired);
        }
        if let Some(death) = &family.dead {
            return Err(death.clone());
        }
        if code.terms.redirect_uri != presented.redirect_uri {
            return Err(Refusal::RedirectMismatch);
        }
        check_verifier(code.terms.challenge.as_deref(), presented.verifier)?;
        code.spent = true;
        Ok(family.grant.clone())
    }

    /// Checks a refresh token and returns what it stands for, and the hash of the secret it was made with. Kills the
    /// family when a spent one comes back and the policy is strict (RFC 9700 §4.14.2).
    pub(crate) fn check_refresh(
        &mut self,
        token: &str,
        client_id: &str,
        policy: RotationPolicy,
        now: DateTime<Utc>,
    ) -> Result<(Grant, Option<Hash>), Refusal> {
        let record = self
            .refresh
            .get(&hash(token))
            .ok_or(Refusal::UnknownRefreshToken)?;
        let family = self
            .families
            .get_mut(&record.family)
            .ok_or(Refusal::UnknownRefreshToken)?;
        if family.grant.client_id != client_id {
            return Err(Refusal::OtherClient);
        }
        if let Some(death) = &family.dead {
            return Err(death.clone());
        }
        if let Some(spent_at) = record.spent_at
            && policy.rotation == Rotation::Strict
            && now - spent_at >= policy.grace
        {
            family.dead = Some(Refusal::GrantRevoked);
            return Err(Refusal::RefreshTokenReused);
        }
        if now >= record.expires_at {
            return Err(Refusal::RefreshTokenExpired);
        }
        Ok((family.grant.clone(), record.minted_with))
    }

    /// Marks a refresh token as used. The time of its first use counts for the grace.
    pub(crate) fn spend_refresh(&mut self, token: &str, now: DateTime<Utc>) {
        if let Some(record) = self.refresh.get_mut(&hash(token)) {
            record.spent_at.get_or_insert(now);
        }
    }

    /// What is known about a code or refresh token.
    pub(crate) fn history(&self, code_or_token: &str) -> History {
        let key = hash(code_or_token);
        let (family, already_spent) = match (self.codes.get(&key), self.refresh.get(&key)) {
            (Some(code), _) => (Some(code.family.clone()), code.spent),
            (None, Some(token)) => (Some(token.family.clone()), token.spent_at.is_some()),
            (None, None) => (None, false),
        };
        History {
            family,
            already_spent,
        }
    }

    /// The grant of a family.
    pub(crate) fn grant(&self, family: &str) -> Option<&Grant> {
        self.families.get(family).map(|family| &family.grant)
    }

    /// What becomes of every family: whether it was killed, and which of its refresh tokens nobody has spent yet.
    pub(crate) fn families(&self, now: DateTime<Utc>) -> BTreeMap<String, FamilyState> {
        let mut states: BTreeMap<_, _> = self
            .families
            .iter()
            .map(|(id, family)| {
                let state = FamilyState {
                    client_id: family.grant.client_id.clone(),
                    account: family.grant.account.to_owned(),
                    dead: family.dead.is_some(),
                    unspent: Vec::new(),
                };
                (id.clone(), state)
            })
            .collect();
        for (key, token) in &self.refresh {
            if token.spent_at.is_none()
                && now < token.expires_at
                && let Some(state) = states.get_mut(&token.family)
            {
                state.unspent.push(fingerprint_of(key));
            }
        }
        states
    }

    /// Whether the family was killed.
    pub(crate) fn is_dead(&self, family: &str) -> bool {
        self.families
            .get(family)
            .is_some_and(|family| family.dead.is_some())
    }

    /// A live access token (not expired, not revoked) with its grant.
    pub(crate) fn access(&self, token: &str, now: DateTime<Utc>) -> Option<(&AccessToken, &Grant)> {
        let record = self.access.get(&hash(token))?;
        let family = self.families.get(&record.family)?;
        (!record.revoked && family.dead.is_none() && now < record.expires_at)
            .then_some((record, &family.grant))
    }

    /// The end of an access token that was given out, and whether it was revoked before, by itself or with its family.
    pub(crate) fn end_of_access(&self, token: &str) -> Option<(DateTime<Utc>, bool)> {
        let record = self.access.get(&hash(token))?;
        let revoked = record.revoked || self.is_dead(&record.family);
        Some((record.expires_at, revoked))
    }

    /// Revokes a token of this client (RFC 7009 §2.1): a refresh token takes its family along, an access token dies
    /// alone. Unknown tokens are none of the client's business.
    pub(crate) fn revoke(&mut self, token: &str, client_id: &str) {
        let key = hash(token);
        if let Some(record) = self.refresh.get(&key)
            && let Some(family) = self.families.get_mut(&record.family)
            && family.grant.client_id == client_id
        {
            family.dead.get_or_insert(Refusal::GrantRevoked);
        }
        if let Some(record) = self.access.get_mut(&key)
            && self
                .families
                .get(&record.family)
                .is_some_and(|family| family.grant.client_id == client_id)
        {
            record.revoked = true;
        }
    }

    /// Kills everything an account consented to so far.
    pub(crate) fn revoke_consents(&mut self, account: &str) {
        for family in self
            .families
            .values_mut()
            .filter(|family| family.grant.account == account)
        {
            family.dead.get_or_insert(Refusal::ConsentRevoked);
        }
    }
}

/// PKCE (RFC 7636 §4.6). A verifier without a challenge is refused too: someone took the challenge out (RFC 9700
/// §2.1.1).
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(Refusal::MissingVerifier),
        (Some(challenge), Some(verifier)) if s256(verifier) == challenge => Ok(()),
        (_, Some(_)) => Err(Refusal::VerifierMismatch),
    }
}
