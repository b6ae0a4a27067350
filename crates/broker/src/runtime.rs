//! What connectors read. Everything is answered from memory: the last publication of each
//! workspace, and the live tokens of the grants it names. Refreshed tokens flow in at once;
//! configuration only by publishing.

use crate::{
    Broker,
    access::{Actor, Permission},
    error::{Fault, not_authorized},
    refresh::{RefreshOutcome, Why},
    sealing::Column,
    telemetry,
};
use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use dashmap::DashMap;
use model::{
    AuthorizationId, GrantId, WorkspaceId,
    authorization::Token,
    problem::{Code, Problem},
    status::{Status, StatusLabel},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use storage::{
    Hash, StorageError,
    credentials::ApiKeyRecord,
    grants::GrantRecord,
    publications::{PublicationRecord, SnapshotAuthorization},
};
use thiserror::Error;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use vault::VaultError;

/// A token with less life than this is refreshed before it is handed out; less for short lives.
const REFRESH_BEFORE_EXPIRY: TimeDelta = TimeDelta::seconds(60);
/// One with less than this is not handed out at all: it would be over before it is used.
const LEAST_LIFE: TimeDelta = TimeDelta::seconds(1);
/// How long a reader waits for a better token than one that is good for a moment.
const PATIENCE: Duration = Duration::from_secs(5);
/// By as much a wait may end late on a busy machine.
const WAKES_LATE: TimeDelta = TimeDelta::milliseconds(250);
/// A clock by which a token was got so far in the future is behind; less is how clocks of two machines
/// may differ.
const CLOCK_IS_BEHIND: TimeDelta = TimeDelta::seconds(30);
/// Grants read at a time.
const AT_ONCE: usize = 1000;
/// When to ask again for a token that cannot be had, unless it is known.
const NO_TOKEN: TimeDelta = TimeDelta::seconds(30);
/// And at least.
const AT_LEAST: TimeDelta = TimeDelta::seconds(1);
/// How long an API key is answered from memory.
const KEY_MEMORY: TimeDelta = TimeDelta::seconds(60);

/// Why there is no token.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The last publication does not have this authorization.
    #[error("not published")]
    NotPublished,
    /// There is no consent in force.
    #[error("not authorized: {0:?}")]
    NotAuthorized(Status),
    /// The token has expired and the provider does not give a new one.
    #[error("the refresh is failing")]
    Failing {
        /// When it is worth asking again.
        retry_after: TimeDelta,
    },
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::NotPublished => Self::new(
                Code::NotPublished,
                "This authorization is not part of the last publication. Publish it first.",
            ),
            TokenError::NotAuthorized(status) => not_authorized(status),
            TokenError::Failing { retry_after } => Self::new(
                Code::ProviderUnavailable,
                "The token has expired and the provider gives no new one at the moment. Try again later.",
            )
            .retry_after(retry_after),
            TokenError::Fault(fault) => fault.into(),
        }
    }
}

/// The memory of the run time.
#[derive(Default)]
pub(crate) struct RunTime {
    published: ArcSwap<HashMap<WorkspaceId, Arc<Serves>>>,
    /// One publication is put in place at a time.
    serving: Mutex<()>,
    grants: DashMap<GrantId, Arc<LiveGrant>>,
    ends: DashMap<GrantId, TokenEnd>,
    keys: DashMap<Hash, KnownKey>,
}

/// The end of one generation's token by the monotonic clock: setting the system's clock back does
/// not make it live longer (R12).
struct TokenEnd {
    generation: i64,
    at: Instant,
}

/// What is served for one workspace.
struct Serves {
    number: i64,
    authorizations: HashMap<AuthorizationId, SnapshotAuthorization>,
}

/// A grant as the hot path needs it.
pub(crate) struct LiveGrant {
    pub provider: String,
    pub generation: i64,
    pub status: Status,
    pub scopes: Vec<String>,
    pub token_type: String,
    pub expires_at: Option<DateTime<Utc>>,
    pub access_token: Option<SecretString>,
    /// The end of the token by the monotonic clock.
    ends: Option<Instant>,
    /// A token with less life than this is refreshed before it is handed out.
    spare: TimeDelta,
    /// Last read, in milliseconds since 1970; 0 for never.
    used_at: AtomicI64,
    /// Until when a refresh is known not to help, in milliseconds since 1970.
    put_off_until: AtomicI64,
}

struct KnownKey {
    record: Arc<ApiKeyRecord>,
    since: DateTime<Utc>,
    noted_at: Option<DateTime<Utc>>,
}

impl LiveGrant {
    /// A token with less life than this is not handed out.
    fn least(&self) -> TimeDelta {
        self.spare.min(LEAST_LIFE)
    }
}

impl RunTime {
    /// The publication that an authorization is part of, and the grant it means there.
    pub(crate) fn published_grant(
        &self,
        workspace: WorkspaceId,
        id: AuthorizationId,
    ) -> Option<(i64, Option<GrantId>)> {
        let published = self.published.load();
        let serves = published.get(&workspace)?;
        Some((serves.number, serves.authorizations.get(&id)?.grant_id))
    }

    /// The generation of a grant's tokens that is served.
    pub(crate) fn generation(&self, id: GrantId) -> Option<i64> {
        self.grants.get(&id).map(|live| live.generation)
    }

    /// When grants were last read, of those that were since this was last asked.
    pub(crate) fn take_uses(&self) -> Vec<(GrantId, DateTime<Utc>)> {
        let uses = self.grants.iter().filter_map(|live| {
            let millis = live.used_at.swap(0, Ordering::Relaxed);
            let at = DateTime::from_timestamp_millis(millis).filter(|_| millis != 0)?;
            Some((*live.key(), at))
        });
        uses.collect()
    }

    /// Whether a publication means this grant.
    pub(crate) fn serves_grant(&self, id: GrantId) -> bool {
        self.grants.contains_key(&id)
    }

    /// Takes a deleted authorization's token out at once: its grant is gone from the database.
    pub(crate) fn forget_authorization(&self, workspace: WorkspaceId, id: AuthorizationId) {
        if let Some((_, Some(grant))) = self.published_grant(workspace, id) {
            self.forget_grant(grant);
        }
    }

    /// Forgets until when refreshes are known not to help: the clock that said so was set.
    pub(crate) fn forget_pauses(&self) {
        for live in &self.grants {
            live.put_off_until.store(0, Ordering::Relaxed);
        }
    }

    fn forget_grant(&self, id: GrantId) {
        self.grants.remove(&id);
        self.ends.remove(&id);
    }

    /// Whether the end of a generation's token is known.
    fn knows_end(&self, id: GrantId, generation: i64) -> bool {
        let end = self.ends.get(&id);
        end.is_some_and(|end| end.generation == generation)
    }

    /// Notes when a served token ends. What was noted first of a generation is nearest to when it was
    /// asked for; nothing makes it live longer than that.
    pub(crate) fn note_end(&self, id: GrantId, generation: i64, at: Instant) -> Instant {
        let noted = self.ends.entry(id);
        let mut end = noted.or_insert(TokenEnd { generation, at });
        if end.generation < generation || (end.generation == generation && at < end.at) {
            *end = TokenEnd { generation, at };
        }
        if end.generation == generation {
            end.at
        } else {
            at
        }
    }

    pub(crate) fn known_key(&self, hash: &Hash, now: DateTime<Utc>) -> Option<Arc<ApiKeyRecord>> {
        let known = self.keys.get(hash)?;
        (now - known.since < KEY_MEMORY).then(|| Arc::clone(&known.record))
    }

    pub(crate) fn remember_key(
        &self,
        record: ApiKeyRecord,
        now: DateTime<Utc>,
    ) -> Arc<ApiKeyRecord> {
        let record = Arc::new(record);
        self.keys.insert(
            record.hash,
            KnownKey {
                noted_at: record.last_used_at,
                record: Arc::clone(&record),
                since: now,
            },
        );
        record
    }

    /// Whether a key's use should be written down; says so once per period.
    pub(crate) fn key_use_is_due(&self, hash: &Hash, now: DateTime<Utc>, every: TimeDelta) -> bool {
        let Some(mut known) = self.keys.get_mut(hash) else {
            return false;
        };
        let due = known
            .noted_at
            .is_none_or(|noted_at| now - noted_at >= every);
        if due {
            known.noted_at = Some(now);
        }
        due
    }

    pub(crate) fn forget_keys(&self) {
        self.keys.clear();
    }
}

impl Broker {
    /// The access token of a published authorization, refreshed first when it has (nearly) expired.
    /// However many ask at once, the provider is asked once.
    pub async fn token(&self, actor: &Actor, id: AuthorizationId) -> Result<Token, TokenError> {
        let workspace = actor.require(Permission::ReadTokens)?;
        let (_, grant) = self
            .run_time()
            .published_grant(workspace, id)
            .ok_or(TokenError::NotPublished)?;
        let Some(grant) = grant else {
            return Err(TokenError::NotAuthorized(self.why_not(actor, id).await?));
        };
        let live = self.live(grant)?;
        live.used_at
            .store(self.now().timestamp_millis(), Ordering::Relaxed);
        if let Some(token) = self.hand_out(&live, live.spare) {
            return Ok(token);
        }
        // It goes on when nobody waits any more: nobody waits longer for a better token than the one
        // there is good for.
        let refreshed = timeout(self.patience(&live), self.refresh_for_reader(grant, &live));
        let again = refreshed.await.unwrap_or(Ok(None));
        let live = self.live(grant)?;
        match (self.hand_out(&live, live.least()), again) {
            (Some(token), _) => Ok(token),
            (None, _) if live.status.label() == StatusLabel::NotAuthorized => {
                Err(TokenError::NotAuthorized(live.status))
            }
            (None, Err(fault)) => Err(fault.into()),
            (None, Ok(again)) => {
                telemetry::expired_token_refused();
                Err(TokenError::Failing {
                    retry_after: again.map_or(NO_TOKEN, |at| at - self.now()).max(AT_LEAST),
                })
            }
        }
    }

    /// How long a reader waits for a refresh: as long as it takes, unless there is a token that can
    /// still be handed out afterwards.
    fn patience(&self, live: &LiveGrant) -> Duration {
        let kept = live.least() + WAKES_LATE;
        match live.ends {
            Some(end) if usable(live, self.now(), kept).is_some() => end
                .saturating_duration_since(Instant::now() + kept.to_std().unwrap_or_default())
                .min(PATIENCE),
            _ => self.refreshing().request_timeout() + PATIENCE,
        }
    }

    /// Refreshes for somebody who waits, unless it was just found that this has to wait. Says when it
    /// is worth another try, if that is known.
    async fn refresh_for_reader(
        &self,
        grant: GrantId,
        live: &LiveGrant,
    ) -> Result<Option<DateTime<Utc>>, Fault> {
        let put_off = live.put_off_until.load(Ordering::Relaxed);
        if put_off > self.now().timestamp_millis() {
            return Ok(DateTime::from_timestamp_millis(put_off));
        }
        let why = Why::Read {
            seen: live.generation,
        };
        let until = match self.refresh_grant(grant, why).await? {
            RefreshOutcome::Refreshed | RefreshOutcome::Adopted => return Ok(None),
            RefreshOutcome::Postponed { until } => until,
            RefreshOutcome::Failed => self.now() + AT_LEAST,
        };
        // The generation that is served now is the one that other readers will ask about.
        if let Some(live) = self.run_time().grants.get(&grant) {
            live.put_off_until
                .store(until.timestamp_millis(), Ordering::Relaxed);
        }
        Ok(Some(until))
    }

    /// The token, if it has more than `spare` to live.
    fn hand_out(&self, live: &LiveGrant, spare: TimeDelta) -> Option<Token> {
        let now = self.now();
        let token = usable(live, now, spare)?;
        telemetry::token_handed_out(&live.provider, token.expires_at.map(|end| end - now));
        Some(token)
    }

    fn live(&self, grant: GrantId) -> Result<Arc<LiveGrant>, TokenError> {
        let live = self
            .run_time()
            .grants
            .get(&grant)
            .map(|live| Arc::clone(&live));
        match live {
            Some(live) if live.status.serves_token() => Ok(live),
            Some(live) => Err(TokenError::NotAuthorized(live.status)),
            None => match self.vault().ring() {
                Ok(_) => Err(TokenError::NotAuthorized(Status::Never)),
                Err(sealed) => Err(Fault::Vault(sealed).into()),
            },
        }
    }

    /// Why a published authorization has no grant. Not the hot path: it may ask the database.
    async fn why_not(&self, actor: &Actor, id: AuthorizationId) -> Result<Status, Fault> {
        let mut tx = self.read().await?;
        let Some(record) = tx.authorizations().get(actor.workspace(), id).await? else {
            return Ok(Status::Never);
        };
        let state = self.view(&mut *tx, &record).await?.state;
        // It may be authorized by now: what is published is not.
        Ok(if state.label() == StatusLabel::Authorized {
            Status::Never
        } else {
            state
        })
    }

    /// Loads what each workspace published last.
    pub(crate) async fn load_publications(&self) -> Result<(), Fault> {
        let mut tx = self.read().await?;
        let mut latest = Vec::new();
        let workspaces = tx.users().workspaces().await?;
        for workspace in workspaces {
            latest.extend(tx.publications().latest(workspace.id).await?);
        }
        drop(tx);
        for publication in latest {
            self.serve(publication).await?;
        }
        Ok(())
    }

    /// Makes a publication the one that is served. Tokens are loaded first, then the pointer is swapped.
    pub(crate) async fn serve(&self, publication: PublicationRecord) -> Result<(), Fault> {
        let workspace = publication.workspace_id;
        let _alone = self.run_time().serving.lock().await;
        let present = self.run_time().published.load().get(&workspace).cloned();
        if present.is_some_and(|present| present.number > publication.number) {
            // Of two at the same time the later one counts, whoever comes first.
            return Ok(());
        }
        let authorizations: HashMap<_, _> = publication
            .snapshot
            .authorizations
            .into_iter()
            .map(|authorization| (authorization.id, authorization))
            .collect();
        let grants: Vec<GrantId> = authorizations
            .values()
            .filter_map(|one| one.grant_id)
            .collect();
        self.load_grants(&grants).await?;
        let before = self.run_time().published.load_full();
        let serves = Arc::new(Serves {
            number: publication.number,
            authorizations,
        });
        self.run_time().published.rcu(|published| {
            let mut published = HashMap::clone(published);
            published.insert(workspace, Arc::clone(&serves));
            published
        });
        if let Some(before) = before.get(&workspace) {
            for grant in before
                .authorizations
                .values()
                .filter_map(|one| one.grant_id)
            {
                if !grants.contains(&grant) {
                    self.run_time().forget_grant(grant);
                }
            }
        }
        Ok(())
    }

    /// The monotonic time of a token's end, as far as the system's clock is right. A token that was
    /// got in the future, and not by this process, is over: the clock is behind the one it was got by.
    fn end_by_the_clock(&self, grant: &GrantRecord, begun: DateTime<Utc>) -> Option<Instant> {
        let (id, generation, now) = (grant.id, grant.tokens.generation, self.now());
        let left = grant.tokens.expires_at? - now;
        let left = if begun - now > CLOCK_IS_BEHIND && !self.run_time().knows_end(id, generation) {
            TimeDelta::zero()
        } else {
            left
        };
        let end = Instant::now().checked_add(left.to_std().unwrap_or_default())?;
        Some(self.run_time().note_end(id, generation, end))
    }

    /// The access token of a grant. One that was damaged is none: a refresh brings another, and the
    /// other grants do not suffer (R16).
    fn readable(&self, grant: &GrantRecord) -> Result<Option<SecretString>, Fault> {
        let Some(sealed) = &grant.tokens.access_token else {
            return Ok(None);
        };
        match self.open(grant.workspace_id, Column::AccessToken(grant.id), sealed) {
            Err(Fault::Vault(error)) if !matches!(error, VaultError::Sealed(_)) => {
                tracing::error!(%error, grant = %grant.id, "a stored access token cannot be opened");
                Ok(None)
            }
            token => token.map(Some),
        }
    }

    /// Loads those of these grants that are served.
    pub(crate) async fn load_served(&self, ids: &[GrantId]) -> Result<(), Fault> {
        let served = |id: &&GrantId| self.run_time().serves_grant(**id);
        let ids: Vec<_> = ids.iter().filter(served).copied().collect();
        self.load_grants(&ids).await
    }

    /// These grants, without those that were damaged: the others do not suffer (R16).
    async fn readable_grants(&self, ids: &[GrantId]) -> Result<Vec<GrantRecord>, Fault> {
        let mut tx = self.read().await?;
        match tx.grants().get_many(ids).await {
            Err(StorageError::Corrupt { .. }) => {}
            grants => return Ok(grants?),
        }
        let mut readable = Vec::new();
        for id in ids {
            match tx.grants().get(*id).await {
                Err(error @ StorageError::Corrupt { .. }) => {
                    tracing::error!(%error, grant = %id, "a grant cannot be read");
                }
                grant => readable.extend(grant?),
            }
        }
        Ok(readable)
    }

    /// Puts the stored tokens of grants into memory.
    pub(crate) async fn load_grants(&self, ids: &[GrantId]) -> Result<(), Fault> {
        if self.vault().ring().is_err() {
            // Sealed: nothing can be opened, and readiness says so.
            return Ok(());
        }
        // Not all at once: a start would need several times the memory of the work after it.
        for ids in ids.chunks(AT_ONCE) {
            for grant in self.readable_grants(ids).await? {
                self.take_in(grant)?;
            }
        }
        Ok(())
    }

    /// Puts one into memory, unless a newer generation is there already.
    fn take_in(&self, grant: GrantRecord) -> Result<(), Fault> {
        let access_token = self.readable(&grant)?;
        let begun = grant.tokens.refreshed_at.unwrap_or(grant.authorized_at);
        let ends = self.end_by_the_clock(&grant, begun);
        let lifetime = grant.tokens.expires_at.map(|end| end - begun);
        let live = Arc::new(LiveGrant {
            ends,
            spare: lifetime.map_or(REFRESH_BEFORE_EXPIRY, |lifetime| {
                (lifetime / 5).clamp(TimeDelta::zero(), REFRESH_BEFORE_EXPIRY)
            }),
            used_at: AtomicI64::new(0),
            put_off_until: AtomicI64::new(0),
            provider: grant.client.provider,
            generation: grant.tokens.generation,
            status: grant.status,
            scopes: grant.granted_scopes,
            token_type: grant.tokens.token_type,
            expires_at: grant.tokens.expires_at,
            access_token,
        });
        let mut slot = self
            .run_time()
            .grants
            .entry(grant.id)
            .or_insert_with(|| Arc::clone(&live));
        if slot.generation <= live.generation {
            *slot = live;
        }
        Ok(())
    }
}

/// The token, if it is good for longer than `spare`, by both clocks. One of unknown lifetime is.
fn usable(live: &LiveGrant, now: DateTime<Utc>, spare: TimeDelta) -> Option<Token> {
    let access_token = live.access_token.as_ref()?;
    let over = live.expires_at.is_some_and(|end| end <= now + spare)
        || live
            .ends
            .is_some_and(|end| end <= Instant::now() + spare.to_std().unwrap_or_default());
    if over {
        return None;
    }
    Some(Token {
        access_token: access_token.expose_secret().to_owned(),
        token_type: live.token_type.clone(),
        expires_at: live.expires_at,
        scopes: live.scopes.clone(),
        generation: live.generation,
    })
}
