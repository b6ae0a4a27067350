//! `/publications`: what was published when, and the way back.

use crate::{
    api::{UiError, publish as api},
    components::{
        Button, ButtonSize, ChangeList, ConfirmDialog, EmptyState, Icon, IconName, Listing, Load,
        LoadMore, PageHeader, RelativeTime, use_publish,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    authorization::Page,
    publish::{Publication, PublishResult},
};

/// The history.
#[component]
pub fn Publications() -> impl IntoView {
    let publish = use_publish();
    let first = Resource::new(move || publish.version(), |_| read(None));
    view! {
        <PageHeader
            title="Publications"
            text="Every configuration that was served, newest first. Each can be brought back."
        />
        <Load from=first rows=4 let:page>
            {move || view! { <History page=page.get() /> }}
        </Load>
    }
    .into_any()
}

async fn read(cursor: Option<String>) -> Result<Page<Publication>, UiError> {
    let before = cursor.and_then(|cursor| cursor.parse().ok());
    let items = api::history(before).await?;
    let last = items.last().filter(|_| items.len() == api::PAGE as usize);
    let next = last.map(|last| last.number.to_string());
    Ok(Page { items, next })
}

#[component]
fn History(page: Page<Publication>) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::Rocket
                title="Nothing published yet"
                text="Set up an authorization, then press Publish at the top. From then on connectors get tokens."
            />
        }
        .into_any();
    }
    let listing = Listing::of(page);
    let restoring = RwSignal::new(None::<i64>);
    view! {
        <ol class="history" reversed=true>
            <For
                each=move || listing.rows.get()
                key=|entry| (entry.number, entry.current)
                let:entry
            >
                <Entry entry=entry restoring=restoring />
            </For>
        </ol>
        <LoadMore listing=listing load=|cursor| read(Some(cursor)) />
        <Restore restoring=restoring />
    }
    .into_any()
}

#[component]
fn Entry(entry: Publication, restoring: RwSignal<Option<i64>>) -> impl IntoView {
    let number = entry.number;
    let (class, icon, result) = match entry.result {
        PublishResult::Success => ("badge badge--success", IconName::Check, "Success"),
        PublishResult::Warning => ("badge badge--warning", IconName::Warning, "Warning"),
    };
    let content = format!(
        "{}, {}",
        text::count(entry.authorizations, "authorization"),
        text::count(entry.connectors, "connector")
    );
    view! {
        <li class="history__entry" class:history__entry--current=entry.current>
            <div class="history__head">
                <h2 class="history__number">"Number " {number}</h2>
                {entry.current.then(|| view! { <span class="badge badge--accent">"Current"</span> })}
                <span class=class>
                    <Icon name=icon />
                    {result}
                </span>
                {(!entry.current)
                    .then(|| {
                        view! {
                            <Button
                                size=ButtonSize::Small
                                on_press=move |()| restoring.set(Some(number))
                            >
                                "Restore"
                                <span class="visually-hidden">" number " {number}</span>
                            </Button>
                        }
                    })}
            </div>
            <p class="history__facts">
                <RelativeTime at=entry.published_at />
                " by "
                {entry.published_by}
                " · "
                {content}
                {entry.restored_from.map(|from| format!(" · brought back number {from}"))}
            </p>
            {if entry.changes.is_empty() {
                view! { <p class="muted">"No difference to the one before."</p> }.into_any()
            } else {
                view! { <ChangeList changes=entry.changes /> }.into_any()
            }}
        </li>
    }
    .into_any()
}

#[component]
fn Restore(restoring: RwSignal<Option<i64>>) -> impl IntoView {
    let publish = use_publish();
    let busy = RwSignal::new(false);
    let title = move || format!("Restore number {}?", restoring.get().unwrap_or_default());
    let restore = move |()| {
        let Some(number) = restoring.get_untracked() else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let outcome = api::restore(number).await;
            let _ = busy.try_set(false);
            let _ = restoring.try_set(None);
            publish.tell(outcome);
        });
    };
    view! {
        <ConfirmDialog
            id="restore"
            open=Signal::derive(move || restoring.read().is_some())
            title=Signal::derive(title)
            confirm="Restore"
            busy=busy
            on_confirm=restore
            on_close=move |()| restoring.set(None)
        >
            <p>
                "It is published again at once, as a new number. The configuration you edit stays as it is, so the Publish button will show the difference."
            </p>
        </ConfirmDialog>
    }
    .into_any()
}
