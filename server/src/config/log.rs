//! What is logged, and how.

use super::ConfigError;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSection {
    /// For people or for machines.
    pub format: LogFormat,
    /// Levels by module, as `tracing` writes them: `info,broker=debug`.
    pub filter: String,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for LogSection {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

impl LogSection {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.env_filter().map(drop)
    }

    /// The parsed filter.
    pub fn env_filter(&self) -> Result<EnvFilter, ConfigError> {
        EnvFilter::try_new(&self.filter)
            .map_err(|error| ConfigError::invalid("log.filter", error.to_string()))
    }
}
