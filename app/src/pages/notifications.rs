//! `/notifications`: what people were told, newest first.

use crate::{
    api::notifications as api,
    components::{
        Button, ButtonLink, EmptyState, Failure, Icon, IconName, PageHeader, RelativeTime,
        Skeleton, Tone, use_toasts,
    },
    layout::use_unread,
    links,
    live::use_live,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    health::LiveChange,
    notification::{Notification, NotificationPage, NotificationSeverity},
};

/// The notification centre.
#[component]
pub fn Notifications() -> impl IntoView {
    let first = Resource::new(|| (), |()| api::list(None));
    let refetch = Callback::new(move |()| first.refetch());
    use_live(
        |change| change == LiveChange::Notified,
        move || first.refetch(),
    );
    view! {
        <PageHeader
            title="Notifications"
            text="What happened, and what to do about it."
        >
            <ButtonLink href="/settings#notifications">"E-mail and webhooks"</ButtonLink>
            <MarkAll first=first />
        </PageHeader>
        <Transition fallback=|| view! { <Skeleton rows=4 /> }>
            {move || {
                first
                    .get()
                    .map(|page| match page {
                        Ok(page) => view! { <List page=page /> }.into_any(),
                        Err(error) => view! { <Failure error=error on_retry=refetch /> }.into_any(),
                    })
            }}
        </Transition>
    }
    .into_any()
}

type First = Resource<Result<NotificationPage, crate::api::UiError>>;

/// Marks what is on the page, and all that is older; not what has come since.
#[component]
fn MarkAll(first: First) -> impl IntoView {
    let toasts = use_toasts();
    let unread = use_unread();
    let busy = RwSignal::new(false);
    let newest = move || {
        let page = first.get()?.ok()?;
        (page.unread > 0).then(|| page.items.first().map(|one| one.id))?
    };
    let mark = move |()| {
        let Some(id) = untrack(newest) else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let marked = api::mark_read(id).await;
            let _ = busy.try_set(false);
            match marked {
                Ok(()) => {
                    unread.refetch();
                    first.refetch();
                }
                Err(error) => toasts.error("They were not marked as read", &error),
            }
        });
    };
    view! {
        <Transition>
            <Button
                busy=busy
                disabled=Signal::derive(move || newest().is_none())
                on_press=mark
            >
                <Icon name=IconName::Check />
                "Mark all as read"
            </Button>
        </Transition>
    }
    .into_any()
}

#[component]
fn List(page: NotificationPage) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::Bell
                title="Nothing to tell"
                text="When an account is disabled, a consent is withdrawn, a provider stops answering or a client secret is about to expire, it is told here: once, with the connectors that depend on it."
            />
        }
        .into_any();
    }
    let entries = RwSignal::new(page.items);
    let next = RwSignal::new(page.next);
    view! {
        <ol class="notifications">
            <For each=move || entries.get() key=|entry| (entry.id, entry.read) let:entry>
                <Entry entry=entry />
            </For>
        </ol>
        <More entries=entries next=next />
    }
    .into_any()
}

#[component]
fn Entry(entry: Notification) -> impl IntoView {
    let tone = tone(entry.severity);
    let class = format!("notification notification--{}", tone.name());
    let connectors = (!entry.connectors.is_empty()).then(|| entry.connectors.join(", "));
    let action = Some(entry.next_action).filter(|action| !action.is_empty());
    view! {
        <li class=class class:notification--unread=!entry.read>
            <Icon name=tone.icon() />
            <div class="notification__body">
                <h2 class="notification__title">
                    <span class="visually-hidden">{tone.word()} ": "</span>
                    {entry.title}
                </h2>
                <p class="notification__facts">
                    <RelativeTime at=entry.at />
                    {(!entry.read)
                        .then(|| view! { <span class="badge badge--accent">"Unread"</span> })}
                </p>
                <p>{entry.text}</p>
                {connectors
                    .map(|names| {
                        view! {
                            <p>
                                <span class="notification__label">
                                    "Connectors that depend on it: "
                                </span>
                                {names}
                            </p>
                        }
                    })}
                {action
                    .map(|action| {
                        view! {
                            <p>
                                <span class="notification__label">"What to do: "</span>
                                {action}
                            </p>
                        }
                    })}
                {entry
                    .authorization
                    .map(|authorization| {
                        view! {
                            <p>
                                <a href=links::editor(
                                    authorization.id,
                                    "settings",
                                )>"Open " {authorization.name}</a>
                            </p>
                        }
                    })}
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn More(entries: RwSignal<Vec<Notification>>, next: RwSignal<Option<String>>) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let load = move |()| {
        let cursor = next.get_untracked();
        busy.set(true);
        spawn_local(async move {
            let loaded = api::list(cursor).await;
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

const fn tone(severity: NotificationSeverity) -> Tone {
    match severity {
        NotificationSeverity::Info => Tone::Success,
        NotificationSeverity::Warning => Tone::Warning,
        NotificationSeverity::Error => Tone::Error,
    }
}
