//! Where requests to providers may go (S24).

use super::ConfigError;
use oauth::http::AllowEntry;
use serde::Deserialize;

/// `[egress]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EgressSection {
    /// What may be reached beside public https addresses: origins (`http://10.1.2.3:8080`),
    /// `host:port`, networks (`10.0.0.0/8`).
    pub allow: Vec<String>,
}

impl EgressSection {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.entries().map(drop)
    }

    /// The parsed entries.
    pub fn entries(&self) -> Result<Vec<AllowEntry>, ConfigError> {
        self.allow
            .iter()
            .map(|entry| {
                entry
                    .parse()
                    .map_err(|error| ConfigError::invalid("egress.allow", format!("{error}")))
            })
            .collect()
    }
}
