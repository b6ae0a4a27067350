//! All errors of a form in one place, each a link to its field.

use super::{Tone, html_element};
use leptos::{html, prelude::*};
use model::problem::FieldError;

/// Where a field's error leads: the id of its control, and its name in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldLabel {
    /// Id of the control.
    pub id: String,
    /// Name of the field.
    pub label: String,
}

/// The errors of a form; takes the focus when they appear.
#[component]
pub fn ErrorSummary(
    /// The errors.
    #[prop(into)]
    errors: Signal<Vec<FieldError>>,
    /// Finds the control of a field (`settings.client_id`). Errors without one are plain text.
    #[prop(into)]
    label: Callback<String, Option<FieldLabel>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if !errors.read().is_empty()
            && let Some(summary) = node.get()
        {
            let _ = summary.focus();
        }
    });
    let heading = move || match errors.read().len() {
        1 => "One thing needs your attention".to_owned(),
        number => format!("{number} things need your attention"),
    };
    move || {
        (!errors.read().is_empty()).then(|| {
            view! {
                <div
                    node_ref=node
                    class="banner banner--error error-summary"
                    role="alert"
                    tabindex="-1"
                >
                    <super::Icon name=Tone::Error.icon() />
                    <div class="banner__body">
                        <p class="banner__title">{heading()}</p>
                        <ul class="error-summary__list">
                            {errors
                                .get()
                                .into_iter()
                                .map(|error| view! { <li>{line(error, label)}</li> })
                                .collect_view()}
                        </ul>
                    </div>
                </div>
            }
        })
    }
}

fn line(error: FieldError, label: Callback<String, Option<FieldLabel>>) -> AnyView {
    match label.run(error.field) {
        Some(FieldLabel { id, label }) => view! {
            <a
                href=format!("#{id}")
                on:click=move |event| {
                    // The router would take the fragment for a navigation; the field wants focus.
                    event.prevent_default();
                    if let Some(field) = html_element(&id) {
                        let _ = field.focus();
                    }
                }
            >
                {label}
                ": "
                {error.message}
            </a>
        }
        .into_any(),
        None => error.message.into_any(),
    }
}
