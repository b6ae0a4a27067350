//! Keeps the draft on the server a moment after somebody stopped typing.
//!
//! The effect only sets and clears a timer; what the timer does writes the signals.

use super::{actions::Actions, state::EditorState};
use leptos::prelude::*;
use model::problem::Code;
use std::time::Duration;

/// Rest after the last key.
const REST: Duration = Duration::from_millis(1500);
/// Longest wait between two attempts while the server cannot be reached.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Watches the form for the rest of the visit.
pub fn keep_edits(state: EditorState, actions: Actions) {
    Effect::new(move |failures_before: Option<u32>| {
        state.form.track();
        let (failures, offline) = state.failed_keep.with(|failed| {
            failed.as_ref().map_or((0, false), |failed| {
                (failed.count, failed.problem.code == Code::Offline)
            })
        });
        let wanted = state.unkept.get() && !state.keeping.get() && state.busy.get().is_none();
        // After a failure that is not the connection's, the next edit tries again, not the clock.
        let hopeless = !offline && failures_before.is_some_and(|before| failures > before);
        if wanted && !hopeless {
            let timer = set_timeout_with_handle(move || actions.keep(), pause(failures));
            if let Ok(timer) = timer {
                on_cleanup(move || timer.clear());
            }
        }
        failures
    });
}

/// Twice as long after every failure.
fn pause(failed: u32) -> Duration {
    REST.saturating_mul(1 << failed.min(8)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        assert_eq!(pause(0), REST);
        assert_eq!(pause(1), REST * 2);
        assert_eq!(pause(40), LONGEST_WAIT);
    }
}
