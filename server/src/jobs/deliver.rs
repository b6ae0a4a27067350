//! Sends notifications to their channels: at once when something was told, and every few seconds
//! what is to be tried again.

use crate::shutdown::Shutdown;
use broker::Broker;
use std::{future::ready, sync::Arc, time::Duration};
use storage::{Change, Storage};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{MissedTickBehavior, interval},
};

const EVERY: Duration = Duration::from_secs(5);

/// Delivers until shutdown; what is being sent then is finished first. A failure is logged, and
/// tried again the next time.
pub async fn run(broker: Broker, storage: Arc<dyn Storage>, shutdown: Shutdown) {
    let mut changes = storage.changes();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut more = false;
    loop {
        tokio::select! {
            biased;
            () = shutdown.requested() => return,
            () = ready(()), if more => {}
            _ = ticks.tick() => {}
            change = changes.recv() => match change {
                Ok(Change::Notified(_)) | Err(RecvError::Lagged(_)) => {}
                Ok(_) => continue,
                // The database is closed: there is nothing to wait for but the end.
                Err(RecvError::Closed) => return,
            },
        }
        more = match broker.deliver_due().await {
            Ok(sent) => sent > 0,
            Err(error) => {
                tracing::warn!(%error, "notifications could not be delivered");
                false
            }
        };
    }
}
