//! The values of a provider's settings fields.

use serde::{Deserialize, Deserializer, Serialize};
use std::{collections::BTreeMap, fmt};

/// Settings by field key, every value as the text a person would type.
///
/// On the way in it may hold secret fields (`client_secret`); what the server answers never does.
/// `Debug` prints keys alone for that reason.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Settings(pub BTreeMap<String, String>);

impl Settings {
    /// The trimmed value of a field; `None` when it is absent or blank.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .get(key)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// A checkbox: `true` only for the text `true`.
    pub fn is_on(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }

    /// Puts a value in, or takes the field out when the value is blank.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if value.trim().is_empty() {
            self.0.remove(key);
        } else {
            self.0.insert(key.to_owned(), value);
        }
    }

    /// Takes a field out and gives its value, blank or not.
    pub fn take(&mut self, key: &str) -> Option<String> {
        self.0.remove(key)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Settings {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        Self(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

/// JSON callers may send checkboxes and numbers as such; `null` means "not given".
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Flag(bool),
    Number(serde_json::Number),
    Null,
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = BTreeMap::<String, Scalar>::deserialize(deserializer)?;
        Ok(Self(
            entries
                .into_iter()
                .filter_map(|(key, value)| match value {
                    Scalar::Text(text) => Some((key, text)),
                    Scalar::Flag(flag) => Some((key, flag.to_string())),
                    Scalar::Number(number) => Some((key, number.to_string())),
                    Scalar::Null => None,
                })
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn json_scalars_become_the_text_a_person_would_type() {
        let settings: Settings =
            serde_json::from_str(r#"{"a":"x","b":true,"c":3,"d":null}"#).unwrap();
        assert_eq!(
            settings,
            [("a", "x"), ("b", "true"), ("c", "3")]
                .into_iter()
                .collect()
        );
    }

    #[test]
    fn debug_shows_no_value() {
        let settings: Settings = [("client_secret", "hunter2")].into_iter().collect();
        assert_eq!(format!("{settings:?}"), r#"{"client_secret"}"#);
    }
}
