//! The Connectors tab: which connectors get their tokens from this authorization.

use super::{
    form::element_id,
    state::{Asking, EditorState},
};
use crate::components::{
    Button, ButtonKind, ButtonSize, EmptyState, Field, Icon, IconName, Select,
};
use leptos::prelude::*;
use model::{
    ConnectorId,
    connector::{Connector, ConnectorConfig},
};

/// Choosing connectors.
#[component]
pub fn ConnectorsTab() -> impl IntoView {
    let state = EditorState::expect();
    let none_exist = Memo::new(move |_| state.connectors.with(Vec::is_empty));
    let none_chosen = Memo::new(move |_| state.chosen_connectors().with(Vec::is_empty));
    view! {
        <div class="editor__connectors">
            <p class="editor__advice">
                "A connector makes the calls; this authorization gives it the token. Nothing else gets one."
            </p>
            <Show
                when=move || !none_exist.get()
                fallback=|| {
                    view! {
                        <EmptyState
                            icon=IconName::Plug
                            title="There is no connector yet"
                            text="The Advanced REST API connector calls any REST API with the token of this authorization."
                        >
                            <NewConnector kind=ButtonKind::Primary/>
                        </EmptyState>
                    }
                }
            >
                <Picker/>
                <Show when=move || none_chosen.get()>
                    <p class="editor__hint">
                        <Icon name=IconName::Info/>
                        "No connector is chosen: the authorization can be saved and published, but nothing uses it."
                    </p>
                </Show>
            </Show>
            <ul class="editor__chosen" aria-label="Chosen connectors">
                <For each=move || state.chosen_connectors().get() key=|id| *id let:id>
                    <ChosenConnector id/>
                </For>
            </ul>
        </div>
    }
}

#[component]
fn NewConnector(#[prop(optional)] kind: ButtonKind) -> impl IntoView {
    let state = EditorState::expect();
    view! {
        <Button kind on_press=move |()| state.asking.set(Some(Asking::NewConnector))>
            "New Advanced REST API connector"
        </Button>
    }
}

/// The connectors that are not chosen yet, and the button that adds one.
#[component]
fn Picker() -> impl IntoView {
    let state = EditorState::expect();
    let picked = RwSignal::new(String::new());
    let left = Memo::new(move |_| {
        let chosen = state.chosen_connectors();
        let chosen = chosen.read();
        state.connectors.with(|all| {
            all.iter()
                .filter(|connector| !chosen.contains(&connector.id))
                .map(option)
                .collect::<Vec<_>>()
        })
    });
    let placeholder = "Choose a connector";
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // Not in the condition: the guard would be held while the block writes what it reads.
        let id = picked.read_untracked().parse::<ConnectorId>();
        if let Ok(id) = id {
            add_connector(state, id);
            picked.set(String::new());
        }
    };
    view! {
        <form class="editor__picker" on:submit=add>
            <Field
                id=element_id("connectors")
                label="Connector"
                error=Signal::derive(move || state.error_of("connectors"))
            >
                <Select value=picked on_change=move |id| picked.set(id) options=left placeholder/>
            </Field>
            <Button submit=true disabled=Signal::derive(move || picked.read().is_empty())>
                <Icon name=IconName::Plus/>
                "Add"
            </Button>
            <NewConnector/>
        </form>
    }
}

fn option(connector: &Connector) -> (String, String) {
    let label = format!("{} ({})", connector.name, connector.config.type_name());
    (connector.id.to_string(), label)
}

/// Puts a connector on the list.
pub fn add_connector(state: EditorState, id: ConnectorId) {
    state.chosen_connectors().update(|chosen| {
        if !chosen.contains(&id) {
            chosen.push(id);
        }
    });
}

#[component]
fn ChosenConnector(id: ConnectorId) -> impl IntoView {
    let state = EditorState::expect();
    let connector = Memo::new(move |_| {
        state
            .connectors
            .with(|all| all.iter().find(|connector| connector.id == id).cloned())
    });
    let name = move || {
        connector
            .read()
            .as_ref()
            .map(|connector| connector.name.clone())
    };
    let remove = move |()| {
        state
            .chosen_connectors()
            .update(|chosen| chosen.retain(|one| *one != id));
    };
    view! {
        <li class="editor__connector">
            <span class="editor__connector-icon">
                <Icon name=IconName::Plug/>
            </span>
            <div class="editor__connector-text">
                {move || match connector.get() {
                    Some(connector) => facts(&connector, state.id).into_any(),
                    None => {
                        view! {
                            <strong>"A connector that was deleted"</strong>
                            <span>"Remove it from the list."</span>
                        }
                            .into_any()
                    }
                }}
            </div>
            <Button size=ButtonSize::Small on_press=remove>
                "Remove"
                <span class="visually-hidden">{move || name().map(|name| format!(" {name}"))}</span>
            </Button>
        </li>
    }
}

fn facts(connector: &Connector, this: model::AuthorizationId) -> impl IntoView + use<> {
    let ConnectorConfig::AdvancedRestApi(config) = &connector.config;
    // Two authorizations for one connector: which of them a call uses is not certain.
    let others: Vec<_> = connector
        .used_by
        .iter()
        .filter(|authorization| authorization.id != this)
        .map(|authorization| authorization.name.clone())
        .collect();
    view! {
        <strong>{connector.name.clone()}</strong>
        <span>
            {connector.config.type_name()}
            " · "
            <code>{config.base_url.clone()}</code>
        </span>
        {(!others.is_empty())
            .then(|| {
                view! {
                    <span class="editor__connector-warning">
                        <Icon name=IconName::Warning/>
                        {format!(
                            "Also used by {}: a call must say which authorization it means.",
                            others.join(", "),
                        )}
                    </span>
                }
            })}
    }
}
