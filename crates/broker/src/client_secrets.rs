//! The client secrets of a stored authorization: several while one replaces another, so that nobody
//! has to consent again when one expires.
//!
//! They change at once and not through the form, like a consent. What is stored of the first secret
//! is part of the form, though (its end and its last day): a change of the first one makes a new
//! version, so that an older form does not put the old day back. Other changes make none.

use crate::{
    Broker,
    access::{Actor, Permission},
    authorizations::{ends_in, existing},
    error::{Fault, WriteError},
    sealing::Column,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use model::{
    AuthorizationId, SecretId, WorkspaceId,
    client_secret::{ClientSecretInfo, ClientSecretInput, ClientSecretPatch, MOST_SECRETS},
    problem::{Code, Problem},
    status::Status,
};
use oauth::Provider;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use storage::{
    Change, StorageError, Transaction,
    authorizations::{AuthorizationRecord, SecretRecord},
};
use thiserror::Error;

/// The time a secret worked is noted anew after this.
const NOTED_EVERY: TimeDelta = TimeDelta::days(1);
/// Longest secret that is taken, in bytes.
const LONGEST: usize = 4096;

/// Why a secret was not changed.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The client could not prove itself without it.
    #[error("it is the last secret of a client that needs one")]
    Last,
    /// Anything else.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<StorageError> for SecretError {
    fn from(error: StorageError) -> Self {
        Self::Write(error.into())
    }
}

impl From<Fault> for SecretError {
    fn from(fault: Fault) -> Self {
        Self::Write(fault.into())
    }
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Last => Self::new(
                Code::LastSecret,
                "It is the only client secret, and the app cannot do without one. Add another secret first.",
            ),
            SecretError::Write(error) => error.into(),
        }
    }
}

/// An authorization whose secrets are being changed.
struct Changing {
    record: AuthorizationRecord,
    provider: Arc<Provider>,
    /// Settings field they belong to.
    field: String,
    /// By position, as they are to be stored.
    secrets: Vec<SecretRecord>,
}

impl Changing {
    fn find(&self, id: SecretId) -> Result<usize, WriteError> {
        let at = self.secrets.iter().position(|secret| secret.id == id);
        at.ok_or(WriteError::NotFound("client secret"))
    }

    /// The first one is what somebody wants to be tried first, whichever worked so far.
    fn put_first(&mut self, secret: SecretRecord) {
        self.secrets.insert(0, secret);
        for secret in &mut self.secrets {
            secret.in_use = false;
        }
    }
}

impl Broker {
    /// What may be told of an authorization's client secrets, by position.
    pub async fn client_secret_infos(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Option<Vec<ClientSecretInfo>>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        if tx.authorizations().get(workspace, id).await?.is_none() {
            return Ok(None);
        }
        let secrets = tx.authorizations().secrets(id).await?;
        Ok(Some(secrets.iter().map(info).collect()))
    }

    /// Adds a client secret, before or after the others.
    pub async fn add_client_secret(
        &self,
        actor: &Actor,
        id: AuthorizationId,
        input: ClientSecretInput,
    ) -> Result<ClientSecretInfo, SecretError> {
        let workspace = actor.require(Permission::Manage)?;
        let value = SecretString::from(input.value.trim());
        let mut tx = self.write().await?;
        let mut changing = self.changing(&mut *tx, workspace, id).await?;
        self.check_new(&changing, &value)?;
        let secret_id = self.new_id();
        let secret = SecretRecord {
            id: secret_id,
            authorization_id: id,
            field: changing.field.clone(),
            position: 0,
            value: self.seal(workspace, Column::ClientSecret(secret_id), &value)?,
            ends_in: ends_in(value.expose_secret()),
            expires_on: input.expires_on,
            set_at: self.now(),
            last_worked_at: None,
            in_use: false,
        };
        if input.first {
            changing.put_first(secret);
        } else {
            changing.secrets.push(secret);
        }
        let infos = self.store_changed(&mut *tx, changing).await?;
        tx.save().await?;
        found(infos, secret_id)
    }

    /// Changes the last day of a client secret, or puts it before the others.
    pub async fn change_client_secret(
        &self,
        actor: &Actor,
        id: AuthorizationId,
        secret: SecretId,
        patch: ClientSecretPatch,
    ) -> Result<ClientSecretInfo, SecretError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let mut changing = self.changing(&mut *tx, workspace, id).await?;
        let at = changing.find(secret)?;
        if let Some(expires_on) = patch.expires_on {
            changing.secrets[at].expires_on = expires_on;
        }
        if patch.first {
            let first = changing.secrets.remove(at);
            changing.put_first(first);
        }
        let infos = self.store_changed(&mut *tx, changing).await?;
        tx.save().await?;
        found(infos, secret)
    }

    /// Removes a client secret.
    ///
    /// # Errors
    /// [`SecretError::Last`] when the client could not prove itself any more.
    pub async fn remove_client_secret(
        &self,
        actor: &Actor,
        id: AuthorizationId,
        secret: SecretId,
    ) -> Result<(), SecretError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let mut changing = self.changing(&mut *tx, workspace, id).await?;
        let at = changing.find(secret)?;
        changing.secrets.remove(at);
        if changing.secrets.is_empty() && self.needs_secret(&changing) {
            return Err(SecretError::Last);
        }
        self.store_changed(&mut *tx, changing).await?;
        tx.save().await?;
        Ok(())
    }

    async fn changing(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        id: AuthorizationId,
    ) -> Result<Changing, WriteError> {
        let record = existing(tx, workspace, id, None).await?;
        let provider = Arc::clone(self.stored_definition(&record.provider)?);
        let field = provider
            .secret_keys()
            .next()
            .ok_or(WriteError::NotFound("client secret"))?
            .to_owned();
        let mut secrets = tx.authorizations().secrets(id).await?;
        secrets.retain(|secret| secret.field == field);
        Ok(Changing {
            record,
            provider,
            field,
            secrets,
        })
    }

    fn check_new(&self, changing: &Changing, value: &SecretString) -> Result<(), WriteError> {
        let text = value.expose_secret();
        let wrong = if text.is_empty() {
            "Fill in the secret.".to_owned()
        } else if text.len() > LONGEST {
            "That is too long for a client secret.".to_owned()
        } else if changing.secrets.len() >= MOST_SECRETS {
            format!("There are {MOST_SECRETS} client secrets already. Remove one first.")
        } else if self.is_stored(changing, text)? {
            "This secret is there already.".to_owned()
        } else {
            return Ok(());
        };
        Err(WriteError::field("value", wrong))
    }

    fn is_stored(&self, changing: &Changing, value: &str) -> Result<bool, Fault> {
        for secret in &changing.secrets {
            let stored = self.open_secret(changing.record.workspace_id, secret)?;
            if stored.expose_secret() == value {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the settings make a confidential client.
    fn needs_secret(&self, changing: &Changing) -> bool {
        let record = &changing.record;
        let required = changing
            .provider
            .field(&changing.field)
            .is_some_and(|field| field.required);
        let without =
            self.registration(&changing.provider, &record.settings, Vec::new(), record.id);
        required || without.is_err()
    }

    /// Stores the secrets of a field in their new order, and has what they were wrong for tried again.
    async fn store_changed(
        &self,
        tx: &mut dyn Transaction,
        changing: Changing,
    ) -> Result<Vec<ClientSecretInfo>, WriteError> {
        let Changing {
            mut record,
            field,
            mut secrets,
            ..
        } = changing;
        for (position, secret) in (0..).zip(&mut secrets) {
            secret.position = position;
        }
        let shown_first = |secrets: &[SecretRecord]| {
            let first = secrets.iter().find(|secret| secret.field == field);
            first.map(|first| (first.id, first.expires_on))
        };
        let before = shown_first(&tx.authorizations().secrets(record.id).await?);
        tx.authorizations()
            .replace_secrets(record.id, &field, &secrets)
            .await?;
        if shown_first(&secrets) != before {
            record.updated_at = self.now();
            if !tx.authorizations().update(&record).await? {
                return Err(WriteError::Stale);
            }
        }
        self.hurry_misconfigured(tx, &record).await?;
        tx.announce(Change::Configuration(record.workspace_id));
        Ok(secrets.iter().map(info).collect())
    }

    /// Has the consents of an authorization whose client registration was refused refreshed at once:
    /// it may be right now.
    pub(crate) async fn hurry_misconfigured(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
    ) -> Result<(), Fault> {
        let now = self.now();
        let live = tx.authorizations().live_grants(record.id).await?;
        let waiting: Vec<_> = tx
            .grants()
            .get_many(&live)
            .await?
            .into_iter()
            .filter(|grant| matches!(grant.status, Status::Misconfigured(_)))
            .map(|grant| (grant.id, now))
            .collect();
        tx.grants().schedule(&waiting).await?;
        for (grant, _) in waiting {
            tx.announce(Change::Grant(record.workspace_id, grant));
        }
        Ok(())
    }

    /// Remembers that the token endpoint took a secret: it is tried before the others from now on.
    /// [`GrantRegistration::secret_to_note`](crate::grants::GrantRegistration::secret_to_note) tells
    /// when that is worth writing down.
    pub(crate) async fn secret_worked(
        &self,
        tx: &mut dyn Transaction,
        secret: SecretId,
    ) -> Result<(), Fault> {
        // It may have been removed while the request was under way.
        tx.authorizations()
            .secret_worked(secret, self.now())
            .await?;
        Ok(())
    }

    /// The client secrets of a stored authorization, in the order in which they are to be tried: the
    /// one in use, then by position; those past their last day at the end.
    pub(crate) async fn secrets_to_try(
        &self,
        tx: &mut dyn Transaction,
        id: AuthorizationId,
    ) -> Result<Vec<SecretRecord>, Fault> {
        let today = self.now().date_naive();
        let mut secrets = tx.authorizations().secrets(id).await?;
        secrets.sort_by_key(|secret| {
            let past = secret.expires_on.is_some_and(|day| day < today);
            (past, !secret.in_use, secret.position)
        });
        Ok(secrets)
    }

    /// The values of a stored authorization's client secrets, in the order in which they are to be
    /// tried.
    pub(crate) async fn client_secrets(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        id: AuthorizationId,
    ) -> Result<Vec<SecretString>, Fault> {
        self.secrets_to_try(tx, id)
            .await?
            .iter()
            .map(|secret| self.open_secret(workspace, secret))
            .collect()
    }

    pub(crate) fn open_secret(
        &self,
        workspace: WorkspaceId,
        secret: &SecretRecord,
    ) -> Result<SecretString, Fault> {
        self.open(workspace, Column::ClientSecret(secret.id), &secret.value)
    }
}

/// Whether it is worth writing down that a secret works.
pub(crate) fn is_news(secret: &SecretRecord, now: DateTime<Utc>) -> bool {
    let noted = secret.last_worked_at;
    !secret.in_use || noted.is_none_or(|noted| now - noted >= NOTED_EVERY)
}

/// The day on which the last of some secrets ends: while another one works, nothing is about to
/// break. `None` when one of them may work for ever, as far as is known.
pub(crate) fn last_day(secrets: &[SecretRecord]) -> Option<NaiveDate> {
    let days: Option<Vec<_>> = secrets.iter().map(|secret| secret.expires_on).collect();
    days?.into_iter().max()
}

/// What may be told of a secret.
pub(crate) fn info(secret: &SecretRecord) -> ClientSecretInfo {
    ClientSecretInfo {
        id: secret.id,
        field: secret.field.clone(),
        position: u32::try_from(secret.position).unwrap_or(u32::MAX),
        ends_in: secret.ends_in.clone(),
        expires_on: secret.expires_on,
        set_at: secret.set_at,
        last_worked_at: secret.last_worked_at,
        in_use: secret.in_use,
    }
}

fn found(infos: Vec<ClientSecretInfo>, id: SecretId) -> Result<ClientSecretInfo, SecretError> {
    let mut infos = infos.into_iter();
    infos
        .find(|info| info.id == id)
        .ok_or_else(|| WriteError::NotFound("client secret").into())
}
