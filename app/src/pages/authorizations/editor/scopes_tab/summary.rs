//! What will be asked for: the chosen scopes, what comes with them, what could be left out.

use super::{catalogue::choose, warning};
use crate::{
    components::{Button, ButtonSize, CopyButton, Icon, IconName},
    pages::authorizations::editor::{form::FormStoreFields as _, state::EditorState},
    text,
};
use leptos::{html, prelude::*};
use model::scopes;

/// The column beside the catalogue that stays in view.
#[component]
pub fn Summary() -> impl IntoView {
    let state = EditorState::expect();
    let heading = NodeRef::<html::H2>::new();
    let definition = StoredValue::new(state.provider());
    let sent = Memo::new(move |_| {
        let settings = state.form.settings().get();
        let chosen = state.chosen_scopes().get();
        definition.with_value(|provider| scopes::join(&provider.wire_scopes(&settings, &chosen)))
    });
    let automatic = Memo::new(move |_| {
        let settings = state.form.settings().get();
        definition.with_value(|provider| provider.automatic_scopes_with(&settings))
    });
    let chosen = move || state.chosen_scopes().get();
    let count = move || state.chosen_scopes().with(Vec::len);
    // The removed chip takes the focus with it; the heading is where the list is read from.
    let removed = move || {
        if let Some(heading) = heading.get_untracked() {
            let _ = heading.focus();
        }
    };
    view! {
        <aside class="summary" aria-labelledby="scope-summary-title">
            <h2 id="scope-summary-title" class="summary__title" tabindex="-1" node_ref=heading>
                {move || format!("Chosen: {}", text::count(count(), "scope"))}
            </h2>
            <Show when=move || count() == 0>
                <p class="summary__none">
                    "None yet. Without scopes a token can be had, but it opens nothing."
                </p>
            </Show>
            <ul class="summary__chips">
                <For each=chosen key=Clone::clone let:scope>
                    <Chip scope removed/>
                </For>
            </ul>
            <Redundant/>
            <Warnings/>
            <Automatic scopes=automatic/>
            <div class="summary__part">
                <h3 class="summary__heading">"Asked for as"</h3>
                <div class="summary__sent">
                    <code>{move || sent.get()}</code>
                    <CopyButton text=sent what="the scopes"/>
                </div>
            </div>
        </aside>
    }
}

#[component]
fn Chip(scope: String, removed: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let state = EditorState::expect();
    let label = format!("Remove {scope}");
    let shown = scope.clone();
    view! {
        <li class="summary__chip">
            <code>{shown}</code>
            <button
                type="button"
                aria-label=label
                on:click=move |_| {
                    choose(state, &scope, false);
                    removed();
                }
            >
                <Icon name=IconName::Close/>
            </button>
        </li>
    }
}

/// Chosen scopes that another chosen one contains.
#[component]
fn Redundant() -> impl IntoView {
    let state = EditorState::expect();
    let redundant = Memo::new(move |_| {
        state.covered.with(|covered| {
            state
                .chosen_scopes()
                .read()
                .iter()
                .filter_map(|scope| Some((scope.clone(), covered.get(scope)?.clone())))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || redundant.with(|list| !list.is_empty())>
            <div class="summary__part">
                <h3 class="summary__heading">"Not needed"</h3>
                <ul class="summary__list">
                    <For each=move || redundant.get() key=Clone::clone let((scope, by))>
                        <Superfluous scope by/>
                    </For>
                </ul>
            </div>
        </Show>
    }
}

#[component]
fn Superfluous(scope: String, by: String) -> impl IntoView {
    let state = EditorState::expect();
    let name = scope.clone();
    view! {
        <li>
            <span>
                <code>{scope.clone()}</code>
                " is part of "
                <code>{by}</code>
            </span>
            <Button size=ButtonSize::Small on_press=move |()| choose(state, &scope, false)>
                "Remove"
                <span class="visually-hidden">" " {name}</span>
            </Button>
        </li>
    }
}

/// What to think about before asking for the chosen scopes.
#[component]
fn Warnings() -> impl IntoView {
    let state = EditorState::expect();
    let provider = StoredValue::new(state.provider());
    let warnings = Memo::new(move |_| {
        provider.with_value(|provider| {
            let chosen = state.chosen_scopes();
            let chosen = chosen.read();
            let of = |scope: &String| {
                let info = provider.scopes.iter().find(|info| info.value == *scope);
                warning(scope, info).map(|warning| (scope.clone(), warning))
            };
            chosen.iter().filter_map(of).collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || warnings.with(|list| !list.is_empty())>
            <div class="summary__part summary__part--warning">
                <h3 class="summary__heading">"Consider"</h3>
                <ul class="summary__list">
                    <For each=move || warnings.get() key=Clone::clone let((scope, warning))>
                        <li>
                            <code>{scope}</code>
                            " "
                            {warning}
                        </li>
                    </For>
                </ul>
            </div>
        </Show>
    }
}

/// Scopes that nobody has to choose.
#[component]
fn Automatic(scopes: Memo<Vec<String>>) -> impl IntoView {
    view! {
        <Show when=move || scopes.with(|scopes| !scopes.is_empty())>
            <div class="summary__part">
                <h3 class="summary__heading">"Added by Tokenry"</h3>
                <p>"For the sign-in and for refreshing the token without a person."</p>
                <ul class="summary__list">
                    <For each=move || scopes.get() key=Clone::clone let:scope>
                        <li><code>{scope}</code></li>
                    </For>
                </ul>
            </div>
        </Show>
    }
}
