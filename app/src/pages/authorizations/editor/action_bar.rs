//! Status and buttons, in view on every tab.

use super::{
    actions::Actions,
    refresh_now::RefreshNow,
    revocation_result::{in_short, relevant},
    state::{Asking, EditorState, Work},
};
use crate::{
    components::{Button, ButtonKind, StatusBadge},
    text,
};
use leptos::prelude::*;
use model::problem::Code;

/// The bar.
#[component]
pub fn ActionBar() -> impl IntoView {
    view! {
        <section class="action-bar" aria-label="Status and actions">
            <ConsentStatus/>
            <div class="action-bar__side">
                <p class="action-bar__draft">
                    <DraftNote/>
                </p>
                <Buttons/>
            </div>
        </section>
    }
}

#[component]
fn ConsentStatus() -> impl IntoView {
    let state = EditorState::expect();
    let status = Memo::new(move |_| state.editor.with(|editor| editor.state));
    let grant = Memo::new(move |_| state.editor.with(|editor| editor.grant.clone()));
    let account = Signal::derive(move || grant.get().and_then(|grant| grant.account));
    let scopes = move || {
        let grant = grant.get().filter(|_| state.was_authorized())?;
        Some(format!(
            "{} granted",
            text::count(grant.granted_scopes.len(), "scope")
        ))
    };
    let next = move || {
        let action = status.get().next_action();
        (!action.is_empty()).then_some(action)
    };
    let revoked = Memo::new(move |_| {
        let revocation = state.editor.with(relevant)?;
        Some(in_short(revocation.state))
    });
    view! {
        <div class="action-bar__status">
            <div class="action-bar__state">
                <StatusBadge state=status account/>
                <RefreshNow in_doubt=true/>
            </div>
            <p class="action-bar__next">
                {move || scopes().map(|scopes| view! { <span>{scopes}</span> })}
                {move || next().map(|next| view! { <span>{next}</span> })}
                <HealthLink/>
                {move || revoked.get().map(|words| view! { <span>{words}</span> })}
            </p>
        </div>
    }
}

/// Leads to how it has been doing, below the form.
#[component]
fn HealthLink() -> impl IntoView {
    let state = EditorState::expect();
    let known = Memo::new(move |_| state.health.read().is_some());
    view! {
        <Show when=move || known.get()>
            <a href="#health" rel="external">
                "Health"
            </a>
        </Show>
    }
}

/// Where the edits are.
#[component]
fn DraftNote() -> impl IntoView {
    let state = EditorState::expect();
    move || {
        if !state.unsaved.get() {
            return "All saved".to_owned();
        }
        if let Some(failed) = state.failed_keep.get() {
            return match failed.problem.code {
                Code::Offline => {
                    "Unsaved edits · not kept yet, Tokenry cannot be reached; nothing you typed is lost".to_owned()
                }
                _ => format!("Unsaved edits · not kept as a draft: {}", failed.problem.detail),
            };
        }
        if state.unkept.get() {
            "Unsaved edits · keeping a draft …".to_owned()
        } else {
            "Unsaved edits · kept as a draft".to_owned()
        }
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let works = move |work: Work| Signal::derive(move || state.busy.get() == Some(work));
    let authorize = move || {
        if state.was_authorized() {
            "Re-authorize"
        } else {
            "Authorize"
        }
    };
    let can_deauthorize = Memo::new(move |_| state.can_deauthorize());
    let unsaved = state.unsaved;
    view! {
        <div class="action-bar__buttons">
            <Show when=move || unsaved.get()>
                <Button
                    kind=ButtonKind::Quiet
                    busy=works(Work::Discarding)
                    on_press=move |()| state.asking.set(Some(Asking::Discard))
                >
                    "Discard draft"
                </Button>
            </Show>
            <Show when=move || can_deauthorize.get()>
                <Button
                    busy=works(Work::Deauthorizing)
                    on_press=move |()| state.asking.set(Some(Asking::Deauthorize))
                >
                    "Deauthorize"
                </Button>
            </Show>
            <Button busy=works(Work::Leaving) on_press=move |()| actions.ask_to_authorize()>
                {authorize}
            </Button>
            <Button
                kind=ButtonKind::Primary
                disabled=Signal::derive(move || !unsaved.get())
                busy=works(Work::Saving)
                on_press=move |()| actions.save()
            >
                "Save"
            </Button>
        </div>
    }
}
