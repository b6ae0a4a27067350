//! Setting up, signing in, sessions (S23, S34).

use crate::{
    Broker,
    access::{Actor, Permission, SessionUser},
    error::{Fault, WriteError},
    passwords,
};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    UserId,
    problem::{Code, FieldError, Problem},
    user::{CurrentUser, Role, WorkspaceInfo},
    validate,
};
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use storage::{
    Transaction,
    credentials::SessionRecord,
    users::{MembershipRecord, UserRecord},
};
use thiserror::Error;
use vault::{hash_token, random_token};

/// How long the setup link works; a restart prints a new one.
const SETUP_LINK_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How often a session's last use is written down.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The first administrator.
pub struct SetupInput {
    /// E-mail address to sign in with.
    pub email: String,
    /// Name to show.
    pub name: Option<String>,
    /// Password.
    pub password: SecretString,
    /// New name of the workspace.
    pub workspace_name: Option<String>,
}

/// A session that has just begun.
pub struct NewSession {
    /// Value of the cookie; only its hash is stored.
    pub token: SecretString,
    /// Who signed in.
    pub user: CurrentUser,
    /// Absolute end.
    pub expires_at: DateTime<Utc>,
}

/// Why somebody could not sign in or set up.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Unknown address or wrong password; not told apart.
    #[error("unknown address or wrong password")]
    WrongCredentials,
    /// Too many attempts.
    #[error("too many attempts")]
    Throttled {
        /// When to try again.
        retry_after: TimeDelta,
    },
    /// The setup link is not good any more.
    #[error("the setup link is not valid")]
    SetupLinkInvalid,
    /// Fields are missing or wrong, or the address is taken.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// They have no place in any workspace.
    #[error("not a member of any workspace")]
    NotAMember,
}

impl From<storage::StorageError> for AccountError {
    fn from(error: storage::StorageError) -> Self {
        Self::Write(error.into())
    }
}

impl From<Fault> for AccountError {
    fn from(fault: Fault) -> Self {
        Self::Write(fault.into())
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::WrongCredentials => Self {
                errors: vec![FieldError::new(
                    "password",
                    "Check e-mail address and password.",
                )],
                ..Self::new(
                    Code::Unauthenticated,
                    "The e-mail address or the password is wrong.",
                )
            },
            AccountError::Throttled { retry_after } => Self::new(
                Code::RateLimited,
                format!(
                    "Too many attempts. Try again in {} seconds.",
                    retry_after.num_seconds().max(1)
                ),
            )
            .retry_after(retry_after),
            AccountError::SetupLinkInvalid => Self::new(
                Code::Forbidden,
                "This setup link has expired or was used. Restart Tokenry to print a new one.",
            ),
            AccountError::NotAMember => Self::new(
                Code::Forbidden,
                "This account is not a member of any workspace.",
            ),
            AccountError::Write(error) => error.into(),
        }
    }
}

impl Broker {
    /// Whether nobody has an account yet.
    pub async fn setup_needed(&self) -> Result<bool, Fault> {
        Ok(self.read().await?.users().count().await? == 0)
    }

    /// Makes the one-time setup link, in place of an earlier one; `None` once somebody has an account.
    pub async fn new_setup_link(&self) -> Result<Option<SecretString>, Fault> {
        let mut tx = self.write().await?;
        if tx.users().count().await? > 0 {
            return Ok(None);
        }
        let token = random_token(&mut *self.rng(), 32);
        let expires_at = self.now() + SETUP_LINK_LIFETIME;
        tx.users()
            .put_setup_link(&hash_token(token.expose_secret()), expires_at)
            .await?;
        tx.save().await?;
        Ok(Some(token))
    }

    /// Whether a setup link can still be used.
    pub async fn setup_link_is_valid(&self, token: &str) -> Result<bool, Fault> {
        let mut tx = self.read().await?;
        Ok(tx
            .users()
            .setup_link_is(&hash_token(token), self.now())
            .await?)
    }

    /// Makes the first administrator and signs them in. Uses the link up only when all is well.
    pub async fn set_up(&self, token: &str, input: SetupInput) -> Result<NewSession, AccountError> {
        let mut errors = check_account(&input.email, &input.password);
        let workspace_name = input.workspace_name.as_deref().map(str::trim);
        if let Some(Err(error)) = workspace_name.map(validate::name) {
            errors.push(FieldError::new("workspace_name", error.message));
        }
        WriteError::check(errors)?;
        let password_hash = passwords::hash(input.password, &mut *self.rng()).await;

        let mut tx = self.write().await?;
        let link_is_good = tx
            .users()
            .take_setup_link(&hash_token(token), self.now())
            .await?;
        if !link_is_good || tx.users().count().await? > 0 {
            return Err(AccountError::SetupLinkInvalid);
        }
        let workspace = first_workspace(&mut *tx).await?;
        if let Some(name) = workspace_name {
            tx.users().rename_workspace(workspace, name).await?;
        }
        let name = input
            .name
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty());
        let user = self
            .insert_user(&mut *tx, &input.email, name, password_hash)
            .await?;
        tx.users()
            .set_role(user.id, workspace, Role::Administrator)
            .await?;
        let session = self.insert_session(&mut *tx, user).await?;
        tx.save().await?;
        Ok(session)
    }

    /// Signs somebody in, under a new session id (S34).
    pub async fn sign_in(
        &self,
        email: &str,
        password: &SecretString,
        client: IpAddr,
    ) -> Result<NewSession, AccountError> {
        let email = email.trim();
        self.0
            .throttle
            .attempt(client, email)
            .map_err(|retry_after| AccountError::Throttled { retry_after })?;
        let user = self.read().await?.users().get_by_email(email).await?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = passwords::verify(password.clone(), hash).await;
        let user = user
            .filter(|_| right)
            .ok_or(AccountError::WrongCredentials)?;

        let mut tx = self.write().await?;
        let session = self.insert_session(&mut *tx, user).await?;
        tx.save().await?;
        Ok(session)
    }

    /// Who a session cookie stands for; `None` when it has ended, by time or by sign-out.
    pub async fn session(&self, cookie: &str) -> Result<Option<SessionUser>, Fault> {
        let hash = hash_token(cookie);
        let now = self.now();
        let mut tx = self.read().await?;
        let Some(session) = tx.credentials().session(&hash).await? else {
            return Ok(None);
        };
        let idle_until = session.last_seen_at + self.0.config.session_idle;
        if now >= session.expires_at || now >= idle_until {
            return Ok(None);
        }
        let Some(user) = tx.users().get(session.user_id).await? else {
            return Ok(None);
        };
        let memberships = tx.users().memberships(user.id).await?;
        drop(tx);
        let Some(membership) = memberships
            .into_iter()
            .find(|membership| membership.workspace.id == session.workspace_id)
        else {
            return Ok(None);
        };
        if now - session.last_seen_at >= TOUCH_EVERY {
            let mut tx = self.write().await?;
            tx.credentials().touch_session(&hash, now).await?;
            tx.save().await?;
        }
        Ok(Some(SessionUser {
            session: hash,
            user: current_user(user, membership),
        }))
    }

    /// Ends this session.
    pub async fn sign_out(&self, user: &SessionUser) -> Result<(), Fault> {
        let mut tx = self.write().await?;
        tx.credentials().delete_session(&user.session).await?;
        Ok(tx.save().await?)
    }

    /// Ends all sessions of this person; answers how many.
    pub async fn sign_out_everywhere(&self, user: &SessionUser) -> Result<u64, Fault> {
        let mut tx = self.write().await?;
        let ended = tx.credentials().delete_sessions_of(user.user.id).await?;
        tx.save().await?;
        Ok(ended)
    }

    /// Changes this person's password and ends their other sessions.
    pub async fn change_password(
        &self,
        user: &SessionUser,
        old: &SecretString,
        new: SecretString,
        client: IpAddr,
    ) -> Result<(), AccountError> {
        if let Err(error) = validate::password(new.expose_secret()) {
            let error = FieldError::new("new_password", error.message);
            return Err(WriteError::Invalid(vec![error]).into());
        }
        self.0
            .throttle
            .attempt(client, &user.user.email)
            .map_err(|retry_after| AccountError::Throttled { retry_after })?;
        let stored = self.read().await?.users().get(user.user.id).await?;
        let hash = stored.map(|stored| stored.password_hash);
        if !passwords::verify(old.clone(), hash).await {
            return Err(
                WriteError::field("old_password", "This is not your current password.").into(),
            );
        }
        let hash = passwords::hash(new, &mut *self.rng()).await;

        let mut tx = self.write().await?;
        tx.users().set_password(user.user.id, &hash).await?;
        let own = tx.credentials().session(&user.session).await?;
        tx.credentials().delete_sessions_of(user.user.id).await?;
        if let Some(own) = own {
            tx.credentials().insert_session(&own).await?;
        }
        Ok(tx.save().await?)
    }

    /// Renames the actor's workspace.
    pub async fn rename_workspace(&self, actor: &Actor, name: &str) -> Result<(), WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        validate::name(name).map_err(|error| WriteError::Invalid(vec![error]))?;
        let mut tx = self.write().await?;
        if !tx.users().rename_workspace(workspace, name.trim()).await? {
            return Err(WriteError::NotFound("workspace"));
        }
        Ok(tx.save().await?)
    }

    /// Makes an account from the command line.
    pub async fn create_user(
        &self,
        email: &str,
        role: Role,
        password: SecretString,
        workspace_slug: &str,
    ) -> Result<UserId, WriteError> {
        WriteError::check(check_account(email, &password))?;
        let password_hash = passwords::hash(password, &mut *self.rng()).await;
        let mut tx = self.write().await?;
        let workspace = tx
            .users()
            .workspace_by_slug(workspace_slug)
            .await?
            .ok_or(WriteError::NotFound("workspace"))?;
        let user = self
            .insert_user(&mut *tx, email, None, password_hash)
            .await?;
        tx.users().set_role(user.id, workspace.id, role).await?;
        tx.save().await?;
        Ok(user.id)
    }

    /// Forgets what has ended: sessions, flows, links, attempts, and drafts nobody touched for 30 days.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let now = self.now();
        self.0.throttle.sweep();
        let mut tx = self.write().await?;
        tx.credentials()
            .delete_stale_sessions(now, now - self.0.config.session_idle)
            .await?;
        tx.flows().delete_ended(now).await?;
        self.forget_unanswered(&mut *tx).await?;
        self.forget_old_revocations(&mut *tx).await?;
        tx.save().await?;
        self.forget_old_drafts(now - TimeDelta::days(30)).await?;
        self.wipe_abandoned_grants(now).await?;
        self.sweep_history().await
    }

    async fn insert_user(
        &self,
        tx: &mut dyn Transaction,
        email: &str,
        name: Option<String>,
        password_hash: String,
    ) -> Result<UserRecord, WriteError> {
        let user = UserRecord {
            id: self.new_id(),
            email: email.trim().to_owned(),
            name,
            password_hash,
            created_at: self.now(),
        };
        tx.users().insert(&user).await?;
        Ok(user)
    }

    async fn insert_session(
        &self,
        tx: &mut dyn Transaction,
        user: UserRecord,
    ) -> Result<NewSession, AccountError> {
        let memberships = tx.users().memberships(user.id).await?;
        let membership = memberships
            .into_iter()
            .next()
            .ok_or(AccountError::NotAMember)?;
        let token = random_token(&mut *self.rng(), 32);
        let now = self.now();
        let expires_at = now + self.0.config.session_lifetime;
        tx.credentials()
            .insert_session(&SessionRecord {
                hash: hash_token(token.expose_secret()),
                user_id: user.id,
                workspace_id: membership.workspace.id,
                created_at: now,
                last_seen_at: now,
                expires_at,
            })
            .await?;
        Ok(NewSession {
            token,
            user: current_user(user, membership),
            expires_at,
        })
    }
}

fn check_account(email: &str, password: &SecretString) -> Vec<FieldError> {
    [
        validate::email(email.trim()).err(),
        validate::password(password.expose_secret()).err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn current_user(user: UserRecord, membership: MembershipRecord) -> CurrentUser {
    CurrentUser {
        id: user.id,
        email: user.email,
        name: user.name,
        role: membership.role,
        workspace: WorkspaceInfo {
            id: membership.workspace.id,
            slug: membership.workspace.slug,
            name: membership.workspace.name,
        },
    }
}

async fn first_workspace(tx: &mut dyn Transaction) -> Result<model::WorkspaceId, Fault> {
    let workspaces = tx.users().workspaces().await?;
    let first = workspaces
        .first()
        .ok_or(Fault::Unreadable("the first workspace"))?;
    Ok(first.id)
}
