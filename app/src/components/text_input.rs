//! One line of text.

use super::{FieldContext, html_element};
use leptos::prelude::*;

/// What is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputKind {
    /// Anything.
    #[default]
    Text,
    /// Machine text, in the monospaced font, without spell checking: ids, scopes.
    Code,
    /// An e-mail address.
    Email,
    /// A password.
    Password,
    /// An address.
    Url,
    /// A whole number.
    Number,
    /// A day: `2026-11-24`.
    Date,
}

impl InputKind {
    const fn html(self) -> &'static str {
        match self {
            Self::Text | Self::Code => "text",
            Self::Email => "email",
            Self::Password => "password",
            Self::Url => "url",
            Self::Number => "number",
            Self::Date => "date",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Code | Self::Url => "input input--code",
            Self::Number | Self::Date => "input input--short",
            _ => "input",
        }
    }
}

/// A text field, inside a [`Field`](super::Field).
///
/// What somebody typed before the page became interactive is taken over.
#[component]
pub fn TextInput(
    /// What is shown.
    #[prop(into)]
    value: Signal<String>,
    /// Every change, as typed.
    #[prop(into)]
    on_input: Callback<String>,
    /// The field was left.
    #[prop(optional, into)]
    on_blur: Option<Callback<()>>,
    /// What is typed.
    #[prop(optional)]
    kind: InputKind,
    /// Key in a plain form post.
    #[prop(optional, into)]
    name: Option<String>,
    /// Example in the empty field.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// What the browser may fill in.
    #[prop(optional, into)]
    autocomplete: Option<String>,
    /// Shown, not changed.
    #[prop(optional, into)]
    readonly: Signal<bool>,
    /// Has the focus when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let field = FieldContext::get();
    adopt_typed(&field.id, value, on_input);
    view! {
        <input
            id=field.id
            class=kind.class()
            type=kind.html()
            name=name
            placeholder=placeholder
            autocomplete=autocomplete.unwrap_or_else(|| "off".to_owned())
            spellcheck=if kind == InputKind::Text { "true" } else { "false" }
            autocapitalize=(kind != InputKind::Text).then_some("none")
            autofocus=autofocus
            readonly=readonly
            required=field.required
            aria-invalid=move || field.error.read().is_some().then_some("true")
            aria-describedby=field.described_by
            value=value.get_untracked()
            prop:value=value
            on:input=move |event| on_input.run(event_target_value(&event))
            on:blur=move |_| {
                if let Some(on_blur) = on_blur {
                    on_blur.run(());
                }
            }
        />
    }
    .into_any()
}

/// What is wrong with a day that [is half typed](is_half_typed).
pub const HALF_A_DAY: &str = "Fill in day, month and year, or clear it.";

/// Whether somebody began to type an optional day and did not finish: its value is empty, so only
/// the browser can tell. Not for the server.
pub fn is_half_typed(id: &str) -> bool {
    html_element(id).is_some_and(|field| field.matches(":invalid") == Ok(true))
}

/// While a served page becomes interactive, its fields may hold text that no signal knows of yet.
#[cfg(feature = "hydrate")]
fn adopt_typed(id: &str, value: Signal<String>, on_input: Callback<String>) {
    use wasm_bindgen::JsCast as _;

    let hydrating = Owner::current_shared_context().is_some_and(|shared| shared.during_hydration());
    let typed = hydrating
        .then(|| document().get_element_by_id(id))
        .flatten()
        .and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok())
        .map(|input| input.value());
    if let Some(typed) = typed.filter(|typed| *typed != value.get_untracked()) {
        on_input.run(typed);
    }
}

#[cfg(not(feature = "hydrate"))]
fn adopt_typed(_: &str, _: Signal<String>, _: Callback<String>) {}
