//! What is done when somebody sets the system's clock while the server runs (R12).
//!
//! What ends at a moment ends by the monotonic clock already ([`crate::runtime`]). What was put off
//! until a moment is here: a clock that is set back would make every pause longer, one that is set
//! forward would make leases of others seem to be over.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::attempt::COMMIT_BUDGET;
use crate::{Broker, error::Fault};

/// Two clocks that differ by more than this do so because one was set.
pub(super) const CLOCK_WAS_SET: TimeDelta = TimeDelta::seconds(1);

/// Compares the system's clock with the one that nobody sets.
#[derive(Default)]
pub(crate) struct ClockWatch(Mutex<Option<Seen>>);

#[derive(Clone, Copy)]
struct Seen {
    now: DateTime<Utc>,
    passed: Duration,
    /// When it was last set forward, by the monotonic clock.
    forward: Option<Duration>,
}

impl ClockWatch {
    /// By how much the clock was set since this was last asked; nothing when it was not.
    fn step(&self, now: DateTime<Utc>, passed: Duration) -> TimeDelta {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let step = seen.map_or(TimeDelta::zero(), |seen| seen.step(now, passed));
        let forward = seen.and_then(|seen| seen.forward);
        *seen = Some(Seen {
            now,
            passed,
            forward: if step > TimeDelta::zero() {
                Some(passed)
            } else {
                forward
            },
        });
        step
    }

    /// Whether it was set forward in the last `within`.
    fn was_set_forward(&self, now: DateTime<Utc>, passed: Duration, within: Duration) -> bool {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.is_some_and(|seen| {
            seen.step(now, passed) > TimeDelta::zero()
                || seen.forward.is_some_and(|at| passed < at + within)
        })
    }
}

impl Seen {
    fn step(&self, now: DateTime<Utc>, passed: Duration) -> TimeDelta {
        let went = TimeDelta::from_std(passed.saturating_sub(self.passed));
        let step = now - self.now - went.unwrap_or(TimeDelta::zero());
        if step.abs() > CLOCK_WAS_SET {
            step
        } else {
            TimeDelta::zero()
        }
    }
}

impl Broker {
    /// Brings what was put off forward by as much as the clock was set back.
    pub(super) async fn follow_clock(&self) -> Result<(), Fault> {
        let clock = &self.refreshing().clock;
        let step = clock.step(self.now(), self.monotonic());
        if step == TimeDelta::zero() {
            return Ok(());
        }
        tracing::warn!(seconds = step.num_seconds(), "the system's clock was set");
        if step > TimeDelta::zero() {
            return Ok(());
        }
        self.refreshing().gates.bring_forward(-step);
        self.run_time().forget_pauses();
        let mut tx = self.write().await?;
        tx.grants().bring_forward(-step).await?;
        Ok(tx.save().await?)
    }

    /// Whether a lease that seems to be over may be so only because the clock was set forward.
    pub(super) fn leases_are_doubtful(&self) -> bool {
        let longest = self.deadline() + COMMIT_BUDGET;
        self.refreshing().clock.was_set_forward(
            self.now(),
            self.monotonic(),
            longest.to_std().unwrap_or_default(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_once_and_drift_is_none() {
        let watch = ClockWatch::default();
        let at = |seconds: i64, passed: u64| {
            let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
            (now, Duration::from_secs(passed))
        };
        let step = |(now, passed)| watch.step(now, passed).num_seconds();
        let doubtful = |(now, passed)| watch.was_set_forward(now, passed, Duration::from_secs(40));
        assert_eq!(step(at(1000, 5)), 0);
        assert_eq!(step(at(1010, 15)), 0);
        assert_eq!(step(at(1021, 25)), 0);
        assert_eq!(step(at(430, 34)), -600);
        assert_eq!(step(at(430, 34)), 0);
        assert!(!doubtful(at(430, 34)));
        assert!(doubtful(at(1030, 34)), "before it was looked at");
        assert_eq!(step(at(1030, 34)), 600);
        assert!(doubtful(at(1069, 73)));
        assert!(!doubtful(at(1070, 74)));
    }
}
