//! A choice from a short list.

use super::FieldContext;
use leptos::prelude::*;

/// A native select, inside a [`Field`](super::Field).
#[component]
pub fn Select(
    /// The value chosen.
    #[prop(into)]
    value: Signal<String>,
    /// The new value.
    #[prop(into)]
    on_change: Callback<String>,
    /// Values and labels, in order.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What stands there when nothing is chosen.
    #[prop(optional, into)]
    placeholder: Option<String>,
) -> impl IntoView {
    let field = FieldContext::get();
    let chosen = move |option: &str| value.read().as_str() == option;
    view! {
        <div class="select">
            <select
                id=field.id
                class="input"
                required=field.required
                aria-invalid=move || field.error.read().is_some().then_some("true")
                aria-describedby=field.described_by
                prop:value=value
                on:change=move |event| on_change.run(event_target_value(&event))
            >
                {placeholder
                    .map(|text| {
                        view! {
                            <option value="" selected=move || chosen("")>
                                {text}
                            </option>
                        }
                    })}
                {move || {
                    options
                        .get()
                        .into_iter()
                        .map(|(option, label)| {
                            let selected = chosen(&option);
                            view! {
                                <option value=option selected=selected>
                                    {label}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </div>
    }
    .into_any()
}
