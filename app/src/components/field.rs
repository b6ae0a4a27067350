//! A labelled form field: label, help and error, wired to the control inside.

use super::{Icon, IconName};
use leptos::{context::Provider, prelude::*};

/// What the control inside a [`Field`] needs to know.
#[derive(Clone)]
pub struct FieldContext {
    /// Id of the control.
    pub id: String,
    /// Ids of help and error, for `aria-describedby`.
    pub described_by: Signal<Option<String>>,
    /// The error, when there is one.
    pub error: Signal<Option<String>>,
    /// Must be filled in.
    pub required: bool,
}

impl FieldContext {
    /// The field around the control that is being built.
    pub fn get() -> Self {
        use_context().expect("form controls stand inside a Field")
    }
}

/// Label, help and error around one control ([`TextInput`](super::TextInput),
/// [`Select`](super::Select), [`SecretInput`](super::SecretInput)).
///
/// The control's id is `id`, so an [`ErrorSummary`](super::ErrorSummary) can lead to it.
#[component]
pub fn Field(
    /// Id of the control; unique on the page.
    #[prop(into)]
    id: String,
    /// What to fill in.
    #[prop(into)]
    label: Signal<String>,
    /// One sentence under the label.
    #[prop(optional, into)]
    help: Option<String>,
    /// What is wrong and what to do.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Must be filled in. Fields that need not be say so.
    #[prop(optional)]
    required: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    let help_id = help.is_some().then(|| format!("{id}-help"));
    let error_id = format!("{id}-error");
    let described_by = Signal::derive({
        let error_id = error_id.clone();
        move || match (&help_id, error.read().is_some()) {
            (Some(help), true) => Some(format!("{error_id} {help}")),
            (Some(help), false) => Some(help.clone()),
            (None, true) => Some(error_id.clone()),
            (None, false) => None,
        }
    });
    let context = FieldContext {
        id: id.clone(),
        described_by,
        error,
        required,
    };
    view! {
        <div class="field" class:field--invalid=move || error.read().is_some()>
            <label class="field__label" for=id.clone()>
                {label}
                {(!required).then(|| view! { <span class="field__optional">" (optional)"</span> })}
            </label>
            {help.map(|help| view! { <p class="field__help" id=format!("{id}-help")>{help}</p> })}
            <Provider value=context>{children()}</Provider>
            <FieldError id=error_id error=error />
        </div>
    }
    .into_any()
}

/// The error under a field.
#[component]
pub fn FieldError(
    /// Its id, for `aria-describedby`.
    id: String,
    /// The message.
    error: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        error.get().map(|message| {
            view! {
                <p class="field__error" id=id.clone()>
                    <Icon name=IconName::Error />
                    <span>{message}</span>
                </p>
            }
        })
    }
}
