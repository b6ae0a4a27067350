//! The same as a table: for screen readers, and for who wants to know exactly.

use super::timeline::told;
use crate::text;
use leptos::prelude::*;
use model::health::{Health, HealthDay, HealthEvent};

/// Days and events, folded away.
#[component]
pub(super) fn Tables(health: Memo<Health>) -> impl IntoView {
    let days = Memo::new(move |_| health.read().days.clone());
    let events = Memo::new(move |_| health.read().events.clone());
    view! {
        <details class="health__tables">
            <summary>"As a table"</summary>
            <div class="health__scroll" role="region" aria-label="What happened" tabindex="0">
                {move || view! { <Events events=events.get() /> }}
            </div>
            <div class="health__scroll" role="region" aria-label="Refreshes by day" tabindex="0">
                {move || view! { <DaysTable days=days.get() /> }}
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn DaysTable(days: Vec<HealthDay>) -> impl IntoView {
    view! {
        <table class="table table--tight">
            <caption>"Refreshes by day (UTC)"</caption>
            <thead>
                <tr>
                    <th scope="col">"Day"</th>
                    <th scope="col">"Refreshed"</th>
                    <th scope="col">"Failed"</th>
                </tr>
            </thead>
            <tbody>
                {days
                    .into_iter()
                    .rev()
                    .map(|day| {
                        view! {
                            <tr>
                                <th scope="row">{day.day.to_string()}</th>
                                <td>{day.refreshed}</td>
                                <td>{day.failed}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Events(events: Vec<HealthEvent>) -> impl IntoView {
    if events.is_empty() {
        return view! { <p class="muted">"Nothing but refreshes happened in the last 30 days."</p> }
            .into_any();
    }
    view! {
        <table class="table table--tight">
            <caption>"What happened, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Correlation id"</th>
                </tr>
            </thead>
            <tbody>
                {events
                    .into_iter()
                    .map(|event| {
                        let what = told(&event);
                        let error = event.error;
                        let message = error
                            .as_ref()
                            .map(|error| error.message.clone())
                            .filter(|message| !message.is_empty());
                        view! {
                            <tr>
                                <th scope="row">
                                    <time datetime=event.at.to_rfc3339()>{text::utc(event.at)}</time>
                                </th>
                                <td>
                                    {what}
                                    {message
                                        .map(|message| {
                                            view! { <span class="health__message">{message}</span> }
                                        })}
                                </td>
                                <td class="table__code">
                                    {error
                                        .and_then(|error| error.correlation_id)
                                        .map(|id| view! { <code>{id}</code> })}
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}
