//! A time: absolute as served, with how far away it is once the page is interactive.

use super::use_now;
use crate::text;
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// As [`RelativeTime`], of something that is to happen: `in 5 minutes`, and `now` once its time has come.
#[component]
pub fn DueTime(
    /// The time.
    at: DateTime<Utc>,
) -> impl IntoView {
    let now = use_now();
    let absolute = text::utc(at);
    let words = {
        let absolute = absolute.clone();
        move || match now.get() {
            Some(now) if at <= now => "now".to_owned(),
            Some(now) => format!("in {}", text::duration(at - now)),
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
