//! What happens at the server, told to the page while somebody looks at it.
//!
//! One connection per tab (`GET /ui/events`), and only while the tab is visible: browsers allow a
//! site six connections over HTTP/1.1, which forgotten tabs would use up. Messages say what to read
//! again; [`use_live`] does that for a page, not too soon and not too often.

use leptos::prelude::*;
use model::health::LiveChange;
use std::{sync::Arc, time::Duration};

#[cfg(target_arch = "wasm32")]
mod stream;

/// What happens together is read together.
const REST: f64 = 300.0;
/// Shortest time between two readings of the same thing.
const PACE: Duration = Duration::from_secs(1);

/// Hears of changes.
type Listener = Arc<dyn Fn(&[LiveChange]) + Send + Sync>;

/// The page's connection. In context around the pages of signed-in people.
#[derive(Clone, Copy)]
struct Live {
    listeners: StoredValue<Vec<(u64, Listener)>>,
    next: StoredValue<u64>,
}

impl Live {
    /// Hands changes to whoever listens.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        expect(dead_code, reason = "only browsers are told")
    )]
    fn tell(self, changes: &[LiveChange]) {
        // A listener may add or remove others.
        let listeners = self.listeners.try_get_value().unwrap_or_default();
        for (_, listener) in listeners {
            listener(changes);
        }
    }

    fn listen(self, listener: Listener) {
        let number = self.next.get_value();
        self.next.set_value(number + 1);
        self.listeners
            .update_value(|listeners| listeners.push((number, listener)));
        on_cleanup(move || {
            self.listeners
                .try_update_value(|listeners| listeners.retain(|(other, _)| *other != number));
        });
    }
}

/// Connects once the page is interactive. Once, around the pages of signed-in people.
pub fn provide_live() {
    let live = Live {
        listeners: StoredValue::new(Vec::new()),
        next: StoredValue::new(0),
    };
    provide_context(live);
    #[cfg(target_arch = "wasm32")]
    stream::keep_open(live);
}

/// Runs `read` a moment after something happened that `concerns` the caller, and after a time in
/// which it may have missed something; at most once a second. For as long as the caller is shown.
pub fn use_live(
    concerns: impl Fn(LiveChange) -> bool + Send + Sync + 'static,
    read: impl Fn() + Send + Sync + 'static,
) {
    use_live_at(PACE, concerns, read);
}

/// As [`use_live`], at most once in so much time: for what costs the server more.
pub fn use_live_at(
    pace: Duration,
    concerns: impl Fn(LiveChange) -> bool + Send + Sync + 'static,
    read: impl Fn() + Send + Sync + 'static,
) {
    let Some(live) = use_context::<Live>() else {
        return;
    };
    // Milliseconds of the browser's clock; when it was read last, and whether it will be.
    let last = StoredValue::new(0.0);
    let waiting = StoredValue::new(false);
    let read = Arc::new(read);
    live.listen(Arc::new(move |changes| {
        let concerned = changes
            .iter()
            .any(|&change| change == LiveChange::Resync || concerns(change));
        // Its page may be gone by now.
        if !concerned || waiting.try_get_value() != Some(false) {
            return;
        }
        waiting.set_value(true);
        let wait = pause(js_sys::Date::now() - last.get_value(), pace);
        let read = read.clone();
        set_timeout(
            move || {
                if waiting.try_get_value().is_some() {
                    waiting.set_value(false);
                    last.set_value(js_sys::Date::now());
                    read();
                }
            },
            wait,
        );
    }));
}

/// How long to wait, so many milliseconds after the last time.
fn pause(since_last: f64, pace: Duration) -> Duration {
    let left = pace.as_secs_f64().mul_add(1000.0, -since_last);
    // A clock that was set back must not put it off for ever.
    let millis = left.clamp(REST, pace.as_secs_f64().mul_add(1000.0, REST));
    Duration::from_secs_f64(millis / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::{PACE, pause};
    use std::time::Duration;

    #[test]
    fn readings_are_soon_and_not_too_often() {
        assert_eq!(pause(60_000.0, PACE), Duration::from_millis(300));
        assert_eq!(pause(900.0, PACE), Duration::from_millis(300));
        assert_eq!(pause(200.0, PACE), Duration::from_millis(800));
        let back = pause(-3_600_000.0, PACE);
        assert!(back <= Duration::from_millis(1_300), "{back:?}");
    }
}
