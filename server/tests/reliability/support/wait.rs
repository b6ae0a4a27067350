//! Waiting for something to become true, never for a time to pass.

use std::{fmt, time::Duration};
use tokio::time::Instant;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// When waiting ends.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// So long from now.
    pub fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    /// So many seconds from now.
    pub fn seconds(seconds: u64) -> Self {
        Self::after(Duration::from_secs(seconds))
    }

    /// Whether it is over.
    pub fn is_over(self) -> bool {
        Instant::now() >= self.0
    }
}

/// What did not come true.
#[derive(Debug)]
pub struct Late(String);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "waited in vain for {}", self.0)
    }
}

/// Looks until there is something.
pub async fn wait_for<T, F: Future<Output = Option<T>>>(
    what: &str,
    deadline: Deadline,
    mut look: impl FnMut() -> F,
) -> Result<T, Late> {
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if deadline.is_over() {
            return Err(Late(what.to_owned()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks until it is true; a test that waits in vain has failed.
pub async fn until<F: Future<Output = bool>>(
    what: &str,
    seconds: u64,
    mut look: impl FnMut() -> F,
) {
    let found = wait_for(what, Deadline::seconds(seconds), || {
        let look = look();
        async move { look.await.then_some(()) }
    });
    if let Err(late) = found.await {
        panic!("{late}");
    }
}
