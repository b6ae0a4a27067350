//! Buttons, and links that look like them.

use super::{Icon, IconName};
use leptos::{ev::MouseEvent, prelude::*};

/// How much a button stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    /// Everything else.
    #[default]
    Secondary,
    /// Barely a button: in rows and tool bars.
    Quiet,
    /// Takes something away.
    Danger,
}

/// How large a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonSize {
    /// In rows.
    Small,
    /// Everywhere else.
    #[default]
    Medium,
}

const fn class(kind: ButtonKind, size: ButtonSize) -> &'static str {
    match (kind, size) {
        (ButtonKind::Primary, ButtonSize::Medium) => "button button--primary",
        (ButtonKind::Secondary, ButtonSize::Medium) => "button",
        (ButtonKind::Quiet, ButtonSize::Medium) => "button button--quiet",
        (ButtonKind::Danger, ButtonSize::Medium) => "button button--danger",
        (ButtonKind::Primary, ButtonSize::Small) => "button button--small button--primary",
        (ButtonKind::Secondary, ButtonSize::Small) => "button button--small",
        (ButtonKind::Quiet, ButtonSize::Small) => "button button--small button--quiet",
        (ButtonKind::Danger, ButtonSize::Small) => "button button--small button--danger",
    }
}

/// A button. While `busy` it keeps the focus, shows that it works, and does nothing.
#[component]
pub fn Button(
    /// How much it stands out.
    #[prop(optional)]
    kind: ButtonKind,
    /// How large it is.
    #[prop(optional)]
    size: ButtonSize,
    /// Submits the form it is in.
    #[prop(optional)]
    submit: bool,
    /// Cannot be pressed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// What it started is still running.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Pressed, while neither disabled nor busy.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// The label: a verb.
    children: Children,
) -> impl IntoView {
    let press = move |event: MouseEvent| {
        if busy.get_untracked() || disabled.get_untracked() {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=class(kind, size)
            disabled=disabled
            aria-busy=move || busy.get().then_some("true")
            aria-disabled=move || busy.get().then_some("true")
            on:click=press
        >
            {children()}
        </button>
    }
    .into_any()
}

/// A link that looks like a button: it leads somewhere.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: Signal<String>,
    /// How much it stands out.
    #[prop(optional)]
    kind: ButtonKind,
    /// How large it is.
    #[prop(optional)]
    size: ButtonSize,
    /// The label.
    children: Children,
) -> impl IntoView {
    view! {
        <a class=class(kind, size) href=href>
            {children()}
        </a>
    }
    .into_any()
}

/// A button that is an icon. `label` is its name for those who do not see it.
#[component]
pub fn IconButton(
    /// Which icon.
    icon: IconName,
    /// What it does, in words.
    #[prop(into)]
    label: Signal<String>,
    /// Pressed.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=label
            title=label
            on:click=move |_| on_press.run(())
        >
            <Icon name=icon />
        </button>
    }
    .into_any()
}
