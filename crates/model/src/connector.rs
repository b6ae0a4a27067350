//! Connectors: what uses an authorization.

use crate::ConnectorId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A connector's type and the configuration that goes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "config", rename_all = "snake_case")]
pub enum ConnectorConfig {
    /// Calls any REST API with the authorization's token.
    AdvancedRestApi(AdvancedRestApi),
}

impl ConnectorConfig {
    /// The type's name as shown.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::AdvancedRestApi(_) => "Advanced REST API",
        }
    }
}

/// Configuration of the Advanced REST API connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdvancedRestApi {
    /// What every call's path is joined to: `https://dev.azure.com/contoso/`.
    pub base_url: String,
    /// Total time limit of a call, in seconds.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u32,
}

/// 100 seconds, as integrations are used to.
pub const fn default_timeout() -> u32 {
    100
}

/// What is sent to create or change a connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectorInput {
    /// Unique in the workspace, whatever the case.
    pub name: String,
    /// Type and configuration.
    #[serde(flatten)]
    pub config: ConnectorConfig,
}

/// A connector as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connector {
    /// Its id.
    pub id: ConnectorId,
    /// Unique in the workspace.
    pub name: String,
    /// Type and configuration.
    #[serde(flatten)]
    pub config: ConnectorConfig,
    /// Names of the authorizations that have it.
    pub used_by: Vec<crate::authorization::AuthorizationRef>,
    /// Goes up with every save; the `ETag`.
    pub version: i64,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of the last save.
    pub updated_at: DateTime<Utc>,
}
