//! What the pop-over shows: the last publish, what would change, what was found.

use super::{PANEL, use_publish};
use crate::components::{Button, ButtonKind, ChangeList, IssueList, RelativeTime, close_popover};
use leptos::prelude::*;
use model::publish::{PublishState, Severity};

/// The question whether to publish.
#[component]
pub(super) fn PublishPanel() -> impl IntoView {
    let publish = use_publish();
    view! {
        <div class="publish-panel">
            {move || publish.state().map(content)}
            <div class="publish-panel__actions">
                <Button on_press=|()| close_popover(PANEL)>"Cancel"</Button>
                <Button
                    kind=ButtonKind::Primary
                    busy=Signal::derive(move || publish.busy())
                    on_press=move |()| publish.run()
                >
                    "Publish"
                </Button>
            </div>
        </div>
    }
    .into_any()
}

fn content(state: PublishState) -> AnyView {
    let blocked = state
        .issues
        .iter()
        .any(|issue| issue.severity == Severity::Error);
    let last = match state.last {
        Some(last) => view! {
            "Last published " <RelativeTime at=last.published_at /> " by "
            {last.published_by} " (number " {last.number} ")."
        }
        .into_any(),
        None => "Never published yet: connectors get no tokens until you do.".into_any(),
    };
    view! {
        <h2 class="publish-panel__title">"Publish these changes?"</h2>
        <p class="publish-panel__last">{last}</p>
        <ChangeList changes=state.changes />
        {(!state.issues.is_empty())
            .then(|| {
                view! {
                    <h3 class="publish-panel__heading">"Detected issues"</h3>
                    {blocked
                        .then(|| {
                            view! {
                                <p class="publish-panel__last">
                                    "With errors nothing is applied; what was published last stays active."
                                </p>
                            }
                        })}
                    <IssueList issues=state.issues />
                }
            })}
    }
    .into_any()
}
