//! Looks for what only time tells: refreshes that have been failing for long, every half minute, and
//! client secrets that expire soon, every hour.

use crate::shutdown::Shutdown;
use broker::Broker;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const FAILING_EVERY: Duration = Duration::from_secs(30);
const SECRETS_EVERY: Duration = Duration::from_hours(1);

/// Looks until shutdown. A failure is logged and tried again the next time.
pub async fn run(broker: Broker, shutdown: Shutdown) {
    let mut failing = interval(FAILING_EVERY);
    let mut secrets = interval(SECRETS_EVERY);
    failing.set_missed_tick_behavior(MissedTickBehavior::Delay);
    secrets.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let looked = tokio::select! {
            () = shutdown.requested() => return,
            _ = failing.tick() => broker.tell_failing().await,
            _ = secrets.tick() => broker.sweep_notifications().await,
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "looking for what to tell failed");
        }
    }
}
