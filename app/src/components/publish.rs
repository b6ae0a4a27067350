//! Publishing from every page: what would change, the button in the header, and what came of it.

mod banner;
mod button;
mod panel;

pub use banner::PublishBanner;
pub use button::PublishButton;

use super::{Toast, Toasts, Tone, close_popover, use_toasts};
use crate::{
    api::{UiError, publish},
    live::{use_live, use_live_at},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    health::LiveChange,
    problem::Code,
    publish::{PublishResult, PublishState, Published},
};
use std::time::Duration;

/// Id of the pop-over that asks before publishing.
pub(super) const PANEL: &str = "publish-panel";
/// How long the button is green after a success.
const GREEN: Duration = Duration::from_mins(1);
/// How often what happened to consents makes it look again: comparing everything takes a while.
const CONSENTS: Duration = Duration::from_secs(10);

/// What publishing would do, shared by all pages.
#[derive(Clone, Copy)]
pub struct Publish {
    state: Resource<Result<PublishState, UiError>>,
    busy: RwSignal<bool>,
    done: RwSignal<bool>,
    /// Goes up with every publication, for pages that list them.
    version: RwSignal<u32>,
    toasts: Toasts,
}

impl Publish {
    /// What would be published; `None` while it is not known. Read it inside a `Transition`.
    pub fn state(self) -> Option<PublishState> {
        self.state.get().and_then(Result::ok)
    }

    /// The configuration differs from what is served.
    pub fn needed(self) -> bool {
        self.state().is_some_and(|state| state.needed)
    }

    /// A publish is running.
    pub fn busy(self) -> bool {
        self.busy.get()
    }

    /// A publish succeeded in the last minute.
    pub fn done(self) -> bool {
        self.done.get()
    }

    /// Goes up with every publication made here.
    pub fn version(self) -> u32 {
        self.version.get()
    }

    /// Asks the server again. Call it after every change of configuration.
    pub fn refetch(self) {
        self.state.refetch();
    }

    /// Publishes, and tells how it went.
    pub fn run(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let outcome = publish::publish().await;
            self.busy.set(false);
            close_popover(PANEL);
            self.tell(outcome);
        });
    }

    /// Shows the outcome of a publish or restore.
    pub fn tell(self, outcome: Result<Published, UiError>) {
        match outcome {
            Ok(published) => {
                self.done.set(true);
                set_timeout(
                    move || {
                        let _ = self.done.try_set(false);
                    },
                    GREEN,
                );
                self.version.update(|version| *version += 1);
                self.toasts.show(success(published));
            }
            Err(error) => self.toasts.show(failure(&error)),
        }
        self.refetch();
    }
}

fn success(published: Published) -> Toast {
    let number = published.number;
    let found = text::count(published.issues.len(), "issue");
    match published.result {
        PublishResult::Success => Toast::success(format!("Published as number {number}"))
            .with_text("Connectors use this configuration from now on."),
        PublishResult::Warning => {
            Toast::new(Tone::Warning, format!("Published as number {number}"))
                .with_text(format!("It works; {found} to look at."))
                .with_issues(published.issues)
        }
    }
}

fn failure(error: &UiError) -> Toast {
    let title = match error.code() {
        Code::Empty => "Publish failed (empty)",
        Code::Unchanged => "Publish failed (unchanged)",
        _ => "Publish failed",
    };
    let toast = Toast::error(title, error);
    if error.code() == Code::PublishFailed {
        toast.with_text("Nothing was applied; the last published configuration stays active.")
    } else {
        toast
    }
}

/// Starts watching the publish state. Once, around the pages of signed-in people.
pub fn provide_publish() -> Publish {
    let publish = Publish {
        state: Resource::new(|| (), |()| publish::state()),
        busy: RwSignal::new(false),
        done: RwSignal::new(false),
        version: RwSignal::new(0),
        toasts: use_toasts(),
    };
    provide_context(publish);
    use_live(
        |change| matches!(change, LiveChange::Published | LiveChange::Configuration),
        move || publish.refetch(),
    );
    // A refresh changes nothing to publish; a consent that ends does.
    use_live_at(
        CONSENTS,
        |change| matches!(change, LiveChange::Authorization(_)),
        move || publish.refetch(),
    );
    publish
}

/// The publish state of the page.
pub fn use_publish() -> Publish {
    expect_context()
}
