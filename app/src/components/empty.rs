//! What stands where nothing is yet: what it is for, and what to do.

use super::{Icon, IconName};
use leptos::prelude::*;

/// An empty list.
#[component]
pub fn EmptyState(
    /// What would be here.
    icon: IconName,
    /// That there is nothing.
    #[prop(into)]
    title: String,
    /// What it is for.
    #[prop(into)]
    text: String,
    /// What to do: a button or link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty__icon">
                <Icon name=icon />
            </span>
            <h2 class="empty__title">{title}</h2>
            <p class="empty__text">{text}</p>
            {children.map(|children| view! { <div class="empty__actions">{children()}</div> })}
        </div>
    }
    .into_any()
}
