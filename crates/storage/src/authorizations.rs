//! Authorizations and their client secrets.

use crate::{Ciphertext, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use model::{
    AuthorizationId, ConnectorId, GrantId, SecretId, WorkspaceId,
    authorization::AuthorizationFilter, settings::Settings,
};

/// An authorization as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRecord {
    /// Its id.
    pub id: AuthorizationId,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace, whatever the case.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// Settings without secrets.
    pub settings: Settings,
    /// Scopes chosen, sorted.
    pub scopes: Vec<String>,
    /// Connectors that use it, in the order of the form.
    pub connectors: Vec<ConnectorId>,
    /// Put aside or not.
    pub active: bool,
    /// The consent in force or the last one.
    pub grant_id: Option<GrantId>,
    /// Starts at 1, goes up with every update.
    pub version: i64,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of the last update.
    pub updated_at: DateTime<Utc>,
}

/// A client secret. An authorization has several while one replaces another; they are tried in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRecord {
    /// Its id; the row its ciphertext is bound to.
    pub id: SecretId,
    /// Whose.
    pub authorization_id: AuthorizationId,
    /// Settings field it belongs to: `client_secret`.
    pub field: String,
    /// 0 is tried first.
    pub position: i64,
    /// The secret.
    pub value: Ciphertext,
    /// Its last characters, to tell secrets apart.
    pub ends_in: Option<String>,
    /// Last day on which it works.
    pub expires_on: Option<NaiveDate>,
    /// When it was put in.
    pub set_at: DateTime<Utc>,
    /// When the token endpoint last took it, as far as that was noted.
    pub last_worked_at: Option<DateTime<Utc>>,
    /// It worked last, and nobody has put another one first since.
    pub in_use: bool,
}

/// A page of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPage {
    /// Ordered by name (any case), then id.
    pub records: Vec<AuthorizationRecord>,
    /// Opaque cursor of the following page.
    pub next: Option<String>,
}

/// Authorizations of a workspace.
#[async_trait]
pub trait AuthorizationRepository: Send {
    /// Adds one with its connectors. [`StorageError::Taken`] when the name is.
    async fn insert(&mut self, authorization: &AuthorizationRecord) -> Result<(), StorageError>;
    /// One by id.
    async fn get(
        &mut self,
        workspace: WorkspaceId,
        id: AuthorizationId,
    ) -> Result<Option<AuthorizationRecord>, StorageError>;
    /// All, by name, active or not.
    async fn all(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<AuthorizationRecord>, StorageError>;
    /// A page. A `state` lists by the stored status of the grants, and as needing re-authorization
    /// also those with a grant in force whose settings are not, letter for letter, those it was given
    /// for: whether that makes them another client is for the caller to say. `%` and `_` in the
    /// search are literal. A cursor that was not made here lists from the start.
    async fn list(
        &mut self,
        workspace: WorkspaceId,
        filter: &AuthorizationFilter,
    ) -> Result<RecordPage, StorageError>;
    /// Stores everything, connectors too, with `version + 1` where the stored version is still
    /// `authorization.version`; `false` when it is not. [`StorageError::Taken`] when the name is.
    async fn update(&mut self, authorization: &AuthorizationRecord) -> Result<bool, StorageError>;
    /// Points to another consent. Consents come and go beside the form, so the version stays as it
    /// is; `false` when there is no such authorization.
    async fn set_grant(
        &mut self,
        workspace: WorkspaceId,
        id: AuthorizationId,
        grant: Option<GrantId>,
    ) -> Result<bool, StorageError>;
    /// Deletes one with its secrets, drafts, flows and grants; `false` when there is none.
    async fn delete(
        &mut self,
        workspace: WorkspaceId,
        id: AuthorizationId,
    ) -> Result<bool, StorageError>;

    /// Secrets of one authorization, by field and position.
    async fn secrets(&mut self, id: AuthorizationId) -> Result<Vec<SecretRecord>, StorageError>;
    /// Secrets of all authorizations of a workspace.
    async fn all_secrets(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<SecretRecord>, StorageError>;
    /// Replaces all secrets of one field.
    async fn replace_secrets(
        &mut self,
        id: AuthorizationId,
        field: &str,
        secrets: &[SecretRecord],
    ) -> Result<(), StorageError>;
    /// Changes the expiry day of a field's secrets at position 0; `false` when there is none.
    async fn set_secret_expiry(
        &mut self,
        id: AuthorizationId,
        field: &str,
        expires_on: Option<NaiveDate>,
    ) -> Result<bool, StorageError>;
    /// Notes that a secret worked, and that the others of its field are not in use; `false` when
    /// there is no such secret.
    async fn secret_worked(
        &mut self,
        secret: SecretId,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Grants of an authorization that hold tokens, whatever points to them, oldest first.
    async fn live_grants(&mut self, id: AuthorizationId) -> Result<Vec<GrantId>, StorageError>;
}
