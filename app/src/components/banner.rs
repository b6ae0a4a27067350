//! A message that stands in the page until its reason is gone.

use super::{Icon, IconName};
use leptos::prelude::*;

/// How a message is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    #[default]
    Info,
    /// It went well.
    Success,
    /// It works, but look at it.
    Warning,
    /// It does not work.
    Error,
}

impl Tone {
    /// The icon that goes with it.
    pub const fn icon(self) -> IconName {
        match self {
            Self::Info => IconName::Info,
            Self::Success => IconName::Check,
            Self::Warning => IconName::Warning,
            Self::Error => IconName::Error,
        }
    }

    /// Its name in class names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Its name for those who do not see the icon.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "Note",
            Self::Success => "Success",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }
}

/// A message in the page.
#[component]
pub fn Banner(
    /// How it is meant.
    #[prop(optional)]
    tone: Tone,
    /// The point, in a few words.
    #[prop(optional, into)]
    title: Option<String>,
    /// It appeared in answer to something the person did, so it is read out.
    #[prop(optional)]
    live: bool,
    /// The rest.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("banner banner--{}", tone.name()) role=live.then_some("alert")>
            <Icon name=tone.icon() />
            <div class="banner__body">
                <span class="visually-hidden">{tone.word()} ": "</span>
                {title.map(|title| view! { <p class="banner__title">{title}</p> })}
                {children()}
            </div>
        </div>
    }
    .into_any()
}
