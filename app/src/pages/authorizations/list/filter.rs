//! What is listed; lives in the address.

use crate::{
    components::{Icon, IconName},
    links,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use model::{authorization::AuthorizationFilter, health::StateGroup};
use std::time::Duration;

/// How long to wait after a key before asking the server.
const PAUSE: Duration = Duration::from_millis(250);

/// What is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Part of the name, as typed: the space after a word stays where it is in the field.
    pub(super) search: String,
    /// The inactive ones instead of the active ones.
    pub(super) inactive: bool,
    /// Only those in such a state.
    pub(super) state: Option<StateGroup>,
}

impl Query {
    /// As the server takes it.
    pub(super) fn filter(&self, cursor: Option<String>) -> AuthorizationFilter {
        AuthorizationFilter {
            search: Some(self.words().to_owned()).filter(|words| !words.is_empty()),
            active: Some(!self.inactive),
            state: self.state,
            cursor,
            limit: None,
        }
    }

    /// What is searched for.
    pub(super) fn words(&self) -> &str {
        self.search.trim()
    }

    /// The same without a search.
    pub(super) fn without_search(&self) -> String {
        Self {
            search: String::new(),
            ..self.clone()
        }
        .path()
    }

    /// The same whatever the state.
    pub(super) fn of_any_state(&self) -> String {
        Self {
            state: None,
            ..self.clone()
        }
        .path()
    }

    /// The address that shows it.
    fn path(&self) -> String {
        let search =
            (!self.search.is_empty()).then(|| format!("search={}", links::encode(&self.search)));
        let inactive = self.inactive.then(|| "inactive=true".to_owned());
        let state = self.state.map(|state| format!("state={}", state.key()));
        let pairs: Vec<_> = search.into_iter().chain(inactive).chain(state).collect();
        if pairs.is_empty() {
            links::HOME.to_owned()
        } else {
            format!("{}?{}", links::HOME, pairs.join("&"))
        }
    }
}

/// The query of the address.
pub(super) fn use_query() -> Memo<Query> {
    let map = use_query_map();
    Memo::new(move |_| {
        let map = map.read();
        Query {
            search: map.get("search").unwrap_or_default(),
            inactive: map.get("inactive").is_some_and(|value| value == "true"),
            state: map.get("state").and_then(|key| StateGroup::from_key(&key)),
        }
    })
}

/// Search field and *Show in/active*. A plain GET form, so it works before hydration too.
#[component]
pub(super) fn SearchBar(query: Memo<Query>) -> impl IntoView {
    let navigate = use_navigate();
    let go = Callback::new(move |query: Query| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&query.path(), options);
    });
    let search = move |text: String| {
        go.run(Query {
            search: text,
            ..query.get_untracked()
        });
    };
    let mut search_later = debounce(PAUSE, search);
    let toggle = move |_| {
        let query = query.get_untracked();
        go.run(Query {
            inactive: !query.inactive,
            ..query
        });
    };
    view! {
        <form
            class="search-bar"
            role="search"
            method="get"
            action="/authorizations"
            on:submit=move |event| event.prevent_default()
        >
            <div class="search">
                <Icon name=IconName::Search />
                <label class="visually-hidden" for="search">
                    "Search by name"
                </label>
                <input
                    id="search"
                    class="input search__input"
                    type="search"
                    name="search"
                    placeholder="Search by name"
                    autocomplete="off"
                    spellcheck="false"
                    value=query.get_untracked().search
                    prop:value=move || query.get().search
                    on:input=move |event| search_later(event_target_value(&event))
                />
            </div>
            <button
                type="button"
                class="button"
                on:click=toggle
            >
                {move || if query.read().inactive { "Show active" } else { "Show inactive" }}
            </button>
            {move || {
                query
                    .read()
                    .state
                    .map(|state| {
                        view! {
                            <p class="search-bar__state">
                                "Only: "
                                <strong>{state.text()}</strong>
                                <a href=query.read_untracked().of_any_state()>"Show all states"</a>
                            </p>
                        }
                    })
            }}
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{Query, StateGroup};

    #[test]
    fn the_address_says_what_is_listed() {
        let query = |search: &str, inactive| Query {
            search: search.to_owned(),
            inactive,
            state: None,
        };
        assert_eq!(query("", false).path(), "/authorizations");
        assert_eq!(
            query("a&b", true).path(),
            "/authorizations?search=a%26b&inactive=true"
        );
        assert_eq!(
            query("a", true).without_search(),
            "/authorizations?inactive=true"
        );
        let typing = query("a ", false);
        assert_eq!(typing.path(), "/authorizations?search=a%20");
        assert_eq!(typing.filter(None).search.as_deref(), Some("a"));
        assert_eq!(query(" ", false).filter(None).search, None);
        assert_eq!(query("a", false).filter(None).active, Some(true));
        let failing = Query {
            state: Some(StateGroup::RefreshFailing),
            ..query("a", false)
        };
        assert_eq!(
            failing.path(),
            "/authorizations?search=a&state=refresh_failing"
        );
        assert_eq!(failing.of_any_state(), "/authorizations?search=a");
    }
}
