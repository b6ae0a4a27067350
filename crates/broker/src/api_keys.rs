//! API keys: credentials of programs (S22).

use crate::{
    Broker,
    access::{Actor, KeyActor, Permission},
    error::{Fault, WriteError},
};
use chrono::TimeDelta;
use model::{
    ApiKeyId, WorkspaceId,
    api_key::{ApiKey, ApiKeyCreated, ApiKeyInput},
    validate,
};
use secrecy::ExposeSecret;
use storage::credentials::ApiKeyRecord;
use vault::{hash_token, random_token};

/// What every key starts with, so that scanners find leaked ones.
const PREFIX: &str = "tky_";
/// Characters of a key that are kept to tell it from others.
const SHOWN: usize = PREFIX.len() + 4;
/// How often a key's last use is written down.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Broker {
    /// Keys of the actor's workspace, newest first.
    pub async fn api_keys(&self, actor: &Actor) -> Result<Vec<ApiKey>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let keys = self.read().await?.credentials().api_keys(workspace).await?;
        Ok(keys.into_iter().map(view).collect())
    }

    /// Makes a key; the answer is the only time it is shown.
    pub async fn create_api_key(
        &self,
        actor: &Actor,
        input: ApiKeyInput,
    ) -> Result<ApiKeyCreated, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        if let Actor::ApiKey(key) = actor
            && let Some(beyond) = input
                .scopes
                .iter()
                .find(|scope| !key.scopes.contains(scope))
        {
            return Err(WriteError::field(
                "scopes",
                format!("A key cannot give `{beyond}`, which it does not have itself."),
            ));
        }
        self.insert_key(workspace, actor.label(), input).await
    }

    /// Makes a key from the command line.
    pub async fn create_api_key_in(
        &self,
        workspace_slug: &str,
        input: ApiKeyInput,
    ) -> Result<ApiKeyCreated, WriteError> {
        let mut tx = self.read().await?;
        let workspace = tx
            .users()
            .workspace_by_slug(workspace_slug)
            .await?
            .ok_or(WriteError::NotFound("workspace"))?;
        drop(tx);
        self.insert_key(workspace.id, "command line", input).await
    }

    /// Deletes a key; it stops working at once. `false` when there is none.
    pub async fn delete_api_key(&self, actor: &Actor, id: ApiKeyId) -> Result<bool, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let deleted = tx.credentials().delete_api_key(workspace, id).await?;
        tx.save().await?;
        self.run_time().forget_keys();
        Ok(deleted)
    }

    /// Who a key stands for; `None` when it is unknown or has expired.
    ///
    /// Keys that were seen lately are answered from memory: token reads do not touch the database.
    pub async fn authenticate_key(&self, key: &str) -> Result<Option<Actor>, Fault> {
        if !key.starts_with(PREFIX) {
            return Ok(None);
        }
        let now = self.now();
        let hash = hash_token(key);
        let record = match self.run_time().known_key(&hash, now) {
            Some(record) => record,
            None => match self.read().await?.credentials().api_key(&hash).await? {
                Some(record) => self.run_time().remember_key(record, now),
                None => return Ok(None),
            },
        };
        if record
            .expires_on
            .is_some_and(|last_day| now.date_naive() > last_day)
        {
            return Ok(None);
        }
        if self.run_time().key_use_is_due(&hash, now, TOUCH_EVERY) {
            let mut tx = self.write().await?;
            let known = tx.credentials().touch_api_key(record.id, now).await?;
            tx.save().await?;
            if !known {
                self.run_time().forget_keys();
                return Ok(None);
            }
        }
        Ok(Some(Actor::ApiKey(KeyActor {
            id: record.id,
            name: record.name.clone(),
            workspace: record.workspace_id,
            scopes: record.scopes.clone(),
        })))
    }

    async fn insert_key(
        &self,
        workspace: WorkspaceId,
        created_by: &str,
        input: ApiKeyInput,
    ) -> Result<ApiKeyCreated, WriteError> {
        WriteError::check(validate::api_key(&input))?;
        let now = self.now();
        if input
            .expires_on
            .is_some_and(|last_day| last_day < now.date_naive())
        {
            return Err(WriteError::field(
                "expires_on",
                "Choose a day that is not over yet.",
            ));
        }
        let random = random_token(&mut *self.rng(), 32);
        let key = format!("{PREFIX}{}", random.expose_secret());
        let mut scopes = input.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        let record = ApiKeyRecord {
            id: self.new_id(),
            workspace_id: workspace,
            name: input.name.trim().to_owned(),
            hash: hash_token(&key),
            prefix: key[..SHOWN].to_owned(),
            scopes,
            expires_on: input.expires_on,
            last_used_at: None,
            created_at: now,
            created_by: created_by.to_owned(),
        };
        let mut tx = self.write().await?;
        tx.credentials().insert_api_key(&record).await?;
        tx.save().await?;
        Ok(ApiKeyCreated {
            key,
            info: view(record),
        })
    }
}

fn view(record: ApiKeyRecord) -> ApiKey {
    ApiKey {
        id: record.id,
        name: record.name,
        prefix: record.prefix,
        scopes: record.scopes,
        expires_on: record.expires_on,
        last_used_at: record.last_used_at,
        created_at: record.created_at,
        created_by: record.created_by,
    }
}
