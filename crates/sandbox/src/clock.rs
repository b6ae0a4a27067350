//! The time is a parameter: tests move it, the binary reads the system's.

use chrono::{DateTime, Utc};

/// Says what time it is. Any `Fn() -> DateTime<Utc>` is one.
pub trait Clock: Send + Sync {
    /// The present, in UTC.
    fn now(&self) -> DateTime<Utc>;
}

impl<F> Clock for F
where
    F: Fn() -> DateTime<Utc> + Send + Sync,
{
    fn now(&self) -> DateTime<Utc> {
        self()
    }
}
