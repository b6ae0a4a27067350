//! Secrets and their `_file` twins.

use super::ConfigError;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

/// A secret given in place. Its `Debug` form shows nothing (S21).
#[derive(Clone)]
pub struct InlineSecret(pub SecretString);

impl fmt::Debug for InlineSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InlineSecret(…)")
    }
}

impl<'de> Deserialize<'de> for InlineSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// The secret `key`, in place or from the file its twin names.
pub fn resolve(
    key: &str,
    inline: Option<&InlineSecret>,
    file: Option<&PathBuf>,
) -> Result<Option<SecretString>, ConfigError> {
    match (inline, file) {
        (Some(_), Some(_)) => Err(ConfigError::invalid(
            key,
            format!("is given twice, as {key} and as {key}_file; keep one"),
        )),
        (Some(secret), None) => Ok(Some(secret.0.clone())),
        (None, Some(path)) => read(&format!("{key}_file"), path).map(Some),
        (None, None) => Ok(None),
    }
}

/// The first line's worth of a file: editors and secret stores end it with a line break.
pub fn read(key: &str, path: &Path) -> Result<SecretString, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| {
        ConfigError::invalid(key, format!("{} cannot be read: {error}", path.display()))
    })?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn the_twin_is_read_without_its_line_break() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        fs::write(&path, "hunter2\n").unwrap();
        let secret = resolve("root_key", None, Some(&path)).unwrap().unwrap();
        assert_eq!(secret.expose_secret(), "hunter2");

        let inline = InlineSecret("hunter2".into());
        assert!(resolve("root_key", Some(&inline), Some(&path)).is_err());
        assert!(!format!("{inline:?}").contains("hunter2"));
    }
}
