//! The reminder that what is saved is not served yet.

use super::{PANEL, use_publish};
use crate::components::{Icon, IconName};
use leptos::prelude::*;
use model::publish::{EntityKind, PublishState};
use uuid::Uuid;

/// Shown where something was changed that is not published yet; with `entity`, only when that
/// entity is among the changes.
#[component]
pub fn PublishBanner(
    /// Id of the authorization or connector that the page is about.
    #[prop(optional, into)]
    entity: Signal<Option<Uuid>>,
) -> impl IntoView {
    let publish = use_publish();
    let shown = move || {
        let state = publish.state()?;
        concerns(&state, entity.get()).then_some(state)
    };
    view! {
        <Transition>
            {
                // Looked up anew, it is often the same: then nothing moves.
                let shown = Memo::new(move |_| shown());
                move || {
                shown.get()
                    .map(|state| {
                        view! {
                            <div class="banner banner--info publish-banner" role="status">
                                <Icon name=IconName::Rocket />
                                <div class="banner__body">
                                    <p class="banner__title">"Publish needed"</p>
                                    <p>{served(&state)}</p>
                                </div>
                                <button
                                    type="button"
                                    class="button button--small"
                                    popovertarget=PANEL
                                >
                                    "Review and publish"
                                </button>
                            </div>
                        }
                    })
            }}
        </Transition>
    }
    .into_any()
}

fn concerns(state: &PublishState, entity: Option<Uuid>) -> bool {
    let changed = |id| state.changes.iter().any(|change| change.entity.id == id);
    state.needed && entity.is_none_or(changed)
}

/// What the run time serves until then.
fn served(state: &PublishState) -> String {
    let authorizations = state
        .changes
        .iter()
        .filter(|change| change.entity.kind == EntityKind::Authorization)
        .count();
    match (&state.last, authorizations) {
        (None, _) => "Connectors get no tokens until this is published.".to_owned(),
        (Some(last), 0) => format!(
            "Connectors still use publication {} without these changes.",
            last.number
        ),
        (Some(last), _) => format!(
            "Until then connectors still get tokens as of publication {}.",
            last.number
        ),
    }
}
