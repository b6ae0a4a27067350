//! Limits on guessing (S23, S36): attempts to sign in, per address and per account.

use chrono::TimeDelta;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

/// Attempts to sign in.
pub(crate) struct Throttle {
    by_client: DefaultKeyedRateLimiter<IpAddr>,
    by_account: DefaultKeyedRateLimiter<String>,
}

impl Default for Throttle {
    fn default() -> Self {
        let burst = |attempts| NonZeroU32::new(attempts).expect("a burst is not zero");
        Self {
            // An office behind one address signs in together; one account does not sign in that often.
            by_client: RateLimiter::keyed(Quota::per_minute(burst(30))),
            by_account: RateLimiter::keyed(
                Quota::with_period(Duration::from_secs(20))
                    .expect("a period is not zero")
                    .allow_burst(burst(10)),
            ),
        }
    }
}

impl Throttle {
    /// Counts an attempt.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub(crate) fn attempt(&self, client: IpAddr, account: &str) -> Result<(), TimeDelta> {
        let now = DefaultClock::default().now();
        let wait = |not_until: governor::NotUntil<_>| {
            TimeDelta::from_std(not_until.wait_time_from(now)).unwrap_or(TimeDelta::MAX)
        };
        self.by_client.check_key(&client).map_err(wait)?;
        self.by_account
            .check_key(&account.to_lowercase())
            .map_err(wait)
    }

    /// Forgets those who have not tried for a while.
    pub(crate) fn sweep(&self) {
        self.by_client.retain_recent();
        self.by_account.retain_recent();
    }
}
