//! What stands at addresses that are no page.

use super::front::Front;
use crate::{components::ButtonLink, links};
use leptos::prelude::*;

/// The 404 page, with the status that goes with it.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <Front
            title="There is no such page"
            text="The address may be mistyped, or what it named was deleted."
        >
            <ButtonLink href=links::HOME>"Go to authorizations"</ButtonLink>
        </Front>
    }
    .into_any()
}
