//! The Publish button of the header.

use super::{PANEL, panel::PublishPanel, use_publish};
use crate::components::{Icon, IconName, Popover};
use leptos::prelude::*;
use std::time::Duration;

/// How long publishing is needed before the button asks for attention.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the button shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// There is nothing to publish.
    Nothing,
    /// Something waits to be published.
    Needed,
    /// It has waited for a while.
    Urgent,
    /// A publish is running.
    Running,
    /// A publish has just succeeded.
    Done,
}

impl Look {
    const fn class(self) -> &'static str {
        match self {
            Self::Nothing | Self::Running => "button publish",
            Self::Needed => "button button--primary publish",
            Self::Urgent => "button button--primary publish publish--urgent",
            Self::Done => "button publish publish--done",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Running => "Publishing",
            Self::Done => "Published",
            Self::Nothing | Self::Needed | Self::Urgent => "Publish",
        }
    }

    /// What the look means, for those who do not see it.
    const fn hint(self) -> &'static str {
        match self {
            Self::Nothing => "Nothing to publish",
            Self::Needed | Self::Urgent => "There are changes to publish",
            Self::Running => "Publishing",
            Self::Done => "Published a moment ago",
        }
    }
}

/// The button and its pop-over, in the header of every page.
#[component]
pub fn PublishButton() -> impl IntoView {
    view! {
        <Transition fallback=|| view! { <span class="publish publish--unknown"></span> }>
            <Control />
        </Transition>
    }
    .into_any()
}

#[component]
fn Control() -> impl IntoView {
    let publish = use_publish();
    let waited = RwSignal::new(false);
    Effect::new(move |_| {
        if !publish.needed() {
            waited.set(false);
        } else if let Ok(timer) = set_timeout_with_handle(move || waited.set(true), PATIENCE) {
            on_cleanup(move || timer.clear());
        }
    });
    let look = move || {
        if publish.busy() {
            Look::Running
        } else if publish.needed() {
            if waited.get() {
                Look::Urgent
            } else {
                Look::Needed
            }
        } else if publish.done() {
            Look::Done
        } else {
            Look::Nothing
        }
    };
    view! {
        <button
            type="button"
            class=move || look().class()
            disabled=move || matches!(look(), Look::Nothing | Look::Running | Look::Done)
            aria-busy=move || publish.busy().then_some("true")
            title=move || look().hint()
            popovertarget=PANEL
        >
            {move || {
                let icon = if look() == Look::Done { IconName::Check } else { IconName::Rocket };
                view! { <Icon name=icon /> }
            }}
            {move || look().label()}
        </button>
        <span class="visually-hidden" role="status">
            {move || look().hint()}
        </span>
        <Popover id=PANEL label="Publish">
            <PublishPanel />
        </Popover>
    }
    .into_any()
}
