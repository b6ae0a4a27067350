//! Ending consents at the provider: a queue that survives a restart (RFC 7009, S16).
//!
//! A consent that ends here is put into the queue in the transaction in which its tokens are wiped
//! ([`crate::grants`]), with everything the request needs, since the authorization may be gone when
//! it is sent. A job calls [`Broker::deliver_revocations`]; what came of it is shown for a month.

mod view;

use crate::{
    Broker,
    error::Fault,
    grants::error_info,
    sealing::{Column, Sensitive},
};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    AuthorizationId, RevocationId, authorization::ProviderErrorInfo, revocation::RevocationState,
};
use oauth::{ClientRegistration, DocumentError, ErrorClass, SecretString, TokenError, TokenKind};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use storage::{
    Change, Transaction,
    grants::{GrantClient, GrantRecord},
    revocations::RevocationRecord,
};
use tokio::task::JoinSet;
use vault::{VaultError, VaultState};

/// How long the provider may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long nobody else tries meanwhile; well over the deadline.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Requests at the same time.
const AT_ONCE: u32 = 16;
/// Pause after the first failure; doubled after each further one.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// Longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);
/// When it is given up.
const GIVE_UP: TimeDelta = TimeDelta::days(7);
/// How long the result is shown.
const KEEP: TimeDelta = TimeDelta::days(30);

/// Why a revocation cannot be sent whose stored data were altered.
const UNREADABLE: &str = "what is stored of it cannot be read";

/// What the provider will be sent. Sealed in the database.
#[derive(Serialize, Deserialize)]
struct Request {
    client: GrantClient,
    /// Client secrets, in the order in which they are tried.
    secrets: Vec<Sensitive>,
    token: Sensitive,
    /// What `token` is: the refresh token, or the access token where there is no other.
    refresh_token: bool,
}

/// What to do about a consent that ends.
enum Plan {
    Send(Box<Request>),
    NotOffered,
    Impossible(String),
}

/// What came of an attempt.
enum Outcome {
    Over(RevocationState, Option<ProviderErrorInfo>),
    Again(ProviderErrorInfo, TimeDelta),
}

impl Broker {
    /// Puts a consent that ends into the queue; one without tokens needs no revocation. `secrets`
    /// are tried before those that are stored.
    ///
    /// What cannot be read back keeps nobody from ending a consent: it is told as failed.
    pub(crate) async fn queue_revocation(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        secrets: Vec<SecretString>,
    ) -> Result<(), Fault> {
        if grant.tokens.refresh_token.is_none() && grant.tokens.access_token.is_none() {
            return Ok(());
        }
        let (workspace, authorization) = (grant.workspace_id, grant.authorization_id);
        let now = self.now();
        let id = self.new_id();
        let stored = tx.authorizations().get(workspace, authorization).await?;
        let (state, request, last_error) = match self.plan(tx, grant, secrets).await? {
            Plan::Send(request) => {
                let column = Column::RevocationRequest(id);
                let sealed = self.seal_json(workspace, column, &*request)?;
                (RevocationState::Pending, Some(sealed), None)
            }
            Plan::NotOffered => (RevocationState::NotOffered, None, None),
            Plan::Impossible(why) => {
                let error = not_sent(&why, now);
                (RevocationState::Failed, None, Some(error))
            }
        };
        let pending = state == RevocationState::Pending;
        let account = grant.account.as_ref();
        let record = RevocationRecord {
            id,
            workspace_id: workspace,
            authorization_id: authorization,
            authorization_name: stored.map(|stored| stored.name),
            provider: grant.client.provider.clone(),
            account: account.map(|account| account.label().to_owned()),
            request,
            state,
            attempts: 0,
            next_attempt_at: pending.then_some(now),
            last_error,
            token_ends_at: grant.tokens.expires_at,
            created_at: now,
            finished_at: (!pending).then_some(now),
        };
        tx.revocations().insert(&record).await?;
        if state == RevocationState::Failed {
            self.tell_revocation_failed(tx, &record).await?;
        }
        tx.announce(Change::Revocation(workspace, authorization));
        Ok(())
    }

    async fn plan(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        mut secrets: Vec<SecretString>,
    ) -> Result<Plan, Fault> {
        let (workspace, authorization) = (grant.workspace_id, grant.authorization_id);
        let stored = self.client_secrets(tx, workspace, authorization).await;
        secrets.extend(readable(stored)?.into_iter().flatten());
        let client = &grant.client;
        match self.client_registration(client, secrets.clone(), authorization) {
            Err(why) => return Ok(Plan::Impossible(why)),
            Ok(registration) if !registration.may_offer_revocation() => {
                return Ok(Plan::NotOffered);
            }
            Ok(_) => {}
        }
        let Some(Some((token, kind))) = readable(self.token_to_revoke(grant))? else {
            return Ok(Plan::Impossible(UNREADABLE.to_owned()));
        };
        Ok(Plan::Send(Box::new(Request {
            client: client.clone(),
            secrets: secrets.iter().map(Into::into).collect(),
            token: (&token).into(),
            refresh_token: kind == TokenKind::RefreshToken,
        })))
    }

    /// The token whose end ends the most: the refresh token, if there is one.
    fn token_to_revoke(
        &self,
        grant: &GrantRecord,
    ) -> Result<Option<(SecretString, TokenKind)>, Fault> {
        let (sealed, column, kind) = match (&grant.tokens.refresh_token, &grant.tokens.access_token)
        {
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
        let token = self.open(grant.workspace_id, column, sealed)?;
        Ok(Some((token, kind)))
    }

    /// The registration a consent was given to.
    fn client_registration(
        &self,
        client: &GrantClient,
        secrets: Vec<SecretString>,
        authorization: AuthorizationId,
    ) -> Result<ClientRegistration, String> {
        let provider = self
            .definition(&client.provider)
            .ok_or("its provider is not in this server's catalogue any more")?;
        self.registration(provider, &client.settings, secrets, authorization)
            .map_err(|error| error.to_string())
    }

    /// Sends what is due, and answers how many requests that were.
    ///
    /// # Errors
    /// When the database cannot be reached. What was taken then is tried again after its lease.
    pub async fn deliver_revocations(&self) -> Result<usize, Fault> {
        let now = self.now();
        if matches!(self.vault().state(), VaultState::Sealed(_)) {
            return Ok(0);
        }
        // Looked at first without the database's one writer: there is seldom anything to do.
        if self.read().await?.revocations().count_pending().await? == 0 {
            return Ok(0);
        }
        let mut tx = self.write().await?;
        let claimed = tx.revocations().claim(now, now + LEASE, AT_ONCE).await?;
        tx.save().await?;
        let mut sending = JoinSet::new();
        for record in claimed {
            let broker = self.clone();
            sending.spawn(async move { broker.deliver(record).await });
        }
        let mut outcome = Ok(0);
        while let Some(delivered) = sending.join_next().await {
            // A panic has been told by its own means. What was not noted comes back with its lease,
            // and does not keep the others from being sent.
            if let Ok(delivered) = delivered {
                outcome = outcome.and_then(|sent| delivered.map(|()| sent + 1));
            }
        }
        outcome
    }

    async fn deliver(&self, mut record: RevocationRecord) -> Result<(), Fault> {
        let outcome = self.try_to_revoke(&record).await?;
        let (id, attempt) = (record.id, record.attempts);
        let mut tx = self.write().await?;
        let noted = match &outcome {
            Outcome::Over(state, error) => {
                let (error, now) = (error.as_ref(), self.now());
                tx.revocations()
                    .finish(id, attempt, *state, error, now)
                    .await?
            }
            Outcome::Again(error, pause) => {
                let next = self.now() + *pause;
                tx.revocations().retry(id, attempt, next, error).await?
            }
        };
        if let Outcome::Over(RevocationState::Failed, error) = &outcome
            && noted
        {
            record.last_error.clone_from(error);
            self.tell_revocation_failed(&mut *tx, &record).await?;
        }
        tx.announce(Change::Revocation(
            record.workspace_id,
            record.authorization_id,
        ));
        tx.save().await?;
        log(id, &outcome, noted);
        Ok(())
    }

    async fn try_to_revoke(&self, record: &RevocationRecord) -> Result<Outcome, Fault> {
        let sealed = record
            .request
            .as_ref()
            .ok_or(Fault::Unreadable("a revocation"))?;
        let column = Column::RevocationRequest(record.id);
        let sent_at = self.now();
        let request = self.open_json::<Request>(record.workspace_id, column, sealed);
        let Some(request) = readable(request)? else {
            let error = not_sent(UNREADABLE, sent_at);
            return Ok(Outcome::Over(RevocationState::Failed, Some(error)));
        };
        let secrets = request.secrets.iter().map(Into::into).collect();
        let registration =
            match self.client_registration(&request.client, secrets, record.authorization_id) {
                Ok(registration) => registration,
                Err(why) => {
                    let error = not_sent(&why, sent_at);
                    return Ok(Outcome::Over(RevocationState::Failed, Some(error)));
                }
            };
        let sending = self.send(registration, &request);
        let answer = match tokio::time::timeout(DEADLINE, sending).await {
            Ok(answer) => answer,
            Err(_) => Err(oauth::http::HttpError::Timeout(DEADLINE).into()),
        };
        let now = self.now();
        Ok(match answer {
            Ok(oauth::Revocation::Revoked) => Outcome::Over(RevocationState::Done, None),
            Ok(oauth::Revocation::NotOffered) => Outcome::Over(RevocationState::NotOffered, None),
            Err(error) => {
                let info = error_info(&error, now);
                if is_final(&error) || now - record.created_at >= GIVE_UP {
                    Outcome::Over(RevocationState::Failed, Some(info))
                } else {
                    Outcome::Again(info, pause(record.attempts, error.retry_after))
                }
            }
        })
    }

    /// Where the address of revocation is not typed in, the issuer's metadata may name it.
    async fn send(
        &self,
        mut registration: ClientRegistration,
        request: &Request,
    ) -> Result<oauth::Revocation, TokenError> {
        let now = self.now();
        if registration.endpoints.revocation.is_none() {
            registration = self
                .documents()
                .complete(self.http(), registration, now)
                .await
                .map_err(|error| unknown_address(&error))?;
        }
        let kind = if request.refresh_token {
            TokenKind::RefreshToken
        } else {
            TokenKind::AccessToken
        };
        let token = SecretString::from(&request.token);
        registration.revoke(self.http(), &token, kind, now).await
    }

    /// Forgets revocations that were over long ago.
    pub(crate) async fn forget_old_revocations(
        &self,
        tx: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        tx.revocations().delete_finished(self.now() - KEEP).await?;
        Ok(())
    }
}

/// What was read; `None` when it was altered. A sealed vault is neither: it may be opened again.
fn readable<T>(read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Fault::Vault(VaultError::Sealed(reason))) => {
            Err(Fault::Vault(VaultError::Sealed(reason)))
        }
        Err(Fault::Vault(_) | Fault::Unreadable(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// An attempt that could not be made.
fn not_sent(why: &str, at: DateTime<Utc>) -> ProviderErrorInfo {
    ProviderErrorInfo {
        code: "not_sent".to_owned(),
        message: format!("The revocation could not be sent: {why}"),
        correlation_id: None,
        at,
    }
}

/// Whether the provider can revoke is not known while its metadata cannot be read.
fn unknown_address(error: &DocumentError) -> TokenError {
    TokenError {
        class: ErrorClass::Transient,
        reason: None,
        error: "metadata_unreadable".to_owned(),
        description: Some(error.to_string()),
        retry_after: None,
        correlation_id: None,
        status: None,
    }
}

/// Trying again would bring the same answer: the provider refuses the request or the client.
const fn is_final(error: &TokenError) -> bool {
    let refused =
        matches!(error.status, Some(400..=499)) && !matches!(error.status, Some(408 | 425 | 429));
    refused
        || match error.class {
            ErrorClass::Transient | ErrorClass::Ambiguous => false,
            ErrorClass::InvalidGrant
            | ErrorClass::InvalidClient
            | ErrorClass::Configuration
            | ErrorClass::InteractionRequired => true,
        }
}

/// How long to wait after so many attempts, or as long as the provider says.
fn pause(attempts: u32, retry_after: Option<Duration>) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(16);
    let own = (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE);
    let asked = retry_after.and_then(|wait| TimeDelta::from_std(wait).ok());
    asked.map_or(own, |asked| asked.max(own))
}

fn log(id: RevocationId, outcome: &Outcome, noted: bool) {
    match outcome {
        Outcome::Over(RevocationState::Failed, Some(error)) => {
            tracing::warn!(revocation = %id, code = %error.code, "an ended consent could not be revoked");
        }
        Outcome::Over(state, _) => tracing::info!(revocation = %id, ?state, noted, "revocation"),
        Outcome::Again(error, pause) => {
            tracing::warn!(revocation = %id, code = %error.code, again_in = %pause, "revocation failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PAUSE, GIVE_UP, LONGEST_PAUSE, pause};
    use chrono::TimeDelta;
    use std::time::Duration;

    #[test]
    fn pauses_double_up_to_six_hours() {
        assert_eq!(pause(1, None), FIRST_PAUSE);
        assert_eq!(pause(2, None), FIRST_PAUSE * 2);
        assert_eq!(pause(1000, None), LONGEST_PAUSE);
        let asked = pause(1, Some(Duration::from_mins(10)));
        assert_eq!(asked, TimeDelta::minutes(10));
        assert_eq!(pause(1, Some(Duration::ZERO)), FIRST_PAUSE);
    }

    #[test]
    fn a_week_is_worth_some_attempts() {
        let mut waited = TimeDelta::zero();
        let attempts = (1..).take_while(|&attempt| {
            waited += pause(attempt, None);
            waited < GIVE_UP
        });
        assert!((30..60).contains(&attempts.count()));
    }
}
