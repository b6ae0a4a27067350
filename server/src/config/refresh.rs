//! How tokens are kept fresh.

use super::ConfigError;
use serde::Deserialize;
use std::{num::NonZeroU32, time::Duration};

/// `[refresh]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RefreshSection {
    /// Seconds that a provider may take for one token request. What is under way at a stop is
    /// waited for as long.
    pub request_timeout_seconds: u32,
    /// Token requests a second for each provider.
    pub requests_per_second: u32,
    /// Background refreshes of each provider under way at once.
    pub concurrent_requests: u32,
    /// Refreshes that fail for longer than this many minutes are announced.
    pub failing_after_minutes: u32,
}

impl Default for RefreshSection {
    fn default() -> Self {
        Self {
            request_timeout_seconds: 20,
            requests_per_second: 100,
            concurrent_requests: 32,
            failing_after_minutes: 15,
        }
    }
}

impl RefreshSection {
    pub(super) fn validate(self) -> Result<(), ConfigError> {
        if !(1..=24).contains(&self.request_timeout_seconds) {
            // A server that is stopped waits 25 s for what is under way.
            return Err(ConfigError::invalid(
                "refresh.request_timeout_seconds",
                "must be 1 to 24",
            ));
        }
        if self.concurrent_requests == 0 {
            return Err(ConfigError::invalid(
                "refresh.concurrent_requests",
                "must be 1 or more",
            ));
        }
        self.rate().map(drop)
    }

    /// How the broker refreshes.
    pub fn broker_config(self) -> Result<broker::refresh::Config, ConfigError> {
        Ok(broker::refresh::Config {
            limits: broker::refresh::Limits {
                requests_per_second: self.rate()?,
                concurrent_requests: self.concurrent_requests as usize,
            },
            request_timeout: Duration::from_secs(self.request_timeout_seconds.into()),
            stop_within: crate::shutdown::DRAIN,
        })
    }

    /// Since when refreshes must have been failing to be announced.
    pub fn failing_after(self) -> chrono::TimeDelta {
        chrono::TimeDelta::minutes(self.failing_after_minutes.into())
    }

    fn rate(self) -> Result<NonZeroU32, ConfigError> {
        NonZeroU32::new(self.requests_per_second)
            .ok_or_else(|| ConfigError::invalid("refresh.requests_per_second", "must be 1 or more"))
    }
}
