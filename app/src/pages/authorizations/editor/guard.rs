//! Nobody leaves unsaved edits behind by accident.
//!
//! Three ways lead out: closing the tab or loading another site (the browser asks, and only while
//! the server lacks something), a link inside the app, and the Back button. The last two open the
//! question Keep draft / Discard / Stay. The listeners run before the router's own.

use super::state::{Asking, EditorState, Work};
use crate::{history, links};
use leptos::{leptos_dom::helpers::window, prelude::*};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Event, HtmlAnchorElement, MouseEvent, PageTransitionEvent};

/// Watches for the rest of the visit. Call it in the body of the editor.
pub fn guard(state: EditorState) {
    Effect::new(move |_| {
        listen("click", move |event| on_click(state, event));
        history::on_step(move |event| on_history(state, event));
        listen("beforeunload", move |event| on_unload(state, event));
        listen("pageshow", on_return);
    });
}

/// A click that would lead to another page of the app asks first.
fn on_click(state: EditorState, event: &Event) {
    let Some(target) = event.dyn_ref::<MouseEvent>().and_then(way_out) else {
        return;
    };
    if !is_inside(state, &target) && state.has_something_to_lose() {
        event.prevent_default();
        event.stop_immediate_propagation();
        state.asking.set(Some(Asking::Leave(target)));
    }
}

/// Path and query of the page in this app that a click leads to, as the router would decide it.
fn way_out(event: &MouseEvent) -> Option<String> {
    let modified = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
    if event.default_prevented() || event.button() != 0 || modified {
        return None;
    }
    let link = event
        .composed_path()
        .iter()
        .find_map(|element| element.dyn_into::<HtmlAnchorElement>().ok())?;
    let elsewhere = !link.target().is_empty()
        || link.href().is_empty()
        || link.has_attribute("download")
        || link.origin() != location().origin().ok()?;
    (!elsewhere).then(|| format!("{}{}", link.pathname(), link.search()))
}

/// Back and Forward have happened already: the address is put back before anybody else sees it.
fn on_history(state: EditorState, event: &Event) {
    let Some(target) = current_path() else {
        return;
    };
    if is_inside(state, &target) || !state.has_something_to_lose() {
        return;
    }
    event.stop_immediate_propagation();
    let here = links::editor(state.id, state.tab.get_untracked().slug());
    let restored = window()
        .history()
        .and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&here)));
    if restored.is_ok() {
        state.asking.set(Some(Asking::Leave(target)));
    }
}

/// The browser's own question, only while the server lacks something that was typed.
fn on_unload(state: EditorState, event: &Event) {
    let leaving_on_purpose = state.busy.get_untracked() == Some(Work::Leaving);
    if state.unkept.get_untracked() && !leaving_on_purpose {
        event.prevent_default();
    }
}

/// Back from the provider by the Back button: the page comes out of the browser's cache as it was
/// left, with a flow under way. Loading it again shows the draft as the server has it.
fn on_return(event: &Event) {
    let cached = event
        .dyn_ref::<PageTransitionEvent>()
        .is_some_and(PageTransitionEvent::persisted);
    if cached {
        // If it cannot be reloaded, the page is still usable.
        let _ = location().reload();
    }
}

fn current_path() -> Option<String> {
    let location = location();
    Some(format!(
        "{}{}",
        location.pathname().ok()?,
        location.search().ok()?
    ))
}

/// The path is one of this editor's tabs.
fn is_inside(state: EditorState, path: &str) -> bool {
    path.starts_with(&format!("/authorizations/{}", state.id))
}

/// Listens on the window in the capture phase until the calling owner is gone.
fn listen(event: &'static str, handler: impl Fn(&Event) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| handler(&event));
    let function = closure.as_ref().unchecked_ref();
    let added = window().add_event_listener_with_callback_and_bool(event, function, true);
    if added.is_err() {
        return;
    }
    let closure = StoredValue::new_local(Some(closure));
    on_cleanup(move || {
        if let Some(closure) = closure.try_update_value(Option::take).flatten() {
            let function = closure.as_ref().unchecked_ref();
            // Fails only when it was not there.
            let _ = window().remove_event_listener_with_callback_and_bool(event, function, true);
        }
    });
}
