//! The document's title.
//!
//! There is one `Title` for all pages, and each page says what it is. With one `Title` for each page,
//! a page that takes the place of another in the page tree would leave a text behind that reads what
//! is gone with its page (`leptos_meta` 0.8 pushes it anew when a view is rebuilt).

use leptos::prelude::*;
use leptos_meta::Title;

#[derive(Clone, Copy)]
struct Shown(RwSignal<String>);

/// Shows what the page says it is. Stands once, above all pages.
pub fn provide_document_title() -> impl IntoView {
    let shown = RwSignal::new("Tokenry".to_owned());
    provide_context(Shown(shown));
    view! { <Title text=move || shown.get() /> }
}

/// Says what the page is.
pub fn set_document_title(title: Signal<String>) {
    let Shown(shown) = expect_context();
    let text = |title: String| format!("{title} · Tokenry");
    // At once, for the server; then as it changes.
    shown.set(text(title.get_untracked()));
    Effect::new(move |_| shown.set(text(title.get())));
}
