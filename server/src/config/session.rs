//! How long a sign-in lasts (S34).

use super::ConfigError;
use chrono::TimeDelta;
use serde::Deserialize;

/// `[session]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionSection {
    /// A session nobody uses ends after this many minutes.
    pub idle_minutes: u32,
    /// Every session ends after this many hours.
    pub lifetime_hours: u32,
}

impl Default for SessionSection {
    fn default() -> Self {
        Self {
            idle_minutes: 8 * 60,
            lifetime_hours: 7 * 24,
        }
    }
}

impl SessionSection {
    pub(super) fn validate(self) -> Result<(), ConfigError> {
        if self.idle_minutes == 0 || self.lifetime_hours == 0 {
            return Err(ConfigError::invalid(
                "session",
                "idle_minutes and lifetime_hours must be 1 or more",
            ));
        }
        Ok(())
    }

    /// How long a session may be idle.
    pub fn idle(self) -> TimeDelta {
        TimeDelta::minutes(self.idle_minutes.into())
    }

    /// How long a session lasts at most.
    pub fn lifetime(self) -> TimeDelta {
        TimeDelta::hours(self.lifetime_hours.into())
    }
}
