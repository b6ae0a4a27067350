//! Looking at a database that may be damaged, or of another version, without changing it: what
//! `tokenry doctor` asks.

use crate::{
    error::failed,
    open::{MIGRATIONS, SqliteStorage},
};
use sqlx::Row as _;
use std::{collections::BTreeMap, path::PathBuf};
use storage::StorageError;

/// How the tables compare with those that this version works with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Migrations that the next start will apply.
    pub pending: Vec<i64>,
    /// Migrations of a later version; this one would refuse to start.
    pub unknown: Vec<i64>,
    /// Migrations that were applied in another form, or not to their end.
    pub altered: Vec<i64>,
}

impl Schema {
    /// Whether the repositories can be used.
    pub fn is_current(&self) -> bool {
        *self == Self::default()
    }
}

impl SqliteStorage {
    /// The file of the database.
    pub fn file(&self) -> PathBuf {
        let options = self.readers().connect_options();
        options.get_filename().to_owned()
    }

    /// Compares the tables with those of this version.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn schema(&self) -> Result<Schema, StorageError> {
        // Not checked while compiling: the table is sqlx's own, and may be missing.
        let is_there = "SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations'";
        let row = sqlx::query(is_there).fetch_optional(self.readers()).await;
        let mut applied = BTreeMap::new();
        if row.map_err(failed("schema"))?.is_some() {
            let rows = sqlx::query("SELECT version, checksum, success FROM _sqlx_migrations")
                .fetch_all(self.readers())
                .await
                .map_err(failed("migration"))?;
            for row in rows {
                let read = || {
                    let version: i64 = row.try_get("version")?;
                    let checksum: Vec<u8> = row.try_get("checksum")?;
                    let success: bool = row.try_get("success")?;
                    Ok((version, (checksum, success)))
                };
                let (version, migration) = read().map_err(failed("migration"))?;
                applied.insert(version, migration);
            }
        }
        let mut schema = Schema::default();
        for known in MIGRATIONS.iter() {
            match applied.remove(&known.version) {
                None => schema.pending.push(known.version),
                Some((checksum, success)) if checksum != *known.checksum || !success => {
                    schema.altered.push(known.version);
                }
                Some(_) => {}
            }
        }
        schema.unknown = applied.into_keys().collect();
        Ok(schema)
    }

    /// What SQLite finds wrong with the file's structure; empty when nothing. `thorough` also
    /// compares all indexes with their tables, which takes as long as reading the file twice.
    ///
    /// A changed byte inside of a value goes unnoticed: only ciphertexts tell of it.
    ///
    /// # Errors
    /// When it cannot even be looked at.
    pub async fn damage(&self, thorough: bool) -> Result<Vec<String>, StorageError> {
        let statement = if thorough {
            "PRAGMA integrity_check(20)"
        } else {
            "PRAGMA quick_check(20)"
        };
        let found: Vec<String> = sqlx::query_scalar(statement)
            .fetch_all(self.readers())
            .await
            .map_err(failed("database"))?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }
}
