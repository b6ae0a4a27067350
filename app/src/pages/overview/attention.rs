//! What needs attention, the most urgent first, each with its one next action.

use crate::{
    api::authorizations as api,
    components::{
        Button, ButtonLink, ButtonSize, Icon, IconName, RelativeTime, Toast, Toasts, Tone,
        use_toasts, use_today,
    },
    links, text,
};
use chrono::NaiveDate;
use leptos::{html, prelude::*, task::spawn_local};
use model::{
    AuthorizationId,
    health::{Attention, Overview, Urgency},
    status::Status,
};

/// The list, or that all is well.
#[component]
pub(super) fn NeedsAttention(facts: RwSignal<Overview>) -> impl IntoView {
    let entries = Memo::new(move |_| facts.read().attention.clone());
    let well = Memo::new(move |_| entries.read().is_empty());
    // What was refreshed leaves the list: whoever pressed by keyboard goes on from its title.
    let title = NodeRef::<html::H2>::new();
    let done = Callback::new(move |()| {
        if let Some(title) = title.try_get_untracked().flatten() {
            let _ = title.focus();
        }
    });
    view! {
        <section aria-labelledby="attention">
            <h2 class="overview__title" id="attention" tabindex="-1" node_ref=title>
                "Needs attention first"
            </h2>
            <Show
                when=move || !well.get()
                fallback=|| {
                    view! {
                        <p class="overview__well">
                            <Icon name=IconName::Check />
                            "All is well: every active authorization works."
                        </p>
                    }
                }
            >
                <ol class="attention">
                    <For
                        each=move || entries.get()
                        key=|one| one.authorization.id
                        let:one
                    >
                        <Entry entries=entries first=one on_refreshed=done />
                    </For>
                </ol>
            </Show>
        </section>
    }
    .into_any()
}

/// One entry. It is changed in place, so that what has the focus keeps it.
#[component]
fn Entry(
    entries: Memo<Vec<Attention>>,
    first: Attention,
    on_refreshed: Callback<()>,
) -> impl IntoView {
    let id = first.authorization.id;
    let one = Memo::new(move |before: Option<&Attention>| {
        entries
            .read()
            .iter()
            .find(|one| one.authorization.id == id)
            .cloned()
            // It is about to go.
            .or_else(|| before.cloned())
            .unwrap_or_else(|| first.clone())
    });
    let what = Memo::new(move |_| (one.read().what.clone(), one.read().secret_expires_on));
    let since = Memo::new(move |_| one.read().since);
    let action = Memo::new(move |_| action(one.read().state, one.read().secret_expires_on));
    let in_doubt = Memo::new(move |_| one.read().state.is_uncertain());
    let toasts = use_toasts();
    let refreshing = RwSignal::new(false);
    let pressed = StoredValue::new(false);
    let link = NodeRef::<html::A>::new();
    Effect::new(move |was: Option<bool>| {
        let is = in_doubt.get();
        // The button went, and its entry stays: whoever pressed by keyboard goes on from there.
        if was == Some(true)
            && !is
            && pressed.get_value()
            && let Some(link) = link.get_untracked()
        {
            let _ = link.focus();
        }
        is
    });
    let press = move |()| {
        pressed.set_value(true);
        refresh(id, refreshing, toasts, on_refreshed);
    };
    view! {
        <li class=move || format!("attention__entry attention__entry--{}", tone(one.read().urgency))>
            <span class="attention__icon">
                {move || view! { <Icon name=icon(one.read().urgency) /> }}
            </span>
            <div class="attention__words">
                <p class="attention__name">
                    <a href=links::health(id) node_ref=link>{move || one.get().authorization.name}</a>
                    {move || {
                        one.read()
                            .published
                            .then(|| view! { <span class="badge">"Published"</span> })
                    }}
                </p>
                <p>
                    {move || {
                        let (words, secret) = what.get();
                        match secret {
                            Some(on) => view! { <SecretEnds on=on /> }.into_any(),
                            None => words.into_any(),
                        }
                    }}
                    {move || {
                        since
                            .get()
                            .map(|at| {
                                view! {
                                    <span class="attention__since">
                                        " · since "
                                        <RelativeTime at=at />
                                    </span>
                                }
                            })
                    }}
                </p>
                <p class="attention__next">{move || one.get().next_action}</p>
            </div>
            {move || {
                let name = one.get_untracked().authorization.name;
                if in_doubt.get() {
                    return view! {
                        <Button
                            size=ButtonSize::Small
                            busy=refreshing
                            on_press=press
                        >
                            "Refresh"
                            <span class="visually-hidden">" " {name}</span>
                        </Button>
                    }
                        .into_any();
                }
                let words = action.get();
                view! {
                    <ButtonLink href=target(id, one.read_untracked().state) size=ButtonSize::Small>
                        {words}
                        <span class="visually-hidden">" " {name}</span>
                    </ButtonLink>
                }
                    .into_any()
            }}
        </li>
    }
    .into_any()
}

/// Tries the stored refresh token. What it brought comes with the next look at the overview.
fn refresh(id: AuthorizationId, busy: RwSignal<bool>, toasts: Toasts, on_refreshed: Callback<()>) {
    busy.set(true);
    spawn_local(async move {
        let result = api::refresh(id).await;
        // The entry may be gone by then.
        let _ = busy.try_set(false);
        match result {
            Ok(None) => {
                on_refreshed.try_run(());
                toasts.success("Refreshed.");
            }
            Ok(Some(why)) => {
                toasts.show(Toast::new(Tone::Error, "Not refreshed").with_text(why));
            }
            Err(error) => toasts.error("Not refreshed", &error),
        }
    });
}

#[component]
fn SecretEnds(on: NaiveDate) -> impl IntoView {
    let today = use_today();
    move || format!("The client secret {}", text::expiry(on, today.get()))
}

/// What the button leads to, in two words.
fn action(state: Status, secret: Option<NaiveDate>) -> &'static str {
    match state {
        _ if secret.is_some() => "Replace secret",
        Status::Never | Status::Consenting => "Authorize",
        Status::ReauthorizationNeeded(_) | Status::Cancelled(_) => "Re-authorize",
        Status::Misconfigured(_) => "Correct it",
        Status::RefreshFailing | Status::Healthy => "Look at it",
    }
}

/// Where that is done. Authorizing and the settings are on the first tab.
fn target(id: AuthorizationId, state: Status) -> String {
    match state {
        Status::RefreshFailing => links::health(id),
        _ => links::editor(id, "settings"),
    }
}

const fn tone(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Broken => "broken",
        Urgency::AtRisk => "at-risk",
        Urgency::Open => "open",
    }
}

const fn icon(urgency: Urgency) -> IconName {
    match urgency {
        Urgency::Broken => IconName::Error,
        Urgency::AtRisk => IconName::Warning,
        Urgency::Open => IconName::Circle,
    }
}
