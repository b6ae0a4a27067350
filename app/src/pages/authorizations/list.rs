//! `/authorizations?search=&inactive=true`: all authorizations of the workspace.

mod filter;
mod health;
mod table;

use crate::{
    api::authorizations,
    components::{
        ButtonKind, ButtonLink, EmptyState, Icon, IconName, Listing, Load, LoadMore, PageHeader,
        PublishBanner,
    },
    live::use_live,
    text,
};
use filter::{Query, SearchBar, use_query};
use leptos::prelude::*;
use model::{
    authorization::{AuthorizationFilter, AuthorizationRow, Page},
    health::LiveChange,
};
use table::Table;

/// Rows of a page.
const PAGE: u32 = 50;

/// The list.
#[component]
pub fn List() -> impl IntoView {
    let query = use_query();
    let rows = Resource::new(move || query.read().filter(None), authorizations::list);
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
        <Load from=rows rows=5 let:page>
            {move || {
                view! {
                    <Results page=page.get() query=query.get_untracked() on_change=refetch />
                }
            }}
        </Load>
    }
    .into_any()
}

/// The pages loaded so far of one query.
#[component]
fn Results(page: Page<AuthorizationRow>, query: Query, on_change: Callback<()>) -> impl IntoView {
    let listing = Listing::of(page);
    let query = StoredValue::new(query);
    use_live(
        |change| {
            matches!(
                change,
                LiveChange::Authorization(_) | LiveChange::Configuration | LiveChange::Published
            )
        },
        move || {
            let all = query.read_value().filter(None);
            let read = |limit| {
                authorizations::list(AuthorizationFilter {
                    limit: Some(limit),
                    ..all
                })
            };
            listing.read_again(PAGE, |row| row.id, read);
        },
    );
    let is_empty = Memo::new(move |_| listing.is_empty());
    let found = move || {
        let more = if listing.has_more() { "+" } else { "" };
        let number = listing.rows.read().len();
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
            <Table rows=listing.rows on_change=on_change />
            <LoadMore
                listing=listing
                load=move |cursor| authorizations::list(query.read_value().filter(Some(cursor)))
            />
        </Show>
    }
    .into_any()
}

/// Why the list is empty, and what to do.
#[component]
fn Nothing(query: Query) -> impl IntoView {
    let words = query.words();
    if !words.is_empty() {
        let title = format!("Nothing matches “{words}”");
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
