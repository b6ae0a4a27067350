//! The provider's scopes by category, with a search.
//!
//! All rows are rendered once; the search and the selection only change attributes, which keeps a
//! catalogue of a hundred scopes quick on a small machine.

use super::{caution, privilege_slug, privilege_text};
use crate::{
    components::{Checkbox, Icon, IconName},
    pages::authorizations::editor::state::EditorState,
    text,
};
use leptos::prelude::*;
use model::provider::ScopeInfo;

/// The scopes of one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Category {
    name: String,
    scopes: Vec<Entry>,
}

/// A scope and the text that a search looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    info: ScopeInfo,
    haystack: String,
}

impl Entry {
    fn new(info: &ScopeInfo) -> Self {
        let haystack = [&info.value, &info.label, &info.category, &info.description]
            .map(|text| text.to_lowercase())
            .join("\n");
        Self {
            info: info.clone(),
            haystack,
        }
    }

    fn matches(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.haystack.contains(word))
    }
}

/// Categories in the order in which the provider's definition names them.
fn categories(scopes: &[ScopeInfo]) -> Vec<Category> {
    let mut categories: Vec<Category> = Vec::new();
    for info in scopes {
        let entry = Entry::new(info);
        match categories.iter_mut().find(|c| c.name == info.category) {
            Some(category) => category.scopes.push(entry),
            None => categories.push(Category {
                name: info.category.clone(),
                scopes: vec![entry],
            }),
        }
    }
    categories
}

/// The words of a search, all of which must be found.
fn words(query: &str) -> Vec<String> {
    query
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// What the rows are filtered by.
#[derive(Clone, Copy)]
struct Filter {
    words: Memo<Vec<String>>,
    only_chosen: RwSignal<bool>,
}

impl Filter {
    fn shows(self, entry: &Entry, state: EditorState) -> bool {
        let wanted = !self.only_chosen.get()
            || state
                .chosen_scopes()
                .with(|chosen| chosen.contains(&entry.info.value));
        wanted && self.words.with(|words| entry.matches(words))
    }
}

/// The searchable catalogue.
#[component]
pub fn Catalogue() -> impl IntoView {
    let state = EditorState::expect();
    let query = RwSignal::new(String::new());
    let filter = Filter {
        words: Memo::new(move |_| words(&query.read())),
        only_chosen: RwSignal::new(false),
    };
    let categories = categories(&state.provider().scopes);
    let all: Vec<Entry> = categories.iter().flat_map(|c| c.scopes.clone()).collect();
    let total = all.len();
    let found = Memo::new(move |_| all.iter().filter(|e| filter.shows(e, state)).count());
    let result = move || match found.get() {
        0 => "No scope matches. Other words may, or it can be added by its code below.".to_owned(),
        number if number == total => text::count(total, "scope"),
        number => format!("{number} of {}", text::count(total, "scope")),
    };
    view! {
        <div class="scopes__search">
            <label class="visually-hidden" for="scope-search">
                "Find a scope"
            </label>
            <div class="search">
                <Icon name=IconName::Search/>
                <input
                id="scope-search"
                class="input search__input"
                type="search"
                autocomplete="off"
                spellcheck="false"
                placeholder="Find a scope"
                aria-describedby="scope-found"
                prop:value=move || query.get()
                on:input=move |event| query.set(event_target_value(&event))
                />
            </div>
            <Checkbox
                id="scope-only-chosen"
                label="Chosen ones only"
                checked=filter.only_chosen
                on_change=move |on| filter.only_chosen.set(on)
            />
            <p id="scope-found" class="scopes__found" role="status">
                {result}
            </p>
        </div>
        {categories
            .into_iter()
            .map(|category| view! { <CategoryGroup category filter/> })
            .collect_view()}
    }
}

#[component]
fn CategoryGroup(category: Category, filter: Filter) -> impl IntoView {
    let state = EditorState::expect();
    let entries = category.scopes.clone();
    let empty = Memo::new(move |_| !entries.iter().any(|entry| filter.shows(entry, state)));
    view! {
        <fieldset class="scopes__category" hidden=move || empty.get()>
            <legend class="scopes__legend">{category.name}</legend>
            <ul class="scopes__list">
                {category
                    .scopes
                    .into_iter()
                    .map(|entry| view! { <ScopeRow entry filter/> })
                    .collect_view()}
            </ul>
        </fieldset>
    }
}

#[component]
fn ScopeRow(entry: Entry, filter: Filter) -> impl IntoView {
    let state = EditorState::expect();
    let info = entry.info.clone();
    let value = StoredValue::new(info.value.clone());
    let chosen = Memo::new(move |_| {
        value.with_value(|value| state.chosen_scopes().with(|scopes| scopes.contains(value)))
    });
    let covering = Memo::new(move |_| {
        value.with_value(|value| state.covered.with(|covered| covered.get(value).cloned()))
    });
    // Chosen ones stay changeable, so that a redundant one can be taken out here too.
    let implied = move || covering.with(Option::is_some) && !chosen.get();
    let checked = move || chosen.get() || implied();
    let input_id = format!("scope-{}", info.value);
    let text_id = format!("scope-{}-text", info.value);
    let note = move || {
        covering.get().map(|by| {
            let before = if chosen.get() {
                "Not needed, part of "
            } else {
                "Covered by "
            };
            view! { <p class="scope__covered">{before} <code>{by}</code></p> }
        })
    };
    view! {
        <li class="scope" hidden=move || !filter.shows(&entry, state) class:scope--implied=implied>
            <input
                type="checkbox"
                class="checkbox__box"
                id=input_id.clone()
                aria-describedby=text_id.clone()
                checked=checked
                prop:checked=checked
                disabled=implied
                on:change=move |event| {
                    let wanted = event_target_checked(&event);
                    value.with_value(|value| choose(state, value, wanted));
                }
            />
            <div class="scope__text">
                <label for=input_id>
                    <span class="scope__label">{info.label.clone()}</span>
                    " "
                    <code>{info.value.clone()}</code>
                </label>
                <div id=text_id class="scope__description">
                    <p>{info.description.clone()}</p>
                    {caution(&info).map(|text| view! { <p class="scope__warning">{text}</p> })}
                    {note}
                </div>
            </div>
            <span class="scope__level" data-level=privilege_slug(info.privilege)>
                {privilege_text(info.privilege)}
            </span>
        </li>
    }
}

/// Puts a scope in or takes it out.
pub fn choose(state: EditorState, scope: &str, wanted: bool) {
    state.chosen_scopes().update(|chosen| {
        chosen.retain(|one| one != scope);
        if wanted {
            chosen.push(scope.to_owned());
        }
    });
    state.leave("scopes");
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::provider::Privilege;

    fn scope(value: &str, category: &str, description: &str) -> ScopeInfo {
        ScopeInfo {
            value: value.to_owned(),
            category: category.to_owned(),
            label: value.to_owned(),
            description: description.to_owned(),
            privilege: Privilege::Read,
            high_privilege: false,
            includes: None,
        }
    }

    #[test]
    fn categories_keep_their_order_and_gather_their_scopes() {
        let scopes = [
            scope("work", "Work", ""),
            scope("code", "Code", ""),
            scope("work_write", "Work", ""),
        ];
        let categories = categories(&scopes);
        let shape: Vec<_> = categories
            .iter()
            .map(|category| (category.name.as_str(), category.scopes.len()))
            .collect();
        assert_eq!(shape, [("Work", 2), ("Code", 1)]);
    }

    #[test]
    fn a_search_wants_every_word_anywhere_in_any_case() {
        let entry = Entry::new(&scope("vso.work", "Work Items", "Read queries and boards"));
        assert!(entry.matches(&words("BOARDS  vso")));
        assert!(entry.matches(&words("")));
        assert!(!entry.matches(&words("boards code")));
    }
}
