//! How the stored consent has been doing: the last 30 days, what comes next, what went wrong.
//!
//! Below the form, so that it is not in the way of it; the status bar leads here.

mod chart;
mod tables;
mod timeline;

use super::{refresh_now::RefreshNow, state::EditorState};
use crate::{
    api,
    components::{CopyButton, DueTime, Icon, IconName, RelativeTime, use_now},
    live::use_live,
    text,
};
use chart::Chart;
use chrono::{DateTime, Utc};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;
use model::{
    authorization::ProviderErrorInfo,
    health::{Health, LiveChange},
    status::StatusLabel,
};
use std::time::Duration;
use tables::Tables;

/// By then the router has scrolled a new page to its top.
const ROUTED: Duration = Duration::from_millis(100);

/// The section. Nothing as long as the authorization is not saved.
#[component]
pub fn HealthSection() -> impl IntoView {
    let state = EditorState::expect();
    let health = state.health;
    let id = state.id;
    use_live(
        move |change| {
            matches!(change, LiveChange::Configuration) || change == LiveChange::Authorization(id)
        },
        move || {
            spawn_local(async move {
                // What cannot be read stays as it is; the next change tries again.
                if let Ok(read) = api::health::of_authorization(id).await {
                    let _ = health.try_set(read);
                }
            });
        },
    );
    let known = Memo::new(move |_| health.read().is_some());
    // The address may name this section, and the router looked for it before it was there.
    let section = NodeRef::<html::Section>::new();
    let hash = use_location().hash;
    Effect::new(move |_| {
        if section.get().is_some() && hash.get() == "#health" {
            set_timeout(
                move || {
                    if let Some(section) = section.try_get_untracked().flatten() {
                        section.scroll_into_view();
                    }
                },
                ROUTED,
            );
        }
    });
    view! {
        <Show when=move || known.get()>
            <section node_ref=section class="health" id="health" aria-labelledby="health-title">
                <h2 class="health__title" id="health-title">
                    "Health"
                    <span class="health__days">"last 30 days"</span>
                </h2>
                <Content health=health />
            </section>
        </Show>
    }
}

#[component]
fn Content(health: RwSignal<Option<Health>>) -> impl IntoView {
    let Some(first) = health.get_untracked() else {
        return ().into_any();
    };
    let health = Memo::new(move |before: Option<&Health>| {
        health
            .get()
            .or_else(|| before.cloned())
            .unwrap_or_else(|| first.clone())
    });
    let error = Memo::new(move |_| health.read().last_error.clone());
    view! {
        <Facts health=health />
        {move || error.get().map(|error| view! { <LastError health=health error=error /> })}
        <Chart health=health />
        <Tables health=health />
    }
    .into_any()
}

/// `Next refresh in 12 minutes · last refreshed 20 minutes ago · token expires in 33 minutes`.
#[component]
fn Facts(health: Memo<Health>) -> impl IntoView {
    let now = use_now();
    // Expired or due at the moment the page learns the time: that is a past, in words.
    let token = move |at: DateTime<Utc>| match now.get() {
        Some(now) if at <= now => "Token expired ",
        _ => "Token expires ",
    };
    let next = Memo::new(move |_| health.read().next_refresh_at);
    let last = Memo::new(move |_| health.read().refreshed_at);
    let ends = Memo::new(move |_| health.read().expires_at);
    let refreshable = move || health.read().state.label() == StatusLabel::Authorized;
    let action = Memo::new(move |_| health.read().next_action.clone());
    view! {
        <ul class="health__facts">
            <li>
                {move || match next.get() {
                    Some(at) => view! { "Next refresh " <DueTime at=at /> }.into_any(),
                    None if refreshable() => "No refresh is planned".into_any(),
                    None => "Not refreshed any more".into_any(),
                }}
                <RefreshNow />
            </li>
            <li>
                {move || match last.get() {
                    Some(at) => view! { "Last refreshed " <RelativeTime at=at /> }.into_any(),
                    None => "Not refreshed yet".into_any(),
                }}
            </li>
            {move || {
                ends.get()
                    .map(|at| view! { <li>{move || token(at)} <RelativeTime at=at /></li> })
            }}
        </ul>
        {move || {
            let action = action.get();
            (!action.is_empty())
                .then(|| {
                    view! {
                        <p class="health__action">
                            <strong>"What to do: "</strong>
                            {action}
                        </p>
                    }
                })
        }}
    }
    .into_any()
}

/// What the provider said when it refused, and how long that has been going on.
#[component]
fn LastError(health: Memo<Health>, error: ProviderErrorInfo) -> impl IntoView {
    let now = use_now();
    let failing = move || {
        let health = health.read();
        // Over is over, however long it had been failing.
        let trying = health.state.label() == StatusLabel::Authorized;
        let since = health.failing_since.filter(|_| trying)?;
        let attempts = text::count(health.attempts as usize, "attempt");
        Some(match now.get() {
            Some(now) => format!("Failing for {}, {attempts}. ", text::duration(now - since)),
            None => format!("Failing since {}, {attempts}. ", text::utc(since)),
        })
    };
    view! {
        <div class="health__error">
            <p>
                <Icon name=IconName::Warning />
                <span>
                    {failing}
                    "Last error: "
                    <code>{error.code}</code>
                    ", "
                    <RelativeTime at=error.at />
                    "."
                </span>
            </p>
            {(!error.message.is_empty()).then(|| view! { <p>{error.message}</p> })}
            {error
                .correlation_id
                .map(|id| {
                    view! {
                        <p class="health__correlation">
                            "Correlation id "
                            <code>{id.clone()}</code>
                            <CopyButton text=id what="correlation id" />
                        </p>
                    }
                })}
        </div>
    }
    .into_any()
}
