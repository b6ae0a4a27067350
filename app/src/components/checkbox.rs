//! A checkbox with its label and a sentence of help.

use leptos::prelude::*;

/// A checkbox.
#[component]
pub fn Checkbox(
    /// Its id; unique on the page.
    #[prop(into)]
    id: String,
    /// What being checked means.
    #[prop(into)]
    label: Signal<String>,
    /// One sentence under the label.
    #[prop(optional, into)]
    help: Option<String>,
    /// Checked or not.
    #[prop(into)]
    checked: Signal<bool>,
    /// The new state.
    #[prop(into)]
    on_change: Callback<bool>,
    /// Something is wrong with it, or with the group it is in.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// Cannot be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let help_id = help.is_some().then(|| format!("{id}-help"));
    view! {
        <div class="checkbox">
            <input
                type="checkbox"
                class="checkbox__box"
                id=id.clone()
                aria-describedby=help_id
                aria-invalid=move || invalid.get().then_some("true")
                disabled=disabled
                checked=checked.get_untracked()
                prop:checked=checked
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <label class="checkbox__label" for=id.clone()>
                {label}
            </label>
            {help
                .map(|help| {
                    view! { <p class="checkbox__help" id=format!("{id}-help")>{help}</p> }
                })}
        </div>
    }
    .into_any()
}
