//! Workspaces, users, memberships and the setup link.

use crate::{
    columns::{HashBytes, Millis, Word, fold},
    error::failed,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{UserId, WorkspaceId, user::Role};
use sqlx::{SqliteConnection, types::Uuid};
use storage::{
    Hash, StorageError,
    users::{MembershipRecord, UserRecord, UserRepository, WorkspaceRecord},
};

pub(crate) struct Users<'c>(pub &'c mut SqliteConnection);

struct WorkspaceRow {
    id: Uuid,
    slug: String,
    name: String,
    created_at: Millis,
}

impl From<WorkspaceRow> for WorkspaceRecord {
    fn from(row: WorkspaceRow) -> Self {
        Self {
            id: row.id.into(),
            slug: row.slug,
            name: row.name,
            created_at: row.created_at.into(),
        }
    }
}

struct MembershipRow {
    id: Uuid,
    slug: String,
    name: String,
    created_at: Millis,
    role: Word<Role>,
}

impl From<MembershipRow> for MembershipRecord {
    fn from(row: MembershipRow) -> Self {
        Self {
            workspace: WorkspaceRecord {
                id: row.id.into(),
                slug: row.slug,
                name: row.name,
                created_at: row.created_at.into(),
            },
            role: row.role.0,
        }
    }
}

struct UserRow {
    id: Uuid,
    email: String,
    name: Option<String>,
    password_hash: String,
    created_at: Millis,
}

impl From<UserRow> for UserRecord {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id.into(),
            email: row.email,
            name: row.name,
            password_hash: row.password_hash,
            created_at: row.created_at.into(),
        }
    }
}

/// Selects [`WorkspaceRow`]s.
macro_rules! workspaces {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            WorkspaceRow,
            r#"SELECT id AS "id: Uuid", slug, name, created_at AS "created_at: Millis"
               FROM workspaces "# + $rest
            $(, $argument)*
        )
    };
}

/// Selects [`UserRow`]s.
macro_rules! users {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            UserRow,
            r#"SELECT id AS "id: Uuid", email, name, password_hash, created_at AS "created_at: Millis"
               FROM users "# + $rest
            $(, $argument)*
        )
    };
}

#[async_trait]
impl UserRepository for Users<'_> {
    async fn insert_workspace(&mut self, workspace: &WorkspaceRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO workspaces (id, slug, name, created_at) VALUES (?, ?, ?, ?)",
            workspace.id.0,
            workspace.slug,
            workspace.name,
            Millis(workspace.created_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("workspace"))?;
        Ok(())
    }

    async fn workspaces(&mut self) -> Result<Vec<WorkspaceRecord>, StorageError> {
        let rows = workspaces!("ORDER BY created_at, id")
            .fetch_all(&mut *self.0)
            .await
            .map_err(failed("workspace"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn workspace_by_slug(
        &mut self,
        slug: &str,
    ) -> Result<Option<WorkspaceRecord>, StorageError> {
        let row = workspaces!("WHERE slug = ?", slug)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(failed("workspace"))?;
        Ok(row.map(Into::into))
    }

    async fn rename_workspace(
        &mut self,
        id: WorkspaceId,
        name: &str,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!("UPDATE workspaces SET name = ? WHERE id = ?", name, id.0)
            .execute(&mut *self.0)
            .await
            .map_err(failed("workspace"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn insert(&mut self, user: &UserRecord) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO users (id, email, email_key, name, password_hash, created_at)
             VALUES (?, ?, ?, ?, ?, ?)",
            user.id.0,
            user.email,
            fold(&user.email),
            user.name,
            user.password_hash,
            Millis(user.created_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("user"))?;
        Ok(())
    }

    async fn get(&mut self, id: UserId) -> Result<Option<UserRecord>, StorageError> {
        let row = users!("WHERE id = ?", id.0)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(failed("user"))?;
        Ok(row.map(Into::into))
    }

    async fn get_by_email(&mut self, email: &str) -> Result<Option<UserRecord>, StorageError> {
        let row = users!("WHERE email_key = ?", fold(email))
            .fetch_optional(&mut *self.0)
            .await
            .map_err(failed("user"))?;
        Ok(row.map(Into::into))
    }

    async fn count(&mut self) -> Result<u64, StorageError> {
        sqlx::query_scalar!(r#"SELECT COUNT(*) AS "count!: u64" FROM users"#)
            .fetch_one(&mut *self.0)
            .await
            .map_err(failed("user"))
    }

    async fn set_password(
        &mut self,
        id: UserId,
        password_hash: &str,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "UPDATE users SET password_hash = ? WHERE id = ?",
            password_hash,
            id.0
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("user"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn set_role(
        &mut self,
        user: UserId,
        workspace: WorkspaceId,
        role: Role,
    ) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO memberships (user_id, workspace_id, role) VALUES (?, ?, ?)
             ON CONFLICT (user_id, workspace_id) DO UPDATE SET role = excluded.role",
            user.0,
            workspace.0,
            Word(role)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("membership"))?;
        Ok(())
    }

    async fn memberships(&mut self, user: UserId) -> Result<Vec<MembershipRecord>, StorageError> {
        let rows = sqlx::query_as!(
            MembershipRow,
            r#"SELECT w.id AS "id: Uuid", w.slug, w.name, w.created_at AS "created_at: Millis",
                      m.role AS "role: Word<Role>"
               FROM memberships m JOIN workspaces w ON w.id = m.workspace_id
               WHERE m.user_id = ? ORDER BY w.created_at, w.id"#,
            user.0
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(failed("membership"))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn put_setup_link(
        &mut self,
        hash: &Hash,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        sqlx::query!(
            "INSERT INTO setup_link (id, hash, expires_at) VALUES (1, ?, ?)
             ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at",
            HashBytes(*hash),
            Millis(expires_at)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("setup link"))?;
        Ok(())
    }

    async fn setup_link_is(
        &mut self,
        hash: &Hash,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM setup_link WHERE hash = ? AND expires_at > ?)
               AS "exists!: bool""#,
            HashBytes(*hash),
            Millis(now)
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(failed("setup link"))
    }

    async fn take_setup_link(
        &mut self,
        hash: &Hash,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query!(
            "DELETE FROM setup_link WHERE hash = ? AND expires_at > ?",
            HashBytes(*hash),
            Millis(now)
        )
        .execute(&mut *self.0)
        .await
        .map_err(failed("setup link"))?;
        Ok(done.rows_affected() == 1)
    }
}
