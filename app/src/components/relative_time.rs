//! A time: absolute as served, with how far away it is once the page is interactive.

use super::use_now;
use crate::text;
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// `2026-11-24 05:30 UTC`, then `5 minutes ago` with the absolute time as its title.
#[component]
pub fn RelativeTime(
    /// The time.
    at: DateTime<Utc>,
) -> impl IntoView {
    let now = use_now();
    let absolute = text::utc(at);
    let words = {
        let absolute = absolute.clone();
        move || match now.get() {
            Some(now) => text::relative(at, now),
            None => absolute.clone(),
        }
    };
    view! {
        <time datetime=at.to_rfc3339() title=absolute>
            {words}
        </time>
    }
    .into_any()
}
