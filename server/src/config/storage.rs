//! Where the data lives, and the key it is sealed with.

use super::{ConfigError, secret, secret::InlineSecret};
use broker::start_up::RootKeySource;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Database and root key: `data_dir`, `database_url`, `root_key`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct StorageSection {
    /// Holds the database and the root key unless they are told to be elsewhere. Made with mode
    /// 0700 when missing.
    pub data_dir: PathBuf,
    /// `sqlite:path`; `sqlite:{data_dir}/tokenry.db` when absent.
    database_url: Option<InlineSecret>,
    database_url_file: Option<PathBuf>,
    /// The root key itself, base64 of 32 bytes.
    root_key: Option<InlineSecret>,
    /// The file of the root key; `{data_dir}/root.key` when absent. Made on the first start.
    root_key_file: Option<PathBuf>,
}

impl Default for StorageSection {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            database_url: None,
            database_url_file: None,
            root_key: None,
            root_key_file: None,
        }
    }
}

impl StorageSection {
    /// The same with another directory.
    #[must_use]
    pub fn in_dir(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.database_url().map(drop)?;
        self.root_key().map(drop)
    }

    /// Makes the data directory, open to its owner only.
    pub fn create_data_dir(&self) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.data_dir)
    }

    /// Where the database is. Secret, since it may hold a password.
    pub fn database_url(&self) -> Result<SecretString, ConfigError> {
        let given = secret::resolve(
            "database_url",
            self.database_url.as_ref(),
            self.database_url_file.as_ref(),
        )?;
        let url = given.unwrap_or_else(|| {
            format!("sqlite:{}", self.data_dir.join("tokenry.db").display()).into()
        });
        if url.expose_secret().starts_with("sqlite:") {
            Ok(url)
        } else {
            Err(ConfigError::invalid(
                "database_url",
                "must start with sqlite:",
            ))
        }
    }

    /// Where the root key comes from.
    pub fn root_key(&self) -> Result<RootKeySource, ConfigError> {
        match (&self.root_key, &self.root_key_file) {
            (Some(_), Some(_)) => Err(ConfigError::invalid(
                "root_key",
                "is given twice, as root_key and as root_key_file; keep one",
            )),
            (Some(key), None) => Ok(RootKeySource::Value(key.0.clone())),
            (None, Some(path)) => Ok(RootKeySource::File(path.clone())),
            (None, None) => Ok(RootKeySource::File(self.data_dir.join("root.key"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_data_directory_is_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        let outer = tempfile::tempdir().unwrap();
        let section = StorageSection::in_dir(&outer.path().join("a/data"));
        section.create_data_dir().unwrap();
        let mode = std::fs::metadata(&section.data_dir)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        section.create_data_dir().unwrap();
    }

    #[test]
    fn other_databases_are_refused_by_name() {
        let section = StorageSection {
            database_url: Some(InlineSecret("mysql://h/db".into())),
            ..StorageSection::default()
        };
        assert!(section.validate().is_err());
    }
}
