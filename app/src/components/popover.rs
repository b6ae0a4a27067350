//! A panel above the page, the browser's own popover: closes on Escape and on a click beside it.

use super::html_element;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

/// The panel. It opens from a button with `popovertarget=<id>`, with or without WASM.
#[component]
pub fn Popover(
    /// Its id; unique on the page.
    #[prop(into)]
    id: String,
    /// What it is, for those who do not see it.
    #[prop(into)]
    label: String,
    /// Opened (`true`) or closed.
    #[prop(optional, into)]
    on_toggle: Option<Callback<bool>>,
    /// Its content.
    children: Children,
) -> impl IntoView {
    view! {
        <div
            id=id
            class="popover"
            popover="auto"
            role="dialog"
            aria-label=label
            on:toggle=move |event| {
                if let Some(on_toggle) = on_toggle {
                    let event: web_sys::ToggleEvent = event.unchecked_into();
                    on_toggle.run(event.new_state() == "open");
                }
            }
        >
            {children()}
        </div>
    }
    .into_any()
}

/// Closes a popover, if it is open.
pub fn close_popover(id: &str) {
    if let Some(panel) = html_element(id) {
        // Fails when it is not open, which is what we want.
        let _ = panel.hide_popover();
    }
}
