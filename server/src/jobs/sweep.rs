//! Forgets what has ended: sessions, flows, links, drafts, callers.

use crate::{shutdown::Shutdown, state::AppState};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_mins(1);

/// Sweeps once a minute until shutdown. A failure is logged and tried again the next time.
pub async fn run(state: AppState, shutdown: Shutdown) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            _ = ticks.tick() => {
                if let Err(error) = state.broker.sweep().await {
                    tracing::warn!(%error, "the sweep failed");
                }
                state.limits.sweep();
            }
        }
    }
}
