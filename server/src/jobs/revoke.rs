//! Tells providers that consents are over (S16).

use crate::shutdown::Shutdown;
use broker::Broker;
use std::{sync::Arc, time::Duration};
use storage::{Change, Storage};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{MissedTickBehavior, interval},
};

const EVERY: Duration = Duration::from_secs(5);

/// Sends what is due, every few seconds and when a consent has ended, until shutdown. What is under
/// way then is finished first; what could not be sent waits in the database.
pub async fn run(broker: Broker, storage: Arc<dyn Storage>, shutdown: Shutdown) {
    let mut changes = storage.changes();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            _ = ticks.tick() => {}
            change = changes.recv() => match change {
                Ok(Change::Revocation(..)) | Err(RecvError::Lagged(_)) => {}
                Ok(_) => continue,
                // The database is closed: there is nothing to wait for but the end.
                Err(RecvError::Closed) => return,
            },
        }
        if let Err(error) = broker.deliver_revocations().await {
            tracing::warn!(%error, "revocations could not be delivered");
        }
    }
}
