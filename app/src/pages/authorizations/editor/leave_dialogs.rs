//! The questions before something is given up: the stored consent, the draft, the page.

use super::{
    actions::Actions,
    state::{Asking, EditorState, FailedKeep, Work},
};
use crate::components::{Button, ButtonKind, ConfirmDialog, Dialog};
use leptos::prelude::*;

fn is_open(state: EditorState, which: fn(&Asking) -> bool) -> Signal<bool> {
    Signal::derive(move || state.asking.read().as_ref().is_some_and(which))
}

fn is_busy(state: EditorState, work: Work) -> Signal<bool> {
    Signal::derive(move || state.busy.get() == Some(work))
}

fn closing(state: EditorState) -> Callback<()> {
    Callback::new(move |()| state.asking.set(None))
}

/// Before the consent is ended.
#[component]
pub fn DeauthorizeDialog() -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let served = move || match state.serving.get() {
        Some(serving) if serving.state.serves_token() => format!(
            "Publication {} still serves the published consent: connectors keep getting its tokens until you publish.",
            serving.number
        ),
        Some(serving) => format!(
            "Publication {} has this authorization, but serves no token from it.",
            serving.number
        ),
        None => "It is not published, so no connector uses it now.".to_owned(),
    };
    view! {
        <ConfirmDialog
            id="deauthorize"
            open=is_open(state, |asking| matches!(asking, Asking::Deauthorize))
            title="Deauthorize?"
            confirm="Deauthorize"
            danger=true
            busy=is_busy(state, Work::Deauthorizing)
            on_confirm=move |()| actions.deauthorize()
            on_close=closing(state)
        >
            <p>
                "The consent ends here, and is revoked at the provider as far as the provider offers that. To use the authorization again, somebody has to sign in again."
            </p>
            <p>{served}</p>
        </ConfirmDialog>
    }
}

/// Before the draft is forgotten.
#[component]
pub fn DiscardDialog() -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    view! {
        <ConfirmDialog
            id="discard"
            open=is_open(state, |asking| matches!(asking, Asking::Discard))
            title="Discard your edits?"
            confirm="Discard draft"
            danger=true
            busy=is_busy(state, Work::Discarding)
            on_confirm=move |()| actions.discard()
            on_close=closing(state)
        >
            <Consequences/>
        </ConfirmDialog>
    }
}

/// What goes with a draft.
#[component]
fn Consequences() -> impl IntoView {
    let state = EditorState::expect();
    let kept = move || {
        if state.editor.with(|editor| editor.saved.is_none()) {
            "This authorization was never saved: nothing of it remains."
        } else {
            "The form goes back to what is stored."
        }
    };
    view! {
        <p>{kept}</p>
        {move || {
            state
                .has_new_grant()
                .then(|| {
                    view! {
                        <p>
                            "The consent that was just given is not saved. It is revoked at the provider and forgotten."
                        </p>
                    }
                })
        }}
    }
}

fn not_kept(failed: FailedKeep) -> impl IntoView {
    view! { <p>"The draft could not be kept. " {failed.problem.detail}</p> }
}

/// Before leaving for another page of the app.
#[component]
pub fn LeaveDialog() -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let target = move || match state.asking.get_untracked() {
        Some(Asking::Leave(target)) => target,
        _ => crate::links::HOME.to_owned(),
    };
    view! {
        <Dialog
            id="leave"
            open=is_open(state, |asking| matches!(asking, Asking::Leave(_)))
            title="You have unsaved edits"
            alert=true
            on_close=closing(state)
        >
            <div class="dialog__text" id="leave-text">
                <p>
                    "Keep them as a draft, which you find here when you come back, or discard them."
                </p>
                <p>"If you discard them:"</p>
                <Consequences/>
                <div role="alert">{move || state.failed_keep.get().map(not_kept)}</div>
            </div>
            <div class="dialog__actions">
                <Button on_press=closing(state)>"Stay"</Button>
                <Button
                    kind=ButtonKind::Danger
                    busy=is_busy(state, Work::Discarding)
                    on_press=move |()| actions.discard_and_go(target())
                >
                    "Discard"
                </Button>
                <Button
                    kind=ButtonKind::Primary
                    busy=Signal::derive(move || state.keeping.get())
                    on_press=move |()| actions.keep_and_go(target())
                >
                    "Keep draft"
                </Button>
            </div>
        </Dialog>
    }
}
