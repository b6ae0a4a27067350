//! Who may read `/metrics`.

use super::{ConfigError, secret, secret::InlineSecret};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::path::PathBuf;

/// `[metrics]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSection {
    /// Whether anything is measured and `/metrics` exists.
    pub enabled: bool,
    /// What a scraper has to send as `Authorization: Bearer …`; nothing when absent.
    bearer_token: Option<InlineSecret>,
    bearer_token_file: Option<PathBuf>,
}

impl Default for MetricsSection {
    fn default() -> Self {
        Self {
            enabled: true,
            bearer_token: None,
            bearer_token_file: None,
        }
    }
}

impl MetricsSection {
    /// Nothing is measured.
    pub fn off() -> Self {
        Self {
            enabled: false,
            ..Self::default()
        }
    }

    /// The same, open to those alone who send this token.
    #[must_use]
    pub fn with_token(self, token: SecretString) -> Self {
        Self {
            bearer_token: Some(InlineSecret(token)),
            ..self
        }
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.bearer_token().map(drop)
    }

    /// The token; `None` when everybody may read.
    pub fn bearer_token(&self) -> Result<Option<SecretString>, ConfigError> {
        let key = "metrics.bearer_token";
        let token = secret::resolve(
            key,
            self.bearer_token.as_ref(),
            self.bearer_token_file.as_ref(),
        )?;
        match token {
            Some(token) if token.expose_secret().is_empty() => Err(ConfigError::invalid(
                key,
                "is empty, which would let everybody in; leave it out if that is meant",
            )),
            token => Ok(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_token_is_a_mistake() {
        let open = MetricsSection::default();
        assert!(open.bearer_token().unwrap().is_none());
        assert!(open.clone().with_token("".into()).validate().is_err());
        assert!(open.with_token("scrape".into()).validate().is_ok());
    }
}
