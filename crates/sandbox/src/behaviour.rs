//! How the token endpoints behave beyond the protocol: what a test switches to see a client in trouble.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Switches of the token endpoints and the REST API. All times are seconds unless the name says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviour {
    /// What a second use of a refresh token does. `None` is what the real dialect does: Entra allows it, the legacy
    /// and the plain dialect are strict.
    pub rotation: Option<Rotation>,
    /// How long a rotated refresh token is still accepted under strict rotation.
    pub grace_seconds: u32,
    /// Lifetime of new access tokens.
    pub token_lifetime_seconds: u32,
    /// Lifetime of new refresh tokens.
    pub refresh_token_lifetime_seconds: u32,
    /// Lifetime of new authorization codes.
    pub code_lifetime_seconds: u32,
    /// How long a token answer is held back. The request has been processed by then: a client that gives up before
    /// has spent its code or refresh token all the same.
    pub latency_ms: u64,
    /// An answer to give instead of the true one.
    pub answer: Option<CannedAnswer>,
    /// Close the connection after a token request was processed, without a byte of an answer.
    pub drop_after_send: Times,
    /// How `expires_in` is written in token answers.
    pub expires_in_form: ExpiresInForm,
    /// How the legacy dialect spells the keys of its errors. `None`: `Error` when the client is refused, `error` when
    /// the grant or the request is; both occur.
    pub error_casing: Option<ErrorCasing>,
    /// The organization's policy "Third-party application access via OAuth". Off: tokens are given out as ever, and
    /// every API call is refused.
    pub organization_policy: bool,
    /// Scopes that no token gets, whatever was asked for and consented to: how a provider grants less.
    pub withheld_scopes: BTreeSet<String>,
    /// The directory lets nobody but an administrator consent: Entra gives no code until one has, at
    /// `/{tenant}/adminconsent`.
    pub admin_consent_required: bool,
    /// A status to answer revocations with, in place of revoking anything.
    pub revocation_status: Option<u16>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            rotation: None,
            grace_seconds: 0,
            token_lifetime_seconds: 3_600,
            refresh_token_lifetime_seconds: 90 * 24 * 3_600,
            code_lifetime_seconds: 600,
            latency_ms: 0,
            answer: None,
            drop_after_send: Times::Always(false),
            expires_in_form: ExpiresInForm::Dialect,
            error_casing: None,
            organization_policy: true,
            withheld_scopes: BTreeSet::new(),
            admin_consent_required: false,
            revocation_status: None,
        }
    }
}

impl Behaviour {
    /// This behaviour with the fields of a JSON object in place of its own; `null` means a field's default.
    pub(crate) fn patched(
        &self,
        patch: serde_json::Map<String, Value>,
    ) -> Result<Self, serde_json::Error> {
        let mut merged = serde_json::to_value(self)?;
        let defaults = serde_json::to_value(Self::default())?;
        for (field, value) in patch {
            merged[&field] = if value.is_null() {
                defaults[&field].clone()
            } else {
                value
            };
        }
        serde_json::from_value(merged)
    }

    pub(crate) fn grace(&self) -> TimeDelta {
        TimeDelta::seconds(self.grace_seconds.into())
    }

    /// The canned answer for this request, counted down.
    pub(crate) fn take_answer(&mut self) -> Option<CannedAnswer> {
        let answer = self.answer.as_mut()?;
        let taken = answer.clone();
        if let Some(count) = answer.count.as_mut() {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.answer = None;
            }
        }
        Some(taken).filter(|taken| taken.count != Some(0))
    }
}

/// What a second use of a refresh token does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// It is refused and every token of its family dies (RFC 9700 §4.14.2).
    Strict,
    /// It is answered like the first.
    ReuseAllowed,
}

/// An answer given in place of the true one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedAnswer {
    /// HTTP status; 503 unless told.
    #[serde(default = "service_unavailable")]
    pub status: u16,
    /// An OAuth error, worded as the dialect does. Not used when there is a `body`.
    #[serde(default)]
    pub error: Option<String>,
    /// The body: a JSON string is sent as text (HTML when it starts with `<`), anything else as JSON.
    #[serde(default)]
    pub body: Option<Value>,
    /// Headers, for example `Retry-After`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How many requests get it; all of them when absent.
    #[serde(default)]
    pub count: Option<u32>,
    /// Whether the request is processed before: its code or refresh token is spent and the answer lost.
    #[serde(default)]
    pub after_processing: bool,
}

impl Default for CannedAnswer {
    fn default() -> Self {
        Self {
            status: service_unavailable(),
            error: None,
            body: None,
            headers: BTreeMap::new(),
            count: None,
            after_processing: false,
        }
    }
}

fn service_unavailable() -> u16 {
    503
}

/// How often something happens: `true`, `false` or the number of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Times {
    /// For every request, or for none.
    Always(bool),
    /// For the next this many requests.
    Next(u32),
}

impl Times {
    /// Whether it happens now, counted down.
    pub(crate) fn take(&mut self) -> bool {
        match self {
            Self::Always(always) => *always,
            Self::Next(0) => false,
            Self::Next(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// How `expires_in` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiresInForm {
    /// As the dialect does: a string from the legacy one, a number from the others.
    Dialect,
    /// `"3600"`
    String,
    /// `3600`
    Number,
    /// `3600.5`
    Float,
    /// `null`
    Null,
    /// Not at all.
    Missing,
    /// `0`
    Zero,
    /// `-1`
    Negative,
    /// `1000000000000`
    Huge,
}

impl ExpiresInForm {
    /// The JSON value for a lifetime, or nothing when the field is left out.
    pub(crate) fn write(self, seconds: u32, as_string: bool) -> Option<Value> {
        match self {
            Self::Dialect if as_string => Some(seconds.to_string().into()),
            Self::String => Some(seconds.to_string().into()),
            Self::Dialect | Self::Number => Some(seconds.into()),
            Self::Float => Some((f64::from(seconds) + 0.5).into()),
            Self::Null => Some(Value::Null),
            Self::Missing => None,
            Self::Zero => Some(0.into()),
            Self::Negative => Some((-1).into()),
            Self::Huge => Some(1_000_000_000_000_u64.into()),
        }
    }
}

/// How the legacy dialect spells the keys of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCasing {
    /// `error`, `error_description`
    Lower,
    /// `Error`, `ErrorDescription`
    Pascal,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(behaviour: &Behaviour, patch: &Value) -> Result<Behaviour, serde_json::Error> {
        behaviour.patched(patch.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_brings_the_default_back() {
        let changed = patch(
            &Behaviour::default(),
            &json!({"rotation": "strict", "grace_seconds": 60}),
        )
        .unwrap();
        assert_eq!(
            changed,
            Behaviour {
                rotation: Some(Rotation::Strict),
                grace_seconds: 60,
                ..Behaviour::default()
            }
        );
        let back = patch(&changed, &json!({"rotation": null})).unwrap();
        assert_eq!(
            back,
            Behaviour {
                grace_seconds: 60,
                ..Behaviour::default()
            }
        );
        assert!(
            patch(&back, &json!({"grace": 60})).is_err(),
            "a misspelt switch is refused"
        );
    }

    #[test]
    fn counted_answers_and_drops_end() {
        let mut behaviour = Behaviour {
            answer: Some(CannedAnswer {
                count: Some(2),
                ..CannedAnswer::default()
            }),
            ..Behaviour::default()
        };
        assert!(behaviour.take_answer().is_some());
        assert!(behaviour.take_answer().is_some());
        assert!(behaviour.take_answer().is_none());

        let mut times = Times::Next(1);
        assert!(times.take());
        assert!(!times.take());
        assert!(Times::Always(true).take());
    }
}
