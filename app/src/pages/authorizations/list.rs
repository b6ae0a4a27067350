//! `/authorizations?search=&inactive=true`: all authorizations of the workspace.

mod filter;
mod table;

use crate::{
    api::{UiError, authorizations},
    components::{
        Button, ButtonKind, ButtonLink, EmptyState, Failure, Icon, IconName, PageHeader,
        PublishBanner, Skeleton, use_toasts,
    },
    text,
};
use filter::{Query, SearchBar, use_query};
use leptos::{prelude::*, task::spawn_local};
use model::authorization::{AuthorizationRow, Page};
use table::Table;

/// The list.
#[component]
pub fn List() -> impl IntoView {
    let query = use_query();
    let rows = Resource::new(
        move || query.get(),
        |query| authorizations::list(query.filter(None)),
    );
    // Made here, so that an Undo in a message outlives the rows it was offered for.
    let refetch = Callback::new(move |()| rows.refetch());
    view! {
        <PageHeader
            title="Authorizations"
            text="Who lets your connectors in, and whether that still works."
        >
            <ButtonLink href="/authorizations/new" kind=ButtonKind::Primary>
                <Icon name=IconName::Plus />
                "Add"
            </ButtonLink>
        </PageHeader>
        <PublishBanner />
        <SearchBar query=query />
        <Transition fallback=|| view! { <Skeleton rows=5 /> }>
            {move || {
                rows.get()
                    .map(|page| match page {
                        Ok(page) => {
                            view! {
                                <Results
                                    page=page
                                    query=query.get_untracked()
                                    on_change=refetch
                                />
                            }
                                .into_any()
                        }
                        Err(error) => {
                            view! { <Failure error=error on_retry=refetch /> }.into_any()
                        }
                    })
            }}
        </Transition>
    }
    .into_any()
}

/// The pages loaded so far of one query.
#[component]
fn Results(page: Page<AuthorizationRow>, query: Query, on_change: Callback<()>) -> impl IntoView {
    let rows = RwSignal::new(page.items);
    let next = RwSignal::new(page.next);
    if rows.read_untracked().is_empty() {
        return view! { <Nothing query=query /> }.into_any();
    }
    let query = StoredValue::new(query);
    let found = move || {
        let more = if next.read().is_some() { "+" } else { "" };
        let number = rows.read().len();
        let noun = if number == 1 && more.is_empty() {
            "authorization"
        } else {
            "authorizations"
        };
        format!("{number}{more} {noun}")
    };
    view! {
        <p class="list-count" role="status">
            {found}
        </p>
        <Table rows=rows on_change=on_change />
        <More rows=rows next=next query=query />
    }
    .into_any()
}

/// Loads the next page below.
#[component]
fn More(
    rows: RwSignal<Vec<AuthorizationRow>>,
    next: RwSignal<Option<String>>,
    query: StoredValue<Query>,
) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let load = move |()| {
        let cursor = next.get_untracked();
        let filter = query.read_value().filter(cursor);
        busy.set(true);
        spawn_local(async move {
            let loaded: Result<Page<AuthorizationRow>, UiError> =
                authorizations::list(filter).await;
            // The query may have changed meanwhile; then these rows are gone.
            if busy.try_set(false).is_some() {
                return;
            }
            match loaded {
                Ok(page) => {
                    rows.update(|rows| rows.extend(page.items));
                    next.set(page.next);
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

/// Why the list is empty, and what to do.
#[component]
fn Nothing(query: Query) -> impl IntoView {
    if !query.search.is_empty() {
        let title = format!("Nothing matches “{}”", query.search);
        let other = if query.inactive { "active" } else { "inactive" };
        let hint = format!("Try a shorter part of the name, or look among the {other} ones.");
        return view! {
            <EmptyState icon=IconName::Search title=title text=hint>
                <ButtonLink href=query.without_search()>"Clear search"</ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    if query.inactive {
        return view! {
            <EmptyState
                icon=IconName::Key
                title="Nothing is inactive"
                text="Authorizations that you deactivate wait here until you bring them back."
            >
                <ButtonLink href="/authorizations">"Show active"</ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState
            icon=IconName::Key
            title="No active authorization"
            text="An authorization holds one app registration and one consent. Set it up once, and your connectors always get a fresh token."
        >
            <ButtonLink href="/authorizations/new" kind=ButtonKind::Primary>
                <Icon name=IconName::Plus />
                "Add authorization"
            </ButtonLink>
            <ButtonLink href="/authorizations?inactive=true">"Show inactive"</ButtonLink>
        </EmptyState>
    }
    .into_any()
}

/// `3 connectors`, `none`.
fn connectors(number: usize) -> String {
    if number == 0 {
        "None".to_owned()
    } else {
        text::count(number, "connector")
    }
}
