//! Another account signed in than the one the authorization acts for: whose is it to be?
//!
//! Asked in a dialog on the return from the provider and before Save, and in a notice until it is
//! answered.

use super::{
    actions::Actions,
    state::{Asking, EditorState, Work},
};
use crate::components::{Banner, Button, ButtonKind, Dialog, Tone};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::account::AccountQuestion;

/// The dialog; opens by itself when the browser comes back with another account.
#[component]
pub fn AccountDialog() -> impl IntoView {
    let state = EditorState::expect();
    let question = question(state);
    let open = Signal::derive(move || {
        state.asking.read().as_ref() == Some(&Asking::Account) && question.get().is_some()
    });
    let returned = use_query_map().with_untracked(|query| query.get_str("flow").is_some());
    Effect::new(move |before: Option<()>| {
        if before.is_none() && returned && question.get_untracked().is_some() {
            state.asking.set(Some(Asking::Account));
        }
    });
    view! {
        <Dialog
            id="account"
            open
            title="Use another account?"
            alert=true
            on_close=move |()| state.asking.set(None)
        >
            {move || {
                question
                    .get()
                    .map(|question| {
                        view! {
                            <div class="dialog__text" id="account-text">
                                <Told question=question.clone()/>
                            </div>
                            <div class="dialog__actions editor__accounts">
                                <Answers question/>
                            </div>
                        }
                    })
            }}
        </Dialog>
    }
}

/// The same question as a notice, for whoever closed the dialog.
#[component]
pub fn AccountNotice() -> impl IntoView {
    let state = EditorState::expect();
    let question = question(state);
    move || {
        question.get().map(|question| {
            view! {
                <Banner tone=Tone::Warning title="Another account signed in">
                    <Told question=question.clone()/>
                    <div class="editor__accounts">
                        <Answers question/>
                    </div>
                </Banner>
            }
        })
    }
}

fn question(state: EditorState) -> Memo<Option<AccountQuestion>> {
    Memo::new(move |_| {
        state
            .editor
            .with(|editor| editor.draft.as_ref()?.account_question.clone())
    })
}

#[component]
fn Told(question: AccountQuestion) -> impl IntoView {
    let AccountQuestion {
        before,
        now,
        expected,
    } = question;
    let consequence = if expected {
        "That account was deactivated at the provider, so another one is what it takes."
    } else {
        "With the new one, connectors see and change what that account may. Nothing is replaced before you save."
    };
    view! {
        <p class="editor__account-told">
            "You signed in as "
            <strong>{now.label().to_owned()}</strong>
            ". This authorization acts for "
            <strong>{before.label().to_owned()}</strong>
            " so far."
        </p>
        <p>{consequence}</p>
    }
}

#[component]
fn Answers(question: AccountQuestion) -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let works = move |work: Work| Signal::derive(move || state.busy.get() == Some(work));
    view! {
        <Button
            kind=ButtonKind::Primary
            busy=works(Work::ChoosingAccount(true))
            on_press=move |()| actions.answer_account(true)
        >
            {format!("Use {}", question.now.label())}
        </Button>
        <Button
            busy=works(Work::ChoosingAccount(false))
            on_press=move |()| actions.answer_account(false)
        >
            {format!("Keep {}", question.before.label())}
        </Button>
        <Button
            kind=ButtonKind::Quiet
            busy=works(Work::Leaving)
            on_press=move |()| actions.authorize()
        >
            "Try again with another account"
        </Button>
    }
}
