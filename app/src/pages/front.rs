//! The frame of pages in front of the application: signing in, setting up, the end of a link.

use crate::{
    components::set_document_title,
    layout::{Mark, Ribbon},
};
use leptos::prelude::*;

/// A card in the middle of the page.
#[component]
pub(super) fn Front(
    /// The page's only `h1`.
    #[prop(into)]
    title: String,
    /// What the page is for.
    #[prop(optional, into)]
    text: Option<String>,
    /// The rest.
    children: Children,
) -> impl IntoView {
    set_document_title(title.clone().into());
    view! {
        <Ribbon />
        <main id="main" class="front">
            <div class="front__card">
                <p class="front__mark">
                    <Mark />
                    "Tokenry"
                </p>
                <h1 class="front__title">{title}</h1>
                {text.map(|text| view! { <p class="front__text">{text}</p> })}
                {children()}
            </div>
        </main>
    }
    .into_any()
}
