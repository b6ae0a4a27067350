//! Workspaces, the people in them, and the setup link that makes the first one.

use crate::{Hash, StorageError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use model::{UserId, WorkspaceId, user::Role};

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceRecord {
    /// Its id.
    pub id: WorkspaceId,
    /// Its unique name on the command line.
    pub slug: String,
    /// Its name as shown.
    pub name: String,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
}

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Their id.
    pub id: UserId,
    /// Their e-mail address, unique whatever the case.
    pub email: String,
    /// Their name.
    pub name: Option<String>,
    /// Argon2id in PHC format.
    pub password_hash: String,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
}

/// A person's place in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipRecord {
    /// Where.
    pub workspace: WorkspaceRecord,
    /// As what.
    pub role: Role,
}

/// Workspaces, users, memberships and setup links.
#[async_trait]
pub trait UserRepository: Send {
    /// Adds a workspace. [`StorageError::Taken`] when the slug is.
    async fn insert_workspace(&mut self, workspace: &WorkspaceRecord) -> Result<(), StorageError>;
    /// All workspaces, oldest first.
    async fn workspaces(&mut self) -> Result<Vec<WorkspaceRecord>, StorageError>;
    /// The workspace of that slug.
    async fn workspace_by_slug(
        &mut self,
        slug: &str,
    ) -> Result<Option<WorkspaceRecord>, StorageError>;
    /// Renames a workspace; `false` when there is none.
    async fn rename_workspace(&mut self, id: WorkspaceId, name: &str)
    -> Result<bool, StorageError>;

    /// Adds a person. [`StorageError::Taken`] when the address is.
    async fn insert(&mut self, user: &UserRecord) -> Result<(), StorageError>;
    /// A person by id.
    async fn get(&mut self, id: UserId) -> Result<Option<UserRecord>, StorageError>;
    /// A person by e-mail address, any case.
    async fn get_by_email(&mut self, email: &str) -> Result<Option<UserRecord>, StorageError>;
    /// Number of people.
    async fn count(&mut self) -> Result<u64, StorageError>;
    /// Replaces the password; `false` when there is no such person.
    async fn set_password(&mut self, id: UserId, password_hash: &str)
    -> Result<bool, StorageError>;

    /// Makes somebody a member, or changes their role.
    async fn set_role(
        &mut self,
        user: UserId,
        workspace: WorkspaceId,
        role: Role,
    ) -> Result<(), StorageError>;
    /// Where somebody is a member, oldest workspace first.
    async fn memberships(&mut self, user: UserId) -> Result<Vec<MembershipRecord>, StorageError>;

    /// Keeps the setup link, in place of an earlier one.
    async fn put_setup_link(
        &mut self,
        hash: &Hash,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Whether the setup link is this one and still good.
    async fn setup_link_is(
        &mut self,
        hash: &Hash,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Uses the setup link up; `false` when it is another one or has expired.
    async fn take_setup_link(
        &mut self,
        hash: &Hash,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
}
