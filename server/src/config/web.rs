//! Proxies in front, and rate limits (S36).

use super::ConfigError;
use ipnet::IpNet;
use serde::Deserialize;
use std::num::NonZeroU32;

/// `[web]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebSection {
    /// Proxies whose `X-Forwarded-For` is believed: addresses or networks. Nobody's by default.
    pub trusted_proxies: Vec<String>,
    /// Requests a second that one API key may make; twice as many at once.
    pub api_requests_per_second: u32,
    /// Sign-ins at providers that one address may begin or end in a minute.
    pub consents_per_minute: u32,
}

impl Default for WebSection {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            api_requests_per_second: 500,
            consents_per_minute: 60,
        }
    }
}

impl WebSection {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.proxies()?;
        self.api_rate()?;
        self.consent_rate().map(drop)
    }

    /// The parsed networks.
    pub fn proxies(&self) -> Result<Vec<IpNet>, ConfigError> {
        self.trusted_proxies
            .iter()
            .map(|text| {
                text.parse::<IpNet>()
                    .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
                    .map_err(|_| {
                        ConfigError::invalid(
                            "web.trusted_proxies",
                            format!("{text:?} is neither an address nor a network"),
                        )
                    })
            })
            .collect()
    }

    /// Requests a second for one API key.
    pub fn api_rate(&self) -> Result<NonZeroU32, ConfigError> {
        positive("web.api_requests_per_second", self.api_requests_per_second)
    }

    /// Sign-ins at providers a minute for one address.
    pub fn consent_rate(&self) -> Result<NonZeroU32, ConfigError> {
        positive("web.consents_per_minute", self.consents_per_minute)
    }
}

fn positive(key: &str, value: u32) -> Result<NonZeroU32, ConfigError> {
    NonZeroU32::new(value).ok_or_else(|| ConfigError::invalid(key, "must be 1 or more"))
}
