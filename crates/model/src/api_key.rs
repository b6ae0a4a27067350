//! API keys: credentials of programs (S22).

use crate::ApiKeyId;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum KeyScope {
    /// Read and change authorizations, connectors and API keys.
    #[serde(rename = "manage")]
    Manage,
    /// Publish and restore.
    #[serde(rename = "publish")]
    Publish,
    /// Read access tokens of published authorizations.
    #[serde(rename = "tokens:read")]
    TokensRead,
    /// Make calls through connectors.
    #[serde(rename = "call")]
    Call,
    /// Read the audit log.
    #[serde(rename = "audit:read")]
    AuditRead,
}

impl KeyScope {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 5] = [
        Self::Manage,
        Self::Publish,
        Self::TokensRead,
        Self::Call,
        Self::AuditRead,
    ];

    /// As written in JSON and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::Publish => "publish",
            Self::TokensRead => "tokens:read",
            Self::Call => "call",
            Self::AuditRead => "audit:read",
        }
    }

    /// What it allows, for a person.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Manage => "Read and change authorizations, connectors and API keys",
            Self::Publish => "Publish and restore configurations",
            Self::TokensRead => "Read access tokens of published authorizations",
            Self::Call => "Make calls through connectors",
            Self::AuditRead => "Read the audit log",
        }
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyScope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| {
                let all = Self::ALL.map(Self::as_str).join(", ");
                format!("`{text}` is not a key scope; choose from {all}")
            })
    }
}

/// What is sent to create a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyInput {
    /// Whose key it is: the connector program's name.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<KeyScope>,
    /// Last day on which it works; for ever when absent.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
}

/// A key as listed; the key itself is shown once, at creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// The first characters, to tell keys apart: `tky_3fK2`.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<KeyScope>,
    /// Last day on which it works.
    pub expires_on: Option<NaiveDate>,
    /// Last use, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: String,
}

/// A new key, the only time it is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyCreated {
    /// The key: send it as `Authorization: Bearer tky_…`.
    pub key: String,
    /// What is stored about it.
    #[serde(flatten)]
    pub info: ApiKey,
}
