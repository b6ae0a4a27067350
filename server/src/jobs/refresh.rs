//! Keeps tokens fresh, as long as the server runs.

use crate::shutdown::Shutdown;
use broker::Broker;
use std::path::PathBuf;

/// Refreshes what is due until shutdown. Where the journal cannot be opened that is logged, readiness
/// tells, and it is tried again.
pub async fn run(broker: Broker, journals: PathBuf, shutdown: Shutdown) {
    if let Err(error) = broker.start_refreshing(journals).await {
        tracing::error!(%error, "refreshing cannot begin yet");
    }
    broker.keep_fresh(shutdown.requested()).await;
}
