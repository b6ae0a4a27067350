//! `/authorizations?search=&inactive=true`: all authorizations of the workspace.

mod filter;
mod health;
mod table;

use crate::{
    api::{UiError, authorizations},
    components::{
        Button, ButtonKind, ButtonLink, EmptyState, Failure, Icon, IconName, PageHeader,
        PublishBanner, Skeleton, use_toasts,
    },
    live::use_live,
    text,
};
use filter::{Query, SearchBar, use_query};
use leptos::{prelude::*, task::spawn_local};
use model::{
    authorization::{AuthorizationFilter, AuthorizationRow, Page},
    health::LiveChange,
};
use table::Table;

/// Rows of a page, and the most that can be asked for.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;

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
    let query = StoredValue::new(query);
    use_live(
        |change| {
            matches!(
                change,
                LiveChange::Authorization(_) | LiveChange::Configuration | LiveChange::Published
            )
        },
        move || read_again(rows, next, query),
    );
    let is_empty = Memo::new(move |_| rows.read().is_empty());
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
        <Show
            when=move || !is_empty.get()
            fallback=move || view! { <Nothing query=query.get_value() /> }
        >
            <p class="list-count" role="status">
                {found}
            </p>
            <Table rows=rows on_change=on_change />
            <More rows=rows next=next query=query />
        </Show>
    }
    .into_any()
}

/// Reads the rows that are shown again, in place: nothing loses the focus. What cannot be read
/// stays as it is; the next change tries again.
fn read_again(
    rows: RwSignal<Vec<AuthorizationRow>>,
    next: RwSignal<Option<String>>,
    query: StoredValue<Query>,
) {
    let shown = rows.with_untracked(Vec::len);
    let filter = AuthorizationFilter {
        limit: u32::try_from(shown)
            .ok()
            .map(|shown| shown.clamp(PAGE, LARGEST_PAGE)),
        ..query.read_value().filter(None)
    };
    spawn_local(async move {
        let Ok(page) = authorizations::list(filter).await else {
            return;
        };
        // The query may have changed meanwhile, or more may have been loaded.
        if rows.try_with_untracked(Vec::len) != Some(shown) {
            return;
        }
        // What was loaded beyond the largest page stays, and goes on from where it ended.
        if shown <= LARGEST_PAGE as usize {
            next.set(page.next);
            rows.set(page.items);
        } else {
            rows.update(|rows| {
                let beyond = rows.split_off(LARGEST_PAGE as usize);
                *rows = page.items;
                rows.extend(beyond);
            });
        }
    });
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
    if let Some(state) = query.state {
        let title = format!("None is in the state “{}”", state.text());
        return view! {
            <EmptyState icon=IconName::Search title=title text="That may be good news.">
                <ButtonLink href=query.of_any_state()>"Show all states"</ButtonLink>
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
