//! What was sent lately, and what waits to be.

use crate::{
    api::notifications as api,
    components::{Button, Icon, IconName, RelativeTime, use_toasts},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    authorization::Page,
    notification::{Delivery, DeliveryState},
};

/// The deliveries, newest first; nothing as long as there are none.
#[component]
pub(super) fn DeliveryLog(
    /// The first page.
    first: Page<Delivery>,
) -> impl IntoView {
    if first.items.is_empty() {
        return ().into_any();
    }
    let entries = RwSignal::new(first.items);
    let next = RwSignal::new(first.next);
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
                        each=move || entries.get()
                        key=|entry| (entry.id, entry.attempts, entry.state)
                        let:entry
                    >
                        <Row entry=entry />
                    </For>
                </tbody>
            </table>
            <More entries=entries next=next />
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
                                    "Tried again " <RelativeTime at=at />
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

#[component]
fn More(entries: RwSignal<Vec<Delivery>>, next: RwSignal<Option<String>>) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let load = move |()| {
        let cursor = next.get_untracked();
        busy.set(true);
        spawn_local(async move {
            let loaded = api::deliveries(cursor).await;
            // News may have replaced the list meanwhile.
            if busy.try_set(false).is_some() {
                return;
            }
            match loaded {
                Ok(page) => {
                    next.set(page.next);
                    entries.update(|entries| entries.extend(page.items));
                }
                Err(error) => toasts.error("More could not be loaded", &error),
            }
        });
    };
    view! {
        <Show when=move || next.read().is_some()>
            <div class="list-more">
                <Button busy=busy on_press=load>
                    "Load more"
                </Button>
            </div>
        </Show>
    }
    .into_any()
}
