//! The client secrets of an authorization: several while one replaces another, tried in order.
//!
//! Values go in and never come out.

use crate::SecretId;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Most secrets that one authorization has. Each one that the provider refuses costs a request at
/// every refresh until another one is known to work.
pub const MOST_SECRETS: usize = 5;

/// What may be told of a stored client secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientSecretInfo {
    /// Its id.
    pub id: SecretId,
    /// Settings field it belongs to: `client_secret`.
    pub field: String,
    /// 0 is tried first, after the one in use.
    pub position: u32,
    /// The last four characters, when it is long enough for them to tell nothing.
    pub ends_in: Option<String>,
    /// Last day on which it works, as far as that is known.
    pub expires_on: Option<NaiveDate>,
    /// When it was put in.
    pub set_at: DateTime<Utc>,
    /// When the provider last took it, to the day; absent when it never has.
    pub last_worked_at: Option<DateTime<Utc>>,
    /// It worked last: it is tried before the others until another one is put first.
    pub in_use: bool,
}

/// What `POST /authorizations/{id}/secrets` takes.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientSecretInput {
    /// The secret.
    pub value: String,
    /// Last day on which it works, as the provider said when it was made.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
    /// Try it before the others; after them when `false`.
    #[serde(default)]
    pub first: bool,
}

/// Without the value.
impl fmt::Debug for ClientSecretInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecretInput")
            .field("expires_on", &self.expires_on)
            .field("first", &self.first)
            .finish_non_exhaustive()
    }
}

/// What `PATCH /authorizations/{id}/secrets/{secret_id}` takes: only what is given changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientSecretPatch {
    /// New last day; `null` when it is not known.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<NaiveDate>))]
    pub expires_on: Option<Option<NaiveDate>>,
    /// `true`: try it before the others.
    #[serde(default)]
    pub first: bool,
}

/// Tells `null` from absent.
#[expect(
    clippy::option_option,
    reason = "absent, null and a day are three things"
)]
fn given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<NaiveDate>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{ClientSecretInput, ClientSecretPatch};

    #[test]
    fn null_clears_and_absent_keeps() {
        let patch = |json| serde_json::from_str::<ClientSecretPatch>(json).unwrap();
        assert_eq!(patch("{}").expires_on, None);
        assert_eq!(patch(r#"{"expires_on":null}"#).expires_on, Some(None));
        let day = patch(r#"{"expires_on":"2027-02-28"}"#).expires_on.flatten();
        assert_eq!(day.unwrap().to_string(), "2027-02-28");
    }

    // S21
    #[test]
    fn s21_debug_shows_no_value() {
        let input = ClientSecretInput {
            value: "hunter2".to_owned(),
            ..ClientSecretInput::default()
        };
        assert!(!format!("{input:?}").contains("hunter2"));
    }
}
