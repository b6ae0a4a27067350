//! Ending in order: no new connections, requests under way finish, then the process ends.

use std::{future::Future, io, time::Duration};
use tokio::sync::watch;

/// How long requests under way are waited for. Below the 30 s after which container platforms kill.
pub const DRAIN: Duration = Duration::from_secs(25);

/// Tells everything that runs when to stop. Clones hear the same.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// Asks everything to stop; so does dropping it.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

impl Trigger {
    /// Stop now.
    pub fn fire(&self) {
        self.0.send_replace(true);
    }
}

/// A pair that belongs together.
pub fn channel() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Shutdown(receiver))
}

impl Shutdown {
    /// Waits until it is time to stop.
    pub fn requested(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut receiver = self.0.clone();
        async move {
            // An error means that the trigger is gone, which is a request to stop as well.
            drop(receiver.wait_for(|stop| *stop).await);
        }
    }
}

/// Waits for Ctrl-C or, on Unix, SIGTERM.
pub async fn signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
