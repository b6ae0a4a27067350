//! The errors that an attempt to save or authorize found, each a link to its field and tab.

use super::{
    form::{SECRET_EXPIRY, Tab, element_id, setting_key},
    state::EditorState,
};
use crate::{
    components::{ErrorSummary, FieldLabel, html_element},
    links,
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast as _;

/// The list of errors, above the tabs.
#[component]
pub fn Errors() -> impl IntoView {
    let state = EditorState::expect();
    let show = use_show_field();
    let label = move |field: String| {
        Some(FieldLabel {
            label: format!(
                "{} → {}",
                Tab::of(&field).label(),
                field_label(state, &field)
            ),
            id: element_id(&field),
        })
    };
    // The summary's links focus fields of the open tab; here the tab is opened first.
    let follow = move |event: leptos::ev::MouseEvent| {
        if let Some(id) = linked_id(&event) {
            show.run(id);
        }
    };
    view! {
        <div class="editor__errors" on:click=follow>
            <ErrorSummary errors=state.summary label/>
        </div>
    }
}

/// Opens the tab of a control and puts the focus into it; takes the control's id.
pub fn use_show_field() -> Callback<String> {
    let state = EditorState::expect();
    let navigate = use_navigate();
    Callback::new(move |id: String| {
        let tab = tab_of_element(&id);
        if tab != state.tab.get_untracked() {
            let options = NavigateOptions {
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&links::editor(state.id, tab.slug()), options);
        }
        // A hidden field takes no focus; by the next frame its tab is open.
        request_animation_frame(move || {
            if let Some(field) = html_element(&id) {
                let _ = field.focus();
            }
        });
    })
}

fn linked_id(event: &leptos::ev::MouseEvent) -> Option<String> {
    let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let link = element.closest("a[href^='#']").ok()??;
    Some(link.get_attribute("href")?.strip_prefix('#')?.to_owned())
}

/// The tab that shows a control.
fn tab_of_element(id: &str) -> Tab {
    Tab::of(id.strip_prefix("field-").unwrap_or(id))
}

/// The name of a field in words.
fn field_label(state: EditorState, field: &str) -> String {
    match field {
        "name" => "Name".to_owned(),
        "connectors" => "Connectors".to_owned(),
        "scopes" => "Scopes".to_owned(),
        SECRET_EXPIRY => "Client secret expires on".to_owned(),
        _ => {
            let key = setting_key(field).unwrap_or(field);
            let provider = state.provider();
            provider
                .field(key)
                .map_or_else(|| key.to_owned(), |field| field.label.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_knows_its_tab() {
        assert_eq!(
            tab_of_element(&element_id("settings.client_id")),
            Tab::Settings
        );
        assert_eq!(tab_of_element(&element_id("scopes")), Tab::Scopes);
        assert_eq!(tab_of_element(&element_id("connectors")), Tab::Connectors);
    }
}
