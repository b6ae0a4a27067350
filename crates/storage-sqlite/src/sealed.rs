//! All ciphertexts there are.

use crate::error::failed;
use async_trait::async_trait;
use sqlx::{SqliteConnection, types::Uuid};
use storage::{
    Ciphertext, StorageError,
    sealed::{SealedColumn, SealedRepository, SealedValue},
};

pub(crate) struct Sealed<'c>(pub &'c mut SqliteConnection);

struct Row {
    position: i64,
    workspace_id: Uuid,
    id: Uuid,
    user: Option<Uuid>,
    value: Vec<u8>,
}

impl From<Row> for SealedValue {
    fn from(row: Row) -> Self {
        Self {
            position: row.position,
            workspace_id: row.workspace_id.into(),
            id: row.id,
            user: row.user.map(Into::into),
            value: Ciphertext(row.value),
        }
    }
}

/// Selects a page of [`Row`]s; `$columns` names position, workspace, id, user and value.
macro_rules! page {
    ($self:ident, $after:ident, $limit:ident, $columns:literal, $from:literal) => {
        sqlx::query_as!(
            Row,
            "SELECT " + $columns + " FROM " + $from + " ORDER BY 1 LIMIT ?",
            $after,
            $limit
        )
        .fetch_all(&mut *$self.0)
        .await
    };
}

#[async_trait]
impl SealedRepository for Sealed<'_> {
    async fn page(
        &mut self,
        column: SealedColumn,
        after: i64,
        limit: u32,
    ) -> Result<Vec<SealedValue>, StorageError> {
        let rows = match column {
            SealedColumn::ClientSecret => page!(
                self,
                after,
                limit,
                r#"s.rowid AS "position!: i64", a.workspace_id AS "workspace_id: Uuid",
                   s.id AS "id: Uuid", NULL AS "user: Uuid", s.value AS "value: Vec<u8>""#,
                "client_secrets s JOIN authorizations a ON a.id = s.authorization_id
                 WHERE s.rowid > ?"
            ),
            SealedColumn::DraftForm => page!(
                self,
                after,
                limit,
                r#"rowid AS "position!: i64", workspace_id AS "workspace_id: Uuid",
                   authorization_id AS "id: Uuid", user_id AS "user: Uuid", form AS "value: Vec<u8>""#,
                "drafts WHERE rowid > ?"
            ),
            SealedColumn::FlowDetails => page!(
                self,
                after,
                limit,
                r#"rowid AS "position!: i64", workspace_id AS "workspace_id: Uuid",
                   id AS "id: Uuid", NULL AS "user: Uuid", details AS "value: Vec<u8>""#,
                "flows WHERE rowid > ?"
            ),
            SealedColumn::AccessToken => page!(
                self,
                after,
                limit,
                r#"rowid AS "position!: i64", workspace_id AS "workspace_id: Uuid",
                   id AS "id: Uuid", NULL AS "user: Uuid", access_token AS "value!: Vec<u8>""#,
                "grants WHERE access_token IS NOT NULL AND rowid > ?"
            ),
            SealedColumn::RefreshToken => page!(
                self,
                after,
                limit,
                r#"rowid AS "position!: i64", workspace_id AS "workspace_id: Uuid",
                   id AS "id: Uuid", NULL AS "user: Uuid", refresh_token AS "value!: Vec<u8>""#,
                "grants WHERE refresh_token IS NOT NULL AND rowid > ?"
            ),
            SealedColumn::RevocationRequest => page!(
                self,
                after,
                limit,
                r#"rowid AS "position!: i64", workspace_id AS "workspace_id: Uuid",
                   id AS "id: Uuid", NULL AS "user: Uuid", request AS "value!: Vec<u8>""#,
                "revocations WHERE request IS NOT NULL AND rowid > ?"
            ),
            SealedColumn::WebhookSecret => page!(
                self,
                after,
                limit,
                r#"rowid AS "position!: i64", workspace_id AS "workspace_id: Uuid",
                   id AS "id: Uuid", NULL AS "user: Uuid", secret AS "value!: Vec<u8>""#,
                "notification_channels WHERE secret IS NOT NULL AND rowid > ?"
            ),
        };
        let rows = rows.map_err(failed("ciphertext"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
