//! Creates an Advanced REST API connector without leaving the editor.

use super::{
    connectors_tab::add_connector,
    state::{Asking, EditorState},
};
use crate::{components::Dialog, pages::connectors::ConnectorForm};
use leptos::prelude::*;
use model::connector::Connector;

/// The dialog; a new connector is chosen at once.
#[component]
pub fn ConnectorDialog() -> impl IntoView {
    let state = EditorState::expect();
    let open = Signal::derive(move || state.asking.read().as_ref() == Some(&Asking::NewConnector));
    let close = Callback::new(move |()| state.asking.set(None));
    let created = Callback::new(move |connector: Connector| {
        let id = connector.id;
        state.connectors.update(|all| all.push(connector));
        add_connector(state, id);
    });
    view! {
        <Dialog
            id="new-connector"
            open
            title="New Advanced REST API connector"
            on_close=close
        >
            <ConnectorForm
                connector=None
                verb="Create and add"
                on_saved=created
                on_close=close
            />
        </Dialog>
    }
}
