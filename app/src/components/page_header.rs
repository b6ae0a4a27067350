//! The head of a page: its title (also the document's), a sentence, and what can be done.

use super::set_document_title;
use leptos::prelude::*;

/// Title, sentence and actions of a page.
#[component]
pub fn PageHeader(
    /// The page's only `h1`.
    #[prop(into)]
    title: Signal<String>,
    /// What the page is for.
    #[prop(optional, into)]
    text: Option<String>,
    /// Where the page above is: address and name.
    #[prop(optional)]
    back: Option<(&'static str, &'static str)>,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    set_document_title(title);
    view! {
        <header class="page-header">
            <div class="page-header__words">
                {back
                    .map(|(href, name)| {
                        view! {
                            <nav class="page-header__back" aria-label="Breadcrumb">
                                <a href=href>{name}</a>
                            </nav>
                        }
                    })}
                <h1 class="page-header__title">{title}</h1>
                {text.map(|text| view! { <p class="page-header__text">{text}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-header__actions">{children()}</div> })}
        </header>
    }
    .into_any()
}
