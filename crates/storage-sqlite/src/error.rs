//! From sqlx's errors to [`StorageError`].

use storage::StorageError;

/// Converts the error of a statement that reads or writes a `what`.
///
/// A column that cannot be decoded is a corrupt record; a broken `UNIQUE` or `PRIMARY KEY` a taken
/// name; all else the engine's failure.
pub(crate) fn failed(what: &'static str) -> impl Fn(sqlx::Error) -> StorageError {
    move |error| match &error {
        // The reason may quote what was found. That is no secret: secrets are ciphertexts, and any
        // bytes are a ciphertext here.
        sqlx::Error::ColumnDecode { index, source } => StorageError::Corrupt {
            what,
            why: format!("column {index}: {source}"),
        },
        sqlx::Error::Database(database) if database.is_unique_violation() => {
            StorageError::Taken(taken(database.message()))
        }
        _ => StorageError::engine(error),
    }
}

/// What is taken, from `UNIQUE constraint failed: connectors.workspace_id, connectors.name_key`:
/// the last column is the one that tells the rows of a workspace apart.
fn taken(message: &str) -> &'static str {
    match message.rsplit('.').next() {
        Some("name_key") => "name",
        Some("email_key") => "email",
        Some("slug") => "slug",
        Some("number") => "number",
        Some("version") => "version",
        Some("hash" | "state_hash") => "hash",
        _ => "id",
    }
}
