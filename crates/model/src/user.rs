//! People who sign in to Tokenry.

use crate::{UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a member may do in a workspace. One role today; the next one is a variant here and a line
/// in `broker::access`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything in the workspace.
    Administrator,
}

impl Role {
    /// As stored and as written on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "administrator" => Ok(Self::Administrator),
            other => Err(format!("`{other}` is not a role; use `administrator`")),
        }
    }
}

/// The person a request comes from, and where they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    /// Their id.
    pub id: UserId,
    /// Their e-mail address, which they sign in with.
    pub email: String,
    /// Their name, when given.
    pub name: Option<String>,
    /// Their role in the workspace.
    pub role: Role,
    /// The workspace they are in.
    pub workspace: WorkspaceInfo,
}

/// A workspace, named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceInfo {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name on the command line: `default`.
    pub slug: String,
    /// Its name as shown.
    pub name: String,
}
