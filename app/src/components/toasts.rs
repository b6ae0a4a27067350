//! Short messages about what just happened, at the edge of the page.

use super::{Button, ButtonSize, Icon, IconButton, IconName, IssueList, Tone};
use crate::api::UiError;
use leptos::prelude::*;
use model::publish::Issue;
use std::time::Duration;

/// How long a message stays; failures stay until they are closed.
const SHOWN: Duration = Duration::from_secs(8);

/// One message.
#[derive(Clone)]
pub struct Toast {
    id: u32,
    tone: Tone,
    title: String,
    text: Option<String>,
    issues: Vec<Issue>,
    action: Option<(&'static str, Callback<()>)>,
}

impl Toast {
    /// A message.
    pub fn new(tone: Tone, title: impl Into<String>) -> Self {
        Self {
            id: 0,
            tone,
            title: title.into(),
            text: None,
            issues: Vec::new(),
            action: None,
        }
    }

    /// It went well.
    pub fn success(title: impl Into<String>) -> Self {
        Self::new(Tone::Success, title)
    }

    /// It failed.
    pub fn error(title: impl Into<String>, error: &UiError) -> Self {
        Self::new(Tone::Error, title)
            .with_text(error.message())
            .with_issues(error.0.issues.clone())
    }

    /// A sentence under the title.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into()).filter(|text| *text != self.title);
        self
    }

    /// What was found, with links.
    #[must_use]
    pub fn with_issues(mut self, issues: Vec<Issue>) -> Self {
        self.issues = issues;
        self
    }

    /// Something to do about it: "Undo".
    #[must_use]
    pub fn with_action(mut self, label: &'static str, run: impl Into<Callback<()>>) -> Self {
        self.action = Some((label, run.into()));
        self
    }
}

/// The messages of the page.
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<Toast>>);

impl Toasts {
    /// Shows a message.
    pub fn show(self, toast: Toast) {
        self.0.update(|toasts| {
            let id = toasts.last().map_or(0, |last| last.id + 1);
            toasts.push(Toast { id, ..toast });
        });
    }

    /// Shows that something went well.
    pub fn success(self, title: impl Into<String>) {
        self.show(Toast::success(title));
    }

    /// Shows that something failed, and why.
    pub fn error(self, title: impl Into<String>, error: &UiError) {
        self.show(Toast::error(title, error));
    }

    fn close(self, id: u32) {
        // The timer may fire after the page is gone.
        let _ = self
            .0
            .try_update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// Makes room for messages. Once, in the application.
pub fn provide_toasts() {
    provide_context(Toasts(RwSignal::new(Vec::new())));
}

/// The messages of the page.
pub fn use_toasts() -> Toasts {
    expect_context()
}

/// Where messages appear. Once, in the application.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <section class="toasts" aria-label="Messages" aria-live="polite" aria-relevant="additions">
            <For each=move || toasts.0.get() key=|toast| toast.id let:toast>
                <ToastItem toast=toast />
            </For>
        </section>
    }
    .into_any()
}

#[component]
fn ToastItem(toast: Toast) -> impl IntoView {
    let toasts = use_toasts();
    let Toast { id, tone, .. } = toast;
    // Under the pointer or with the focus inside: it waits.
    let pointed = RwSignal::new(false);
    let focused = RwSignal::new(false);
    Effect::new(move |_| {
        if tone == Tone::Error || pointed.get() || focused.get() {
            return;
        }
        if let Ok(timer) = set_timeout_with_handle(move || toasts.close(id), SHOWN) {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <div
            class=format!("toast toast--{}", tone.name())
            role=if tone == Tone::Error { "alert" } else { "group" }
            on:mouseenter=move |_| pointed.set(true)
            on:mouseleave=move |_| pointed.set(false)
            on:focusin=move |_| focused.set(true)
            on:focusout=move |_| focused.set(false)
        >
            <Icon name=tone.icon() />
            <div class="toast__body">
                <p class="toast__title">
                    <span class="visually-hidden">{tone.word()} ": "</span>
                    {toast.title}
                </p>
                {toast.text.map(|text| view! { <p class="toast__text">{text}</p> })}
                {(!toast.issues.is_empty()).then(|| view! { <IssueList issues=toast.issues /> })}
                {toast
                    .action
                    .map(|(label, run)| {
                        let press = move |()| {
                            toasts.close(id);
                            run.run(());
                        };
                        view! {
                            <Button size=ButtonSize::Small on_press=press>
                                {label}
                            </Button>
                        }
                    })}
            </div>
            <IconButton
                icon=IconName::Close
                label="Close this message"
                on_press=move |()| toasts.close(id)
            />
        </div>
    }
    .into_any()
}
