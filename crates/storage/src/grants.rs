//! Grants, and the leases and fences of their refreshes.
//!
//! A grant's `generation` is the fence: every change of its tokens is a compare-and-swap on it, so
//! that a late writer can never put an older token in place of a newer one. The lease only keeps two
//! workers from asking the provider at the same time.

use crate::{Ciphertext, Hash, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    AuthorizationId, GrantId, WorkspaceId, account::AccountInfo, authorization::ProviderErrorInfo,
    status::Status,
};
use serde::{Deserialize, Serialize};

/// What a consent brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRecord {
    /// Its id; the row its ciphertexts are bound to.
    pub id: GrantId,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// For which authorization.
    pub authorization_id: AuthorizationId,
    /// The client registration it was given to, without secrets.
    pub client: GrantClient,
    /// Who consented, when the provider tells.
    pub account: Option<AccountInfo>,
    /// Scopes sent to the provider.
    pub asked_scopes: Vec<String>,
    /// Scopes the provider granted.
    pub granted_scopes: Vec<String>,
    /// What a probe with the fresh token showed.
    pub warning: Option<String>,
    /// State of the consent.
    pub status: Status,
    /// What the provider said last, when it refused.
    pub last_error: Option<ProviderErrorInfo>,
    /// Time of the consent.
    pub authorized_at: DateTime<Utc>,
    /// The tokens and their generation.
    pub tokens: TokenSet,
    /// How refreshing goes wrong at the moment.
    pub trouble: Trouble,
}

/// How refreshing a grant goes wrong at the moment; the default when it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// First failure since the last success.
    pub since: Option<DateTime<Utc>>,
    /// Failures since the last success.
    pub attempts: u32,
    /// The provider answered `invalid_grant`; another one confirms it.
    pub suspected_at: Option<DateTime<Utc>>,
}

/// What a refresh that brought no token makes of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setback {
    /// Its status from now on.
    pub status: Status,
    /// What the provider said.
    pub error: Option<ProviderErrorInfo>,
    /// How often it has gone wrong by now.
    pub trouble: Trouble,
    /// When to try again; `None` when only a person can help.
    pub next_refresh_at: Option<DateTime<Utc>>,
}

/// A grant whose time to be refreshed has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueGrant {
    /// Its id.
    pub id: GrantId,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Whom to ask.
    pub provider: String,
}

/// The client registration a grant belongs to: a refresh goes there and nowhere else, whatever the
/// form says by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantClient {
    /// Provider id.
    pub provider: String,
    /// Settings without secrets, as they were at the consent.
    pub settings: model::settings::Settings,
    /// Redirect URI, as it was sent.
    pub redirect_uri: String,
}

/// Tokens of a grant, changed only as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSet {
    /// Goes up with every change of the tokens; starts at 1.
    pub generation: i64,
    /// Sealed access token; `None` once the grant is over.
    pub access_token: Option<Ciphertext>,
    /// Sealed refresh token; `None` when there is none, or the grant is over.
    pub refresh_token: Option<Ciphertext>,
    /// `Bearer`.
    pub token_type: String,
    /// End of the access token; `None` when the provider does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// Last successful refresh.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// When to refresh next; `None` for never.
    pub next_refresh_at: Option<DateTime<Utc>>,
}

impl TokenSet {
    /// No tokens at all: of a consent that is over.
    pub fn none() -> Self {
        Self {
            generation: 1,
            access_token: None,
            refresh_token: None,
            token_type: "Bearer".to_owned(),
            expires_at: None,
            refreshed_at: None,
            next_refresh_at: None,
        }
    }
}

/// The right to ask the provider for one refresh, and the written intent to do so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshLease {
    /// Of which grant.
    pub grant_id: GrantId,
    /// Generation that is being spent (the fence).
    pub generation: i64,
    /// Hash of the refresh token that is being spent.
    pub token_hash: Hash,
    /// One attempt; a new id for each.
    pub holder: uuid::Uuid,
    /// The process that makes it, whose journal would have the answer.
    pub process: uuid::Uuid,
    /// How often this refresh token has been sent, this time included.
    pub sends: u32,
    /// Start of the attempt.
    pub started_at: DateTime<Utc>,
    /// End of the right.
    pub expires_at: DateTime<Utc>,
}

/// Grants and refreshes.
#[async_trait]
pub trait GrantRepository: Send {
    /// Adds a grant.
    async fn insert(&mut self, grant: &GrantRecord) -> Result<(), StorageError>;
    /// One by id.
    async fn get(&mut self, id: GrantId) -> Result<Option<GrantRecord>, StorageError>;
    /// Several by id, in any order; absent ones are left out.
    async fn get_many(&mut self, ids: &[GrantId]) -> Result<Vec<GrantRecord>, StorageError>;
    /// Puts in the tokens of a refresh (their generation is `expected + 1`), granted scopes and
    /// status, and clears the last error and the trouble, where the stored generation is still
    /// `expected`; `false` when it is not. Counts in [`commits`](Self::commits).
    async fn commit_refresh(
        &mut self,
        id: GrantId,
        expected: i64,
        tokens: &TokenSet,
        granted_scopes: &[String],
        status: Status,
    ) -> Result<bool, StorageError>;
    /// Writes down why there is no new token, where the generation is still `expected`; `false`
    /// when it is not. Tokens stay.
    async fn set_back(
        &mut self,
        id: GrantId,
        expected: i64,
        setback: &Setback,
    ) -> Result<bool, StorageError>;
    /// Ends a grant: status, no tokens, no expiry, no next refresh, generation up; `false` when
    /// there is none.
    async fn end(&mut self, id: GrantId, status: Status) -> Result<bool, StorageError>;
    /// Refreshes committed so far, in the life of the database.
    async fn commits(&mut self) -> Result<i64, StorageError>;

    /// The lease of a grant's refresh, running or expired.
    async fn lease(&mut self, id: GrantId) -> Result<Option<RefreshLease>, StorageError>;
    /// Takes the lease of a grant's refresh in place of the one that `over` holds, or of none;
    /// `false` when another one is there, and when the stored generation is not the lease's.
    async fn take_lease(
        &mut self,
        lease: &RefreshLease,
        over: Option<uuid::Uuid>,
    ) -> Result<bool, StorageError>;
    /// Gives a lease back; `false` when the holder no longer has it.
    async fn release_lease(
        &mut self,
        id: GrantId,
        holder: uuid::Uuid,
    ) -> Result<bool, StorageError>;
    /// Leases that a process did not give back, oldest first.
    async fn leases_of(&mut self, process: uuid::Uuid) -> Result<Vec<RefreshLease>, StorageError>;
    /// Leases that ended before `now` and were not given back, oldest first, at most `limit`.
    async fn expired_leases(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<RefreshLease>, StorageError>;

    /// Makes every grant due earlier: the clock that said when was set back by as much.
    async fn bring_forward(&mut self, by: TimeDelta) -> Result<(), StorageError>;

    /// Grants due for a refresh, soonest expiry first (unknown last), then the one used last, at
    /// most `limit`; none of the providers in `except`.
    async fn due(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
        except: &[String],
    ) -> Result<Vec<DueGrant>, StorageError>;
    /// Sets when grants are refreshed next. Those without a refresh token stay as they are.
    async fn schedule(&mut self, times: &[(GrantId, DateTime<Utc>)]) -> Result<(), StorageError>;
    /// Notes when connectors last read grants.
    async fn note_uses(&mut self, times: &[(GrantId, DateTime<Utc>)]) -> Result<(), StorageError>;
    /// Takes all grants of these providers that would be refreshed by themselves off the schedule
    /// and gives them this status; answers which.
    async fn hold(
        &mut self,
        providers: &[String],
        status: Status,
    ) -> Result<Vec<GrantId>, StorageError>;
    /// Makes all grants of this status healthy and due at `at`; answers which.
    async fn resume(
        &mut self,
        status: Status,
        at: DateTime<Utc>,
    ) -> Result<Vec<GrantId>, StorageError>;
    /// Wipes the tokens of grants that have needed re-authorization since before `before`, at most
    /// `limit`; answers which. Their status stays.
    async fn wipe_abandoned(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<GrantId>, StorageError>;
}

impl GrantRecord {
    /// Whether this was ended while its tokens of that generation were being refreshed.
    pub fn ended_in(&self, generation: i64) -> bool {
        matches!(self.status, Status::Cancelled(_))
            && self.tokens.refresh_token.is_none()
            && self.tokens.generation == generation + 1
    }
}

impl RefreshLease {
    /// A process is at it, or was when it ended. Nobody is at one that was left open on purpose: its
    /// token was sent, and may be sent again until the lease expires.
    pub fn is_held(&self) -> bool {
        !self.process.is_nil()
    }

    /// The same intent with nobody at it.
    #[must_use]
    pub fn left_open(&self, until: DateTime<Utc>) -> Self {
        Self {
            process: uuid::Uuid::nil(),
            expires_at: until,
            ..self.clone()
        }
    }
}
