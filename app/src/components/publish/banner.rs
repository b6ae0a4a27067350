//! The reminder that what is saved is not served yet.

use super::{PANEL, use_publish};
use crate::components::{Icon, IconName};
use leptos::prelude::*;
use model::publish::{PublishState, Serving};
use uuid::Uuid;

/// Shown where something was changed that is not published yet; with `entity`, only when that
/// entity is among the changes.
#[component]
pub fn PublishBanner(
    /// Id of the authorization that the page is about.
    #[prop(optional, into)]
    entity: Signal<Option<Uuid>>,
    /// What is served of that authorization.
    #[prop(optional, into)]
    serving: Signal<Option<Serving>>,
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
                                    <p>
                                        {move || match (entity.get(), &state.last) {
                                            (Some(_), Some(_)) => of_one(serving.get().as_ref()),
                                            (_, last) => of_all(last.as_ref().map(|last| last.number)),
                                        }}
                                    </p>
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

/// What is served until then. Not whether there is a token: a consent may have ended meanwhile.
fn of_all(publication: Option<i64>) -> String {
    match publication {
        None => "Connectors get no tokens until this is published.".to_owned(),
        Some(number) => {
            format!("Until then publication {number} stays in force, without these changes.")
        }
    }
}

/// What is served of one authorization until then. An ended consent takes its tokens along at once,
/// whatever was published.
fn of_one(serving: Option<&Serving>) -> String {
    match serving {
        None => "Connectors get no token from it until this is published.".to_owned(),
        Some(Serving { number, state }) if state.serves_token() => {
            format!("Until then connectors still get tokens as of publication {number}.")
        }
        Some(Serving { number, state }) => format!(
            "Until then connectors get no token from it: it is not authorized in publication {number} ({}).",
            state.reason_text()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::of_one;
    use model::{
        publish::Serving,
        status::{CancelReason, ReauthorizationReason, Status},
    };

    #[test]
    fn tokens_are_promised_only_while_they_are_served() {
        let told = |state| of_one(Some(&Serving { number: 3, state }));
        let doubt = Status::ReauthorizationNeeded(ReauthorizationReason::DatabaseRestored);
        for serves in [Status::Healthy, Status::RefreshFailing, doubt] {
            assert!(told(serves).contains("still get tokens"), "{serves:?}");
        }
        let cancelled = told(Status::Cancelled(CancelReason::AccountDisabled));
        assert!(cancelled.contains("get no token") && cancelled.contains("account disabled"));
        for dead in [
            Status::Never,
            Status::ReauthorizationNeeded(ReauthorizationReason::Refused),
        ] {
            assert!(told(dead).contains("get no token"), "{dead:?}");
        }
        assert!(of_one(None).contains("get no token"));
    }
}
