//! What every use case can run into, and how failures reach the outside.
//!
//! Each use case has its own enum, which wraps [`Fault`]; each converts into [`Problem`], the one
//! wire error of both faces, in one exhaustive match beside it. A source chain never leaves the
//! process: only the texts written in those matches do.

use crate::access::{Permission, key_scope_for};
use model::{
    problem::{Code, FieldError, Problem},
    settings::Settings,
    status::Status,
};
use storage::StorageError;
use thiserror::Error;
use vault::VaultError;

/// A failure that no use case can do anything about.
#[derive(Debug, Error)]
pub enum Fault {
    /// The actor may not do this.
    #[error("the actor lacks the permission {0:?}")]
    Forbidden(Permission),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The vault is sealed, or a ciphertext does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Something stored cannot be read back.
    #[error("{0} cannot be read back")]
    Unreadable(&'static str),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Forbidden(permission) => Self::new(
                Code::Forbidden,
                format!(
                    "This needs the permission `{}`.",
                    key_scope_for(permission).as_str()
                ),
            ),
            Fault::Vault(VaultError::Sealed(_)) => Self::new(
                Code::Sealed,
                "The root key and the database do not belong together. The operator finds the cause in the server's log.",
            ),
            Fault::Storage(_) | Fault::Vault(_) | Fault::Unreadable(_) => Self::new(
                Code::Internal,
                "The server could not do this. Try again; if it stays, give the request id to the operator.",
            ),
        }
    }
}

/// Why something could not be stored.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Fields are missing or wrong.
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<FieldError>),
    /// It does not exist in this workspace.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Somebody else saved meanwhile.
    #[error("somebody else saved meanwhile")]
    Stale,
    /// It is in use.
    #[error("it is in use by {0}")]
    InUse(String),
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl WriteError {
    /// One invalid field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// `Ok` when there are no errors.
    pub(crate) fn check(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Self::Invalid(errors))
        }
    }
}

/// A taken name is an error of the name field; everything else of the database is a fault.
impl From<StorageError> for WriteError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Taken(what @ ("name" | "email")) => {
                Self::field(what, format!("This {what} is taken; choose another one."))
            }
            other => Self::Fault(other.into()),
        }
    }
}

impl From<VaultError> for WriteError {
    fn from(error: VaultError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Invalid(errors) => Self::invalid(errors),
            WriteError::NotFound(what) => not_found(what),
            WriteError::Stale => Self::new(
                Code::Stale,
                "Somebody else saved this meanwhile. Read it again, then decide which changes to keep.",
            ),
            WriteError::InUse(by) => Self::new(
                Code::InUse,
                format!("It is in use by {by}. Take it out there first."),
            ),
            WriteError::Fault(fault) => fault.into(),
        }
    }
}

/// The problem of a thing that is not there.
pub fn not_found(what: &str) -> Problem {
    Problem::new(Code::NotFound, format!("There is no such {what} here."))
}

/// The problem of a consent that is not in force.
pub(crate) fn not_authorized(status: Status) -> Problem {
    Problem {
        authorization: Some(status),
        ..Problem::new(
            Code::NotAuthorized,
            format!(
                "Not authorized: {}. {}",
                status.reason_text(),
                status.next_action()
            ),
        )
    }
}

/// Secrets leave the settings map before anything is stored or answered.
pub(crate) fn without_secrets<'a>(
    settings: &Settings,
    secret_keys: impl Iterator<Item = &'a str>,
) -> Settings {
    let mut open = settings.clone();
    for key in secret_keys {
        open.take(key);
    }
    open
}
