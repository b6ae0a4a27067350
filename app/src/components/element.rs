//! Finds what is in the page.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

/// The element with an id. Not for the server, which has no page.
pub fn html_element(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
