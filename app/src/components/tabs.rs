//! Tabs, each with an address of its own.

use super::{Icon, IconName, html_element};
use leptos::{ev::KeyboardEvent, prelude::*};

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabItem {
    /// Its key: the last segment of its address.
    pub key: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Its address.
    pub href: String,
    /// How many things are on it.
    pub count: Option<usize>,
    /// Something on it needs attention.
    pub invalid: bool,
}

/// The row of tabs (ARIA tabs pattern: arrow keys move, Enter or Space opens).
#[component]
pub fn Tabs(
    /// Prefix of the ids: `{id}-tab-{key}` and `{id}-panel`.
    id: &'static str,
    /// What the tabs divide.
    #[prop(into)]
    label: String,
    /// The tabs in order.
    #[prop(into)]
    items: Signal<Vec<TabItem>>,
    /// Key of the open one.
    #[prop(into)]
    current: Signal<String>,
) -> impl IntoView {
    let keys = Memo::new(move |_| items.get().iter().map(|item| item.key).collect::<Vec<_>>());
    let keydown = move |event: KeyboardEvent| {
        if event.key() == " " {
            event.prevent_default();
            if let Some(tab) = html_element(&focused_id()) {
                tab.click();
            }
            return;
        }
        let keys = keys.get_untracked();
        let at = keys
            .iter()
            .position(|key| focused_id() == tab_id(id, key))
            .unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % keys.len(),
            "ArrowLeft" => (at + keys.len() - 1) % keys.len(),
            "Home" => 0,
            "End" => keys.len() - 1,
            _ => return,
        };
        event.prevent_default();
        if let Some(tab) = html_element(&tab_id(id, keys[to])) {
            let _ = tab.focus();
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=keydown>
            <For each=move || keys.get() key=|key| *key let:key>
                <Tab
                    id=id
                    item=Signal::derive(move || {
                        items.get().into_iter().find(|item| item.key == key)
                    })
                    key=key
                    current=current
                />
            </For>
        </div>
    }
    .into_any()
}

#[component]
fn Tab(
    id: &'static str,
    key: &'static str,
    item: Signal<Option<TabItem>>,
    current: Signal<String>,
) -> impl IntoView {
    let selected = move || *current.read() == key;
    view! {
        <a
            class="tabs__tab"
            role="tab"
            id=tab_id(id, key)
            href=move || item.get().map(|item| item.href)
            data-noscroll="true"
            aria-selected=move || if selected() { "true" } else { "false" }
            aria-controls=move || selected().then(|| format!("{id}-panel"))
            tabindex=move || if selected() { "0" } else { "-1" }
        >
            {move || item.get().map(|item| item.label)}
            {move || {
                let count = item.get().and_then(|item| item.count)?;
                Some(view! { <span class="tabs__count">{count}</span> })
            }}
            {move || {
                item.get()
                    .is_some_and(|item| item.invalid)
                    .then(|| {
                        view! {
                            <span class="tabs__alert">
                                <Icon name=IconName::Error />
                                <span class="visually-hidden">" (needs attention)"</span>
                            </span>
                        }
                    })
            }}
        </a>
    }
    .into_any()
}

/// The panel of the open tab.
#[component]
pub fn TabPanel(
    /// The prefix given to [`Tabs`].
    id: &'static str,
    /// Key of the open tab.
    #[prop(into)]
    current: Signal<String>,
    /// Its content.
    children: Children,
) -> impl IntoView {
    view! {
        <div
            class="tabs__panel"
            role="tabpanel"
            id=format!("{id}-panel")
            aria-labelledby=move || tab_id(id, &current.read())
        >
            {children()}
        </div>
    }
    .into_any()
}

fn tab_id(id: &str, key: &str) -> String {
    format!("{id}-tab-{key}")
}

fn focused_id() -> String {
    document()
        .active_element()
        .map(|element| element.id())
        .unwrap_or_default()
}
