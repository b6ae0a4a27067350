//! Changes to the provider catalogue: another cloud, a test server, a client shared by all.

use super::{ConfigError, secret};
use oauth::ProviderOverride;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt, path::Path};

/// `[providers.{id}]`
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderSection {
    /// Base URLs by name: `login`, `api`.
    pub bases: BTreeMap<String, String>,
    /// Values of fields that the operator owns. `x_file` names a file that holds `x`.
    pub settings: BTreeMap<String, String>,
}

impl fmt::Debug for ProviderSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderSection")
            .field("bases", &self.bases)
            .field("settings", &self.settings.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl ProviderSection {
    /// The override of the provider `id`.
    pub(super) fn to_override(&self, id: &str) -> Result<ProviderOverride, ConfigError> {
        let mut settings = BTreeMap::new();
        for (key, value) in &self.settings {
            match key.strip_suffix("_file") {
                Some(name) => {
                    let full_key = format!("providers.{id}.settings.{key}");
                    let secret = secret::read(&full_key, Path::new(value))?;
                    settings.insert(name.to_owned(), secret.expose_secret().to_owned());
                }
                None => {
                    settings.insert(key.clone(), value.clone());
                }
            }
        }
        Ok(ProviderOverride {
            provider: id.to_owned(),
            bases: self.bases.clone(),
            settings,
        })
    }
}
