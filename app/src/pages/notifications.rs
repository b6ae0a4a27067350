//! `/notifications`: what people were told, newest first.

use crate::{
    api::{UiError, notifications as api},
    components::{
        Button, ButtonLink, EmptyState, Icon, IconName, Listing, Load, LoadMore, PageHeader,
        RelativeTime, Tone, use_toasts,
    },
    layout::use_unread,
    links,
    live::use_live,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    authorization::Page,
    health::LiveChange,
    notification::{Notification, NotificationSeverity},
};

/// Entries a page.
const PAGE: u32 = 50;

/// The notification centre.
#[component]
pub fn Notifications() -> impl IntoView {
    let first = Resource::new(|| (), |()| read(None, PAGE));
    // Above the entries, because the button in the header is about them too.
    let listing = Listing::<Notification>::empty();
    let read_again = Callback::new(move |()| {
        listing.read_again(PAGE, |entry| entry.id, |limit| read(None, limit));
    });
    use_live(
        |change| change == LiveChange::Notified,
        move || read_again.run(()),
    );
    view! {
        <PageHeader
            title="Notifications"
            text="What happened, and what to do about it."
        >
            <ButtonLink href="/settings#notifications">"E-mail and webhooks"</ButtonLink>
            <MarkAll listing=listing on_marked=read_again />
        </PageHeader>
        <Load from=first rows=4 let:page>
            {
                listing.show(page.get_untracked());
                view! { <List listing=listing /> }
            }
        </Load>
    }
    .into_any()
}

async fn read(cursor: Option<String>, limit: u32) -> Result<Page<Notification>, UiError> {
    let page = api::list(cursor, limit).await?;
    Ok(Page {
        items: page.items,
        next: page.next,
    })
}

/// Marks what is on the page, and all that is older; not what has come since.
#[component]
fn MarkAll(listing: Listing<Notification>, on_marked: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let unread = use_unread();
    let busy = RwSignal::new(false);
    // Whoever has read one has read all that are older.
    let newest = Memo::new(move |_| {
        let rows = listing.rows.read();
        rows.first()
            .filter(|entry| !entry.read)
            .map(|entry| entry.id)
    });
    let mark = move |()| {
        let Some(id) = newest.get_untracked() else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let marked = api::mark_read(id).await;
            let _ = busy.try_set(false);
            match marked {
                Ok(()) => {
                    unread.refetch();
                    on_marked.try_run(());
                }
                Err(error) => toasts.error("They were not marked as read", &error),
            }
        });
    };
    view! {
        <Button
            busy=busy
            disabled=Signal::derive(move || newest.read().is_none())
            on_press=mark
        >
            <Icon name=IconName::Check />
            "Mark all as read"
        </Button>
    }
    .into_any()
}

#[component]
fn List(listing: Listing<Notification>) -> impl IntoView {
    let is_empty = Memo::new(move |_| listing.is_empty());
    move || {
        if is_empty.get() {
            return view! {
                <EmptyState
                    icon=IconName::Bell
                    title="Nothing to tell"
                    text="When an account is disabled, a consent is withdrawn, a provider stops answering or a client secret is about to expire, it is told here: once, with the connectors that depend on it."
                />
            }
            .into_any();
        }
        view! {
            <ol class="notifications">
                <For
                    each=move || listing.rows.get()
                    key=|entry| (entry.id, entry.read)
                    let:entry
                >
                    <Entry entry=entry />
                </For>
            </ol>
            <LoadMore listing=listing load=|cursor| read(Some(cursor), PAGE) />
        }
        .into_any()
    }
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

const fn tone(severity: NotificationSeverity) -> Tone {
    match severity {
        NotificationSeverity::Info => Tone::Success,
        NotificationSeverity::Warning => Tone::Warning,
        NotificationSeverity::Error => Tone::Error,
    }
}
