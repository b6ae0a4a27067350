//! What was sent lately, and what waits to be.

use super::PAGE;
use crate::{
    api::notifications as api,
    components::{DueTime, Icon, IconName, Listing, LoadMore, RelativeTime},
    text,
};
use leptos::prelude::*;
use model::notification::{Delivery, DeliveryState};

/// The deliveries, newest first; nothing as long as there are none.
#[component]
pub(super) fn DeliveryLog(
    /// Those that are shown.
    log: Listing<Delivery>,
) -> impl IntoView {
    let is_empty = Memo::new(move |_| log.is_empty());
    view! {
        <Show when=move || !is_empty.get()>
            <Table log=log />
        </Show>
    }
    .into_any()
}

#[component]
fn Table(log: Listing<Delivery>) -> impl IntoView {
    view! {
        <section class="deliveries" aria-labelledby="deliveries-title">
            <h3 class="deliveries__title" id="deliveries-title">
                "Sent lately"
            </h3>
            <table class="table table--cards" role="table" aria-labelledby="deliveries-title">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Message"</th>
                        <th role="columnheader" scope="col">"To"</th>
                        <th role="columnheader" scope="col">"State"</th>
                        <th role="columnheader" scope="col">"When"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For
                        each=move || log.rows.get()
                        key=|entry| (entry.id, entry.attempts, entry.state)
                        let:entry
                    >
                        <Row entry=entry />
                    </For>
                </tbody>
            </table>
            <LoadMore listing=log load=|cursor| api::deliveries(Some(cursor), PAGE) />
        </section>
    }
    .into_any()
}

#[component]
fn Row(entry: Delivery) -> impl IntoView {
    let (class, icon, state) = match entry.state {
        DeliveryState::Pending => ("badge", IconName::Clock, "Waiting"),
        DeliveryState::Delivered => ("badge badge--success", IconName::Check, "Arrived"),
        DeliveryState::Failed => ("badge badge--error", IconName::Error, "Given up"),
    };
    let attempts = (entry.attempts > 1)
        .then(|| format!("after {}", text::count(entry.attempts as usize, "attempt")));
    view! {
        <tr role="row">
            <td role="cell" class="table__name">
                {entry.title}
            </td>
            <td role="cell" data-label="To" class="table__code">
                {entry.target}
            </td>
            <td role="cell" data-label="State">
                <span>
                    <span class=class>
                        <Icon name=icon />
                        {state}
                    </span>
                    {attempts
                        .map(|attempts| view! { <span class="table__second muted">{attempts}</span> })}
                    {entry
                        .last_error
                        .map(|error| view! { <span class="table__second muted">{error}</span> })}
                    {entry
                        .next_attempt_at
                        .map(|at| {
                            view! {
                                <span class="table__second muted">
                                    "Will be tried again " <DueTime at=at />
                                </span>
                            }
                        })}
                </span>
            </td>
            <td role="cell" data-label="When" class="table__time">
                <RelativeTime at=entry.last_attempt_at.unwrap_or(entry.at) />
            </td>
        </tr>
    }
    .into_any()
}
