//! Grants; the leases of their refreshes are in [`leases`], when they are refreshed in [`schedule`].

mod leases;
mod schedule;

use crate::{
    columns::{Millis, sealed},
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use model::{GrantId, account::AccountInfo, authorization::ProviderErrorInfo, status::Status};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    Ciphertext, StorageError,
    grants::{
        DueGrant, GrantClient, GrantRecord, GrantRepository, RefreshLease, Setback, TokenSet,
        Trouble,
    },
};

pub(crate) struct Grants<'c>(pub &'c mut SqliteConnection);

struct GrantRow {
    id: Uuid,
    workspace_id: Uuid,
    authorization_id: Uuid,
    client: Json<GrantClient>,
    account: Option<Json<AccountInfo>>,
    asked_scopes: Json<Vec<String>>,
    granted_scopes: Json<Vec<String>>,
    warning: Option<String>,
    status: Json<Status>,
    last_error: Option<Json<ProviderErrorInfo>>,
    authorized_at: Millis,
    generation: i64,
    access_token: Option<Vec<u8>>,
    refresh_token: Option<Vec<u8>>,
    token_type: String,
    expires_at: Option<Millis>,
    refreshed_at: Option<Millis>,
    next_refresh_at: Option<Millis>,
    failing_since: Option<Millis>,
    attempts: u32,
    suspected_at: Option<Millis>,
}

impl From<GrantRow> for GrantRecord {
    fn from(row: GrantRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            authorization_id: row.authorization_id.into(),
            client: row.client.0,
            account: row.account.map(|Json(account)| account),
            asked_scopes: row.asked_scopes.0,
            granted_scopes: row.granted_scopes.0,
            warning: row.warning,
            status: row.status.0,
            last_error: row.last_error.map(|Json(error)| error),
            authorized_at: row.authorized_at.into(),
            tokens: TokenSet {
                generation: row.generation,
                access_token: row.access_token.map(Ciphertext),
                refresh_token: row.refresh_token.map(Ciphertext),
                token_type: row.token_type,
                expires_at: row.expires_at.map(Into::into),
                refreshed_at: row.refreshed_at.map(Into::into),
                next_refresh_at: row.next_refresh_at.map(Into::into),
            },
            trouble: Trouble {
                since: row.failing_since.map(Into::into),
                attempts: row.attempts,
                suspected_at: row.suspected_at.map(Into::into),
            },
        }
    }
}

/// Selects [`GrantRow`]s.
macro_rules! grants {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            GrantRow,
            r#"SELECT id AS "id: Uuid", workspace_id AS "workspace_id: Uuid",
                      authorization_id AS "authorization_id: Uuid",
                      client AS "client: Json<GrantClient>", account AS "account: Json<AccountInfo>",
                      asked_scopes AS "asked_scopes: Json<Vec<String>>",
                      granted_scopes AS "granted_scopes: Json<Vec<String>>",
                      warning, status AS "status: Json<Status>",
                      last_error AS "last_error: Json<ProviderErrorInfo>",
                      authorized_at AS "authorized_at: Millis", generation, access_token,
                      refresh_token, token_type, expires_at AS "expires_at: Millis",
                      refreshed_at AS "refreshed_at: Millis",
                      next_refresh_at AS "next_refresh_at: Millis",
                      failing_since AS "failing_since: Millis", attempts AS "attempts: u32",
                      suspected_at AS "suspected_at: Millis"
               FROM grants "# + $rest
            $(, $argument)*
        )
    };
}

#[async_trait]
impl GrantRepository for Grants<'_> {
    async fn insert(&mut self, grant: &GrantRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO grants (id, workspace_id, authorization_id, client, account, asked_scopes,
                                 granted_scopes, warning, status, last_error, authorized_at,
                                 generation, access_token, refresh_token, token_type, expires_at,
                                 refreshed_at, next_refresh_at, failing_since, attempts,
                                 suspected_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            grant.id.0,
            grant.workspace_id.0,
            grant.authorization_id.0,
            Json(&grant.client),
            grant.account.as_ref().map(Json),
            Json(&grant.asked_scopes),
            Json(&grant.granted_scopes),
            grant.warning,
            Json(grant.status),
            grant.last_error.as_ref().map(Json),
            Millis(grant.authorized_at),
            grant.tokens.generation,
            sealed(grant.tokens.access_token.as_ref()),
            sealed(grant.tokens.refresh_token.as_ref()),
            grant.tokens.token_type,
            grant.tokens.expires_at.map(Millis),
            grant.tokens.refreshed_at.map(Millis),
            grant.tokens.next_refresh_at.map(Millis),
            grant.trouble.since.map(Millis),
            grant.trouble.attempts,
            grant.trouble.suspected_at.map(Millis)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(())
    }

    async fn get(&mut self, id: GrantId) -> Result<Option<GrantRecord>, StorageError> {
        let row = grants!("WHERE id = ?", id.0)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(failed("grant"))?;
        Ok(row.map(Into::into))
    }

    async fn get_many(&mut self, ids: &[GrantId]) -> Result<Vec<GrantRecord>, StorageError> {
        // A list is one parameter, as JSON, which has no bytes: hexadecimal.
        let ids: Vec<String> = ids.iter().map(|id| id.0.simple().to_string()).collect();
        let rows = grants!(
            "WHERE id IN (SELECT unhex(value) FROM json_each(?))",
            Json(ids)
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn commit_refresh(
        &mut self,
        id: GrantId,
        expected: i64,
        tokens: &TokenSet,
        granted_scopes: &[String],
        status: Status,
    ) -> Result<bool, StorageError> {
        debug_assert_eq!(tokens.generation, expected + 1, "generations go up by one");
        let done = sqlx::query!(
            "UPDATE grants
             SET generation = generation + 1, access_token = ?, refresh_token = ?, token_type = ?,
                 expires_at = ?, refreshed_at = ?, next_refresh_at = ?, granted_scopes = ?,
                 status = ?, last_error = NULL, failing_since = NULL, attempts = 0,
                 suspected_at = NULL
             WHERE id = ? AND generation = ?",
            sealed(tokens.access_token.as_ref()),
            sealed(tokens.refresh_token.as_ref()),
            tokens.token_type,
            tokens.expires_at.map(Millis),
            tokens.refreshed_at.map(Millis),
            tokens.next_refresh_at.map(Millis),
            Json(granted_scopes),
            Json(status),
            id.0,
            expected
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query!("UPDATE refresh_counter SET commits = commits + 1 WHERE id = 1")
            .execute(&mut *self.0)
            .await
            .map_err(failed("refresh counter"))?;
        Ok(true)
    }

    async fn set_back(
        &mut self,
        id: GrantId,
        expected: i64,
        setback: &Setback,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE grants SET status = ?, last_error = ?, next_refresh_at = ?, failing_since = ?,
                               attempts = ?, suspected_at = ?
             WHERE id = ? AND generation = ?",
            Json(setback.status),
            setback.error.as_ref().map(Json),
            setback.next_refresh_at.map(Millis),
            setback.trouble.since.map(Millis),
            setback.trouble.attempts,
            setback.trouble.suspected_at.map(Millis),
            id.0,
            expected
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn end(&mut self, id: GrantId, status: Status) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE grants
             SET status = ?, generation = generation + 1, access_token = NULL,
                 refresh_token = NULL, expires_at = NULL, next_refresh_at = NULL
             WHERE id = ?",
            Json(status),
            id.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn commits(&mut self) -> Result<i64, StorageError> {
        sqlx::query_scalar!("SELECT commits FROM refresh_counter WHERE id = 1")
            .fetch_one(&mut *self.0)
            .await
            .map_err(failed("refresh counter"))
    }

    async fn lease(&mut self, id: GrantId) -> Result<Option<RefreshLease>, StorageError> {
        leases::get(self.0, id).await
    }

    async fn take_lease(
        &mut self,
        lease: &RefreshLease,
        over: Option<uuid::Uuid>,
    ) -> Result<bool, StorageError> {
        leases::take(self.0, lease, over).await
    }

    async fn release_lease(
        &mut self,
        id: GrantId,
        holder: uuid::Uuid,
    ) -> Result<bool, StorageError> {
        leases::release(self.0, id, holder).await
    }

    async fn leases_of(&mut self, process: uuid::Uuid) -> Result<Vec<RefreshLease>, StorageError> {
        leases::of_process(self.0, process).await
    }

    async fn expired_leases(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<RefreshLease>, StorageError> {
        leases::expired(self.0, now, limit).await
    }

    async fn due(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
        except: &[String],
    ) -> Result<Vec<DueGrant>, StorageError> {
        schedule::due(self.0, now, limit, except).await
    }

    async fn schedule(&mut self, times: &[(GrantId, DateTime<Utc>)]) -> Result<(), StorageError> {
        schedule::set(self.0, times).await
    }

    async fn bring_forward(&mut self, by: TimeDelta) -> Result<(), StorageError> {
        schedule::bring_forward(self.0, by).await
    }

    async fn note_uses(&mut self, times: &[(GrantId, DateTime<Utc>)]) -> Result<(), StorageError> {
        schedule::note_uses(self.0, times).await
    }

    async fn hold(
        &mut self,
        providers: &[String],
        status: Status,
    ) -> Result<Vec<GrantId>, StorageError> {
        schedule::hold(self.0, providers, status).await
    }

    async fn resume(
        &mut self,
        status: Status,
        at: DateTime<Utc>,
    ) -> Result<Vec<GrantId>, StorageError> {
        schedule::resume(self.0, status, at).await
    }

    async fn wipe_abandoned(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<GrantId>, StorageError> {
        schedule::wipe_abandoned(self.0, before, limit).await
    }
}
