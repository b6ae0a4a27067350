//! Who is asking, and what they may do. Every use case checks here, once, whichever face it was
//! called through. To add a permission: a variant, and a line for each role and key scope.

use crate::error::Fault;
use model::{
    ApiKeyId, WorkspaceId,
    api_key::KeyScope,
    user::{CurrentUser, Role},
};
use storage::Hash;

/// Who is asking.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A person.
    User(SessionUser),
    /// A program.
    ApiKey(KeyActor),
}

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct SessionUser {
    /// Hash of their session's cookie.
    pub session: Hash,
    /// Who they are.
    pub user: CurrentUser,
}

/// A program with an API key.
#[derive(Clone, Debug)]
pub struct KeyActor {
    /// The key.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// What it may be used for.
    pub scopes: Vec<KeyScope>,
}

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Read and change authorizations, connectors and API keys.
    Manage,
    /// Publish and restore.
    Publish,
    /// Read access tokens.
    ReadTokens,
}

impl Actor {
    /// The workspace they are in.
    pub fn workspace(&self) -> WorkspaceId {
        match self {
            Self::User(user) => user.user.workspace.id,
            Self::ApiKey(key) => key.workspace,
        }
    }

    /// What histories call them.
    pub fn label(&self) -> &str {
        match self {
            Self::User(user) => &user.user.email,
            Self::ApiKey(key) => &key.name,
        }
    }

    /// Checks a permission and gives the workspace it was checked for.
    ///
    /// # Errors
    /// [`Fault::Forbidden`] without it.
    pub fn require(&self, permission: Permission) -> Result<WorkspaceId, Fault> {
        let allowed = match self {
            Self::User(user) => role_allows(user.user.role, permission),
            Self::ApiKey(key) => key.scopes.contains(&key_scope_for(permission)),
        };
        if allowed {
            Ok(self.workspace())
        } else {
            Err(Fault::Forbidden(permission))
        }
    }
}

impl From<&SessionUser> for Actor {
    fn from(user: &SessionUser) -> Self {
        Self::User(user.clone())
    }
}

const fn role_allows(role: Role, permission: Permission) -> bool {
    match (role, permission) {
        // Tokens are for programs: nobody reads them in a browser.
        (Role::Administrator, Permission::ReadTokens) => false,
        (Role::Administrator, Permission::Manage | Permission::Publish) => true,
    }
}

/// The key scope that gives a permission.
pub const fn key_scope_for(permission: Permission) -> KeyScope {
    match permission {
        Permission::Manage => KeyScope::Manage,
        Permission::Publish => KeyScope::Publish,
        Permission::ReadTokens => KeyScope::TokensRead,
    }
}
