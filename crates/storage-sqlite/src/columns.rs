//! How values lie in columns. The head of `migrations/0001_initial.sql` says the same in SQL's words.
//!
//! | In Rust | Column | Through |
//! |---|---|---|
//! | time | INTEGER, milliseconds | [`Millis`] |
//! | id | BLOB, 16 bytes | `Uuid` |
//! | day | TEXT `2026-11-24` | `NaiveDate` |
//! | hash | BLOB, 32 bytes | [`HashBytes`] |
//! | list, structure | TEXT, JSON | `Json` |
//! | enum without data | TEXT | [`Word`] |
//!
//! What does not decode becomes [`storage::StorageError::Corrupt`] in [`crate::error`].

use chrono::{DateTime, Utc};
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::Error as WordError},
};
use sqlx::{
    Decode, Encode, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
};
use storage::{Ciphertext, Hash};

/// A time, to the millisecond; what is finer is cut off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Millis(pub DateTime<Utc>);

/// A hash of a bearer secret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HashBytes(pub Hash);

/// A value that serde writes as one string, stored without the quotes.
#[derive(Debug)]
pub(crate) struct Word<T>(pub T);

/// The bytes of an optional ciphertext, to bind.
pub(crate) fn sealed(value: Option<&Ciphertext>) -> Option<&[u8]> {
    value.map(|Ciphertext(bytes)| bytes.as_slice())
}

/// What names and addresses are compared by: lower case in all scripts.
pub(crate) fn fold(name: &str) -> String {
    name.to_lowercase()
}

impl From<Millis> for DateTime<Utc> {
    fn from(Millis(time): Millis) -> Self {
        time
    }
}

impl Type<Sqlite> for Millis {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Millis {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.0.timestamp_millis(), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Millis {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let millis = <i64 as Decode<Sqlite>>::decode(value)?;
        DateTime::from_timestamp_millis(millis)
            .map(Self)
            .ok_or_else(|| "is no time".into())
    }
}

impl Type<Sqlite> for HashBytes {
    fn type_info() -> SqliteTypeInfo {
        <[u8] as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for HashBytes {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.0.as_slice(), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for HashBytes {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes = <&[u8] as Decode<Sqlite>>::decode(value)?;
        match bytes.try_into() {
            Ok(hash) => Ok(Self(hash)),
            Err(_) => Err(format!("is a hash of {} bytes", bytes.len()).into()),
        }
    }
}

impl<T> Type<Sqlite> for Word<T> {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }
}

impl<T: Serialize> Encode<'_, Sqlite> for Word<T> {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        match serde_json::to_value(&self.0)? {
            serde_json::Value::String(word) => Encode::<Sqlite>::encode(word, buffer),
            other => Err(format!("{other} is not one word").into()),
        }
    }
}

impl<'r, T: DeserializeOwned> Decode<'r, Sqlite> for Word<T> {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let word = <&str as Decode<Sqlite>>::decode(value)?;
        let value = T::deserialize(IntoDeserializer::<WordError>::into_deserializer(word))?;
        Ok(Self(value))
    }
}
