//! The browser's time, known only after the page became interactive, so that server and browser
//! render the same.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;
use std::time::Duration;

/// How often relative times are put anew.
const TICK: Duration = Duration::from_secs(30);

#[derive(Clone, Copy)]
struct Clock(RwSignal<Option<DateTime<Utc>>>);

/// Starts the page's clock. Once, in the application.
pub fn provide_clock() {
    let now = RwSignal::new(None);
    provide_context(Clock(now));
    Effect::new(move |_| {
        now.set(browser_time());
        let ticking = set_interval_with_handle(move || now.set(browser_time()), TICK);
        if let Ok(ticking) = ticking {
            on_cleanup(move || ticking.clear());
        }
    });
}

/// The time, to half a minute; `None` on the server and until hydration is over.
pub fn use_now() -> Signal<Option<DateTime<Utc>>> {
    expect_context::<Clock>().0.into()
}

/// The day (UTC); `None` on the server and until hydration is over.
pub fn use_today() -> Signal<Option<NaiveDate>> {
    let now = use_now();
    Memo::new(move |_| now.get().map(|now| now.date_naive())).into()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit 2^53"
)]
fn browser_time() -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(js_sys::Date::now() as i64)
}
