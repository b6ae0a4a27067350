//! Client secrets of authorizations.

use crate::{columns::Millis, error::failed};
use chrono::{DateTime, NaiveDate, Utc};
use model::{AuthorizationId, SecretId, WorkspaceId};
use sqlx::{SqliteConnection, types::Uuid};
use storage::{Ciphertext, StorageError, authorizations::SecretRecord};

struct SecretRow {
    id: Uuid,
    authorization_id: Uuid,
    field: String,
    position: i64,
    value: Vec<u8>,
    ends_in: Option<String>,
    expires_on: Option<NaiveDate>,
    set_at: Millis,
    last_worked_at: Option<Millis>,
    in_use: bool,
}

impl From<SecretRow> for SecretRecord {
    fn from(row: SecretRow) -> Self {
        Self {
            id: row.id.into(),
            authorization_id: row.authorization_id.into(),
            field: row.field,
            position: row.position,
            value: Ciphertext(row.value),
            ends_in: row.ends_in,
            expires_on: row.expires_on,
            set_at: row.set_at.into(),
            last_worked_at: row.last_worked_at.map(Into::into),
            in_use: row.in_use,
        }
    }
}

/// Selects [`SecretRow`]s from `client_secrets`, named `s`.
macro_rules! secrets {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            SecretRow,
            r#"SELECT s.id AS "id: Uuid", s.authorization_id AS "authorization_id: Uuid", s.field,
                      s.position, s.value, s.ends_in, s.expires_on AS "expires_on: NaiveDate",
                      s.set_at AS "set_at: Millis",
                      s.last_worked_at AS "last_worked_at: Millis", s.in_use AS "in_use: bool"
               FROM client_secrets s "# + $rest
            $(, $argument)*
        )
    };
}

pub(super) async fn of_authorization(
    connection: &mut SqliteConnection,
    id: AuthorizationId,
) -> Result<Vec<SecretRecord>, StorageError> {
    let rows = secrets!(
        "WHERE s.authorization_id = ? ORDER BY s.field, s.position",
        id.0
    )
    .fetch_all(connection)
    .await
    .map_err(failed("client secret"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn of_workspace(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
) -> Result<Vec<SecretRecord>, StorageError> {
    let rows = secrets!(
        "JOIN authorizations a ON a.id = s.authorization_id
         WHERE a.workspace_id = ? ORDER BY s.authorization_id, s.field, s.position",
        workspace.0
    )
    .fetch_all(connection)
    .await
    .map_err(failed("client secret"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn replace(
    connection: &mut SqliteConnection,
    id: AuthorizationId,
    field: &str,
    secrets: &[SecretRecord],
) -> Result<(), StorageError> {
    sqlx::query!(
        "DELETE FROM client_secrets WHERE authorization_id = ? AND field = ?",
        id.0,
        field
    )
    .execute(&mut *connection)
    .await
    .map_err(failed("client secret"))?;
    for secret in secrets {
        // The arguments decide whose and which field's: what was deleted is what is replaced.
        sqlx::query!(
            "INSERT INTO client_secrets (id, authorization_id, field, position, value, ends_in,
                                         expires_on, set_at, last_worked_at, in_use)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            secret.id.0,
            id.0,
            field,
            secret.position,
            secret.value.0,
            secret.ends_in,
            secret.expires_on,
            Millis(secret.set_at),
            secret.last_worked_at.map(Millis),
            secret.in_use
        )
        .execute(&mut *connection)
        .await
        .map_err(failed("client secret"))?;
    }
    Ok(())
}

pub(super) async fn set_expiry(
    connection: &mut SqliteConnection,
    id: AuthorizationId,
    field: &str,
    expires_on: Option<NaiveDate>,
) -> Result<bool, StorageError> {
    let done = sqlx::query!(
        "UPDATE client_secrets SET expires_on = ?
         WHERE authorization_id = ? AND field = ? AND position = 0",
        expires_on,
        id.0,
        field
    )
    .execute(connection)
    .await
    .map_err(failed("client secret"))?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn worked(
    connection: &mut SqliteConnection,
    secret: SecretId,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let done = sqlx::query!(
        "UPDATE client_secrets SET last_worked_at = ?, in_use = 1 WHERE id = ?",
        Millis(at),
        secret.0
    )
    .execute(&mut *connection)
    .await
    .map_err(failed("client secret"))?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "UPDATE client_secrets SET in_use = 0
         WHERE id <> ?1 AND (authorization_id, field)
             = (SELECT authorization_id, field FROM client_secrets WHERE id = ?1)",
        secret.0
    )
    .execute(connection)
    .await
    .map_err(failed("client secret"))?;
    Ok(true)
}
