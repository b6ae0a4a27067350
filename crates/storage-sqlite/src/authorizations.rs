//! Authorizations and their connectors; their client secrets are in [`secrets`].

mod secrets;

use crate::{
    columns::{Millis, fold},
    cursor::Cursor,
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use model::{
    AuthorizationId, ConnectorId, GrantId, SecretId, WorkspaceId,
    authorization::AuthorizationFilter, health::StateGroup, settings::Settings,
};
use sqlx::{
    SqliteConnection,
    types::{Json, Uuid},
};
use storage::{
    StorageError,
    authorizations::{AuthorizationRecord, AuthorizationRepository, RecordPage, SecretRecord},
};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

pub(crate) struct Authorizations<'c>(pub &'c mut SqliteConnection);

struct AuthorizationRow {
    id: Uuid,
    workspace_id: Uuid,
    name: String,
    provider: String,
    settings: Json<Settings>,
    scopes: Json<Vec<String>>,
    connectors: Json<Vec<ConnectorId>>,
    active: bool,
    grant_id: Option<Uuid>,
    version: i64,
    created_at: Millis,
    updated_at: Millis,
}

impl From<AuthorizationRow> for AuthorizationRecord {
    fn from(row: AuthorizationRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            name: row.name,
            provider: row.provider,
            settings: row.settings.0,
            scopes: row.scopes.0,
            connectors: row.connectors.0,
            active: row.active,
            grant_id: row.grant_id.map(Into::into),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// Selects [`AuthorizationRow`]s. Connectors come along as a list of hexadecimal ids: JSON has no bytes.
macro_rules! authorizations {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            AuthorizationRow,
            r#"SELECT id AS "id: Uuid", workspace_id AS "workspace_id: Uuid", name, provider,
                      settings AS "settings: Json<Settings>", scopes AS "scopes: Json<Vec<String>>",
                      (SELECT json_group_array(hex(c.connector_id) ORDER BY c.position)
                       FROM authorization_connectors c WHERE c.authorization_id = authorizations.id)
                      AS "connectors!: Json<Vec<ConnectorId>>",
                      active AS "active: bool", grant_id AS "grant_id: Uuid", version,
                      created_at AS "created_at: Millis", updated_at AS "updated_at: Millis"
               FROM authorizations "# + $rest
            $(, $argument)*
        )
    };
}

impl Authorizations<'_> {
    async fn insert_connectors(
        &mut self,
        id: AuthorizationId,
        connectors: &[ConnectorId],
    ) -> Result<(), StorageError> {
        for (position, connector) in (0_i64..).zip(connectors) {
            sqlx::query!(
                "INSERT INTO authorization_connectors (authorization_id, connector_id, position)
                 VALUES (?, ?, ?)",
                id.0,
                connector.0,
                position
            )
            .execute(&mut *self.0)
            .await
            .map_err(failed("authorization"))?;
        }
        Ok(())
    }
}

/// The word by which a stored status says that it belongs to a group.
const fn reason(group: StateGroup) -> &'static str {
    match group {
        StateGroup::Working => "healthy",
        StateGroup::RefreshFailing => "refresh_failing",
        StateGroup::Misconfigured => "misconfigured",
        StateGroup::ReauthorizationNeeded => "reauthorization_needed",
        StateGroup::Cancelled => "cancelled",
        StateGroup::Never => "never",
    }
}

#[async_trait]
impl AuthorizationRepository for Authorizations<'_> {
    async fn insert(&mut self, authorization: &AuthorizationRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO authorizations (id, workspace_id, name, name_key, provider, settings, scopes,
                                         active, grant_id, version, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            authorization.id.0,
            authorization.workspace_id.0,
            authorization.name,
            fold(&authorization.name),
            authorization.provider,
            Json(&authorization.settings),
            Json(&authorization.scopes),
            authorization.active,
            authorization.grant_id.map(|id| id.0),
            authorization.version,
            Millis(authorization.created_at),
            Millis(authorization.updated_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        self.insert_connectors(authorization.id, &authorization.connectors)
            .await
    }

    async fn get(
        &mut self,
        workspace: WorkspaceId,
        id: AuthorizationId,
    ) -> Result<Option<AuthorizationRecord>, StorageError> {
        let row = authorizations!("WHERE workspace_id = ? AND id = ?", workspace.0, id.0)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(failed("authorization"))?;
        Ok(row.map(Into::into))
    }

    async fn all(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<AuthorizationRecord>, StorageError> {
        let rows = authorizations!("WHERE workspace_id = ? ORDER BY name_key", workspace.0)
            .fetch_all(&mut *self.0)
            .await
            .map_err(failed("authorization"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn list(
        &mut self,
        workspace: WorkspaceId,
        filter: &AuthorizationFilter,
    ) -> Result<RecordPage, StorageError> {
        let limit = filter.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
        let cursor = filter
            .cursor
            .as_deref()
            .and_then(Cursor::decode)
            .unwrap_or_default();
        // `instr` knows no wildcards, so there is nothing to escape; every name contains "".
        let search = filter.search.as_deref().map(fold).unwrap_or_default();
        let rows = authorizations!(
            "WHERE workspace_id = ?1
               AND (?2 IS NULL OR active = ?2)
               AND instr(name_key, ?3) > 0
               AND (name_key, id) > (?4, ?5)
               AND (?7 IS NULL
                    OR ?7 = coalesce((SELECT json_extract(g.status, '$.reason') FROM grants g
                                      WHERE g.id = authorizations.grant_id), 'never')
                    OR ?7 = 'reauthorization_needed' AND EXISTS (
                        SELECT 1 FROM grants g WHERE g.id = authorizations.grant_id
                          AND json_extract(g.status, '$.reason')
                              IN ('healthy', 'refresh_failing', 'misconfigured')
                          AND json_extract(g.client, '$.settings') <> json(settings)))
             ORDER BY name_key, id LIMIT ?6",
            workspace.0,
            filter.active,
            search,
            cursor.name_key,
            cursor.id,
            limit + 1,
            filter.state.map(reason)
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;

        let mut records: Vec<AuthorizationRecord> = rows.into_iter().map(Into::into).collect();
        // One more than asked for was read, to know whether there is a following page.
        let more = records.len() > limit as usize;
        records.truncate(limit as usize);
        let next = records
            .last()
            .filter(|_| more)
            .map(|last| Cursor::after(&last.name, last.id.0).encode());
        Ok(RecordPage { records, next })
    }

    async fn update(&mut self, authorization: &AuthorizationRecord) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE authorizations
             SET name = ?, name_key = ?, provider = ?, settings = ?, scopes = ?, active = ?,
                 grant_id = ?, updated_at = ?, version = version + 1
             WHERE workspace_id = ? AND id = ? AND version = ?",
            authorization.name,
            fold(&authorization.name),
            authorization.provider,
            Json(&authorization.settings),
            Json(&authorization.scopes),
            authorization.active,
            authorization.grant_id.map(|id| id.0),
            Millis(authorization.updated_at),
            authorization.workspace_id.0,
            authorization.id.0,
            authorization.version
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query!(
            "DELETE FROM authorization_connectors WHERE authorization_id = ?",
            authorization.id.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        self.insert_connectors(authorization.id, &authorization.connectors)
            .await?;
        Ok(true)
    }

    async fn set_grant(
        &mut self,
        workspace: WorkspaceId,
        id: AuthorizationId,
        grant: Option<GrantId>,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE authorizations SET grant_id = ? WHERE workspace_id = ? AND id = ?",
            grant.map(|id| id.0),
            workspace.0,
            id.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete(
        &mut self,
        workspace: WorkspaceId,
        id: AuthorizationId,
    ) -> Result<bool, StorageError> {
        // Everything that belongs to it goes by foreign keys and the trigger `authorization_deleted`.
        let done = sqlx::query!(
            "DELETE FROM authorizations WHERE workspace_id = ? AND id = ?",
            workspace.0,
            id.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("authorization"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn secrets(&mut self, id: AuthorizationId) -> Result<Vec<SecretRecord>, StorageError> {
        secrets::of_authorization(self.0, id).await
    }

    async fn all_secrets(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<SecretRecord>, StorageError> {
        secrets::of_workspace(self.0, workspace).await
    }

    async fn replace_secrets(
        &mut self,
        id: AuthorizationId,
        field: &str,
        secrets: &[SecretRecord],
    ) -> Result<(), StorageError> {
        secrets::replace(self.0, id, field, secrets).await
    }

    async fn set_secret_expiry(
        &mut self,
        id: AuthorizationId,
        field: &str,
        expires_on: Option<NaiveDate>,
    ) -> Result<bool, StorageError> {
        secrets::set_expiry(self.0, id, field, expires_on).await
    }

    async fn secret_worked(
        &mut self,
        secret: SecretId,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        secrets::worked(self.0, secret, at).await
    }

    async fn live_grants(&mut self, id: AuthorizationId) -> Result<Vec<GrantId>, StorageError> {
        let ids = sqlx::query_scalar!(
            r#"SELECT id AS "id: Uuid" FROM grants
               WHERE authorization_id = ?
                 AND (access_token IS NOT NULL OR refresh_token IS NOT NULL)
               ORDER BY id"#,
            id.0
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("grant"))?;
        Ok(ids.into_iter().map(Into::into).collect())
    }
}
