//! How often something may be asked (S36). A bucket of its own for each kind of request, so that
//! one does not starve another; sign-in has its own in the broker.

use super::client_ip::ClientIp;
use crate::{
    config::{ConfigError, WebSection},
    http::{ApiError, failure},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use chrono::TimeDelta;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use model::{ApiKeyId, problem::Code};
use std::{hash::Hash, net::IpAddr};

/// The buckets.
pub struct RateLimits {
    /// REST requests, by API key.
    pub api: DefaultKeyedRateLimiter<ApiKeyId>,
    /// Beginning and ending consents, by address.
    pub consent: DefaultKeyedRateLimiter<IpAddr>,
}

impl RateLimits {
    /// Full buckets.
    pub fn new(section: &WebSection) -> Result<Self, ConfigError> {
        let api = section.api_rate()?;
        Ok(Self {
            api: RateLimiter::keyed(Quota::per_second(api).allow_burst(api.saturating_mul(TWO))),
            consent: RateLimiter::keyed(Quota::per_minute(section.consent_rate()?)),
        })
    }

    /// Forgets callers whose buckets are full again.
    pub fn sweep(&self) {
        self.api.retain_recent();
        self.consent.retain_recent();
    }
}

const TWO: std::num::NonZeroU32 = std::num::NonZeroU32::new(2).expect("2 is not 0");

/// Takes one from the caller's bucket.
pub fn check<K: Clone + Eq + Hash>(
    limiter: &DefaultKeyedRateLimiter<K>,
    caller: &K,
) -> Result<(), ApiError> {
    limiter.check_key(caller).map_err(|refused| {
        let wait = refused.wait_time_from(DefaultClock::default().now());
        let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
        ApiError::new(
            Code::RateLimited,
            "Slow down; `Retry-After` says for how long.",
        )
        .retry_after(wait)
    })
}

/// For routes that begin or end a consent.
pub async fn consent(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<ClientIp>().copied();
    match client.map_or(Ok(()), |ClientIp(address)| {
        check(&state.limits.consent, &address)
    }) {
        Ok(()) => next.run(request).await,
        Err(error) => failure(request.uri().path(), error),
    }
}
