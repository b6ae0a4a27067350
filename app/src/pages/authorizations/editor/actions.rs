//! What the editor has the server do, and what comes of it.
//!
//! One action runs at a time ([`EditorState::busy`]), and none overtakes a draft that is on its way:
//! a draft that arrived after Save would bring back what was just stored.

use super::{
    form::Form,
    state::{Asking, EditorState, Work, first_expiry},
};
use crate::{
    api::{UiError, editor as api},
    links,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    SecretId,
    client_secret::{ClientSecretInput, ClientSecretPatch},
    problem::Code,
    revocation::RevocationState,
};
use std::future::Future;

/// Continues after a draft has arrived. `Send`, since the server's rendering may move between threads.
type Continuation = Box<dyn FnOnce() + Send + Sync>;

/// The actions of one editor visit; `Copy`, in context beside the state.
#[derive(Clone, Copy)]
pub struct Actions {
    state: EditorState,
    /// What waits for the draft on its way.
    waiting: StoredValue<Option<Continuation>>,
    /// Goes to another page of the app.
    navigate: Callback<String>,
    /// Tells what was done, and has the publish state looked up again.
    report: Callback<&'static str>,
}

impl Actions {
    /// The actions on a state. `navigate` goes to another page; `report` tells what was done.
    pub fn new(
        state: EditorState,
        navigate: Callback<String>,
        report: Callback<&'static str>,
    ) -> Self {
        Self {
            state,
            waiting: StoredValue::new(None),
            navigate,
            report,
        }
    }

    /// The actions of the editor that the calling component is part of.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Keeps the draft in the background; a failure shows as a notice and is tried again.
    pub fn keep(self) {
        self.keep_then(|_| {});
    }

    /// Keeps what the server does not have yet, then goes on.
    fn keep_then(self, then: impl FnOnce(Self) + 'static) {
        let Self { state, .. } = self;
        if state.keeping.get_untracked() {
            return;
        }
        state.keeping.set(true);
        spawn_local(async move {
            let (form, input, base) = sent(state);
            let result = api::keep_draft(state.id, input, base).await;
            if state.keeping.is_disposed() {
                return;
            }
            state.keeping.set(false);
            match result {
                Ok(editor) => {
                    state.adopt_kept(form, editor);
                    then(self);
                }
                Err(error) => state.keep_failed(error.0),
            }
            let waiting = self.waiting.try_update_value(Option::take).flatten();
            if let Some(go_on) = waiting {
                go_on();
            }
        });
    }

    /// Stores the form, if it is valid.
    pub fn save(self) {
        if !self.state.submit() {
            return;
        }
        if untrack(|| self.state.account_is_open()) {
            self.state.asking.set(Some(Asking::Account));
        } else {
            self.save_as(self.base());
        }
    }

    /// Stores the form over the version that is named.
    pub fn save_as(self, base_version: i64) {
        let state = self.state;
        self.run(
            Work::Saving,
            move || {
                let (form, input, _) = sent(state);
                let saved = api::save(state.id, input, base_version);
                async move { saved.await.map(|update| (form, update)) }
            },
            move |(form, update)| {
                state.adopt_saved(&form, update);
                state.asking.set(None);
                self.report.run("Saved.");
            },
        );
    }

    /// Asks before leaving for the provider, if the form is valid.
    pub fn ask_to_authorize(self) {
        if self.state.submit() {
            self.state.asking.set(Some(Asking::Authorize));
        }
    }

    /// Keeps the form and leaves for the provider in this tab.
    pub fn authorize(self) {
        let state = self.state;
        let tab = state.tab.get_untracked().slug();
        self.run(
            Work::Leaving,
            move || {
                let (form, input, base) = sent(state);
                let begun = api::begin(state.id, input, base, tab.to_owned());
                async move { begun.await.map(|url| (form, url)) }
            },
            move |(form, url)| {
                state.kept.set(form);
                // The page is on its way out: its buttons stay busy until it is gone.
                state.busy.set(Some(Work::Leaving));
                if location().assign(&url).is_err() {
                    state.busy.set(None);
                }
            },
        );
    }

    /// Ends the stored consent.
    pub fn deauthorize(self) {
        let state = self.state;
        self.run(
            Work::Deauthorizing,
            move || api::deauthorize(state.id),
            move |mut update| {
                go_on_from(state, &mut update);
                state.asking.set(None);
                let message = match update.editor.revocations.first().map(|newest| newest.state) {
                    Some(RevocationState::NotOffered) => {
                        "Deauthorized. The provider does not offer revocation."
                    }
                    Some(RevocationState::Failed) => {
                        "Deauthorized, but not revoked at the provider."
                    }
                    Some(RevocationState::Done) => "Deauthorized and revoked at the provider.",
                    Some(RevocationState::Pending) => {
                        "Deauthorized. It is being revoked at the provider."
                    }
                    None => "Deauthorized.",
                };
                self.take_in(update, message);
            },
        );
    }

    /// Refreshes the stored consent now; `on_failure` hears why there is no new token.
    pub fn refresh(self, on_failure: Callback<String>) {
        let state = self.state;
        self.run(
            Work::Refreshing,
            move || api::refresh(state.id),
            move |refreshed| {
                state.health.set(refreshed.health);
                // As a refresh that happened by itself: the form is nobody's business here.
                state.adopt_live(refreshed.current);
                match refreshed.why_not {
                    None => self.report.run("Refreshed."),
                    Some(why) => on_failure.run(why),
                }
            },
        );
    }

    /// Puts the authorization aside or brings it back.
    pub fn set_active(self, active: bool) {
        let state = self.state;
        self.run(
            Work::SettingActive,
            move || api::set_active(state.id, active),
            move |mut update| {
                go_on_from(state, &mut update);
                self.take_in(update, if active { "Activated." } else { "Deactivated." });
            },
        );
    }

    /// Says whose account to use: the one that signed in now, or the one before.
    pub fn answer_account(self, new: bool) {
        let state = self.state;
        self.run(
            Work::ChoosingAccount(new),
            move || api::answer_account(state.id, new),
            move |update| {
                state.asking.set(None);
                state.adopt_state(update);
                self.report.run(if new {
                    "Save to use the new account."
                } else {
                    "The account stays as it was. The new consent is revoked."
                });
            },
        );
    }

    /// Adds a client secret; `on_refusal` hears what is wrong with it.
    pub fn add_secret(self, input: ClientSecretInput, on_refusal: Callback<String>) {
        let state = self.state;
        self.run(
            Work::AddingSecret,
            move || {
                let added = api::add_secret(state.id, input);
                async move {
                    match added.await {
                        Err(error) => match error.field("value") {
                            Some(why) => Ok(Err(why)),
                            None => Err(error),
                        },
                        Ok(update) => Ok(Ok(update)),
                    }
                }
            },
            move |added| match added {
                Ok(update) => self.take_in_secrets(update, "Secret added."),
                Err(why) => on_refusal.run(why),
            },
        );
    }

    /// Changes a stored client secret.
    pub fn change_secret(self, id: SecretId, patch: ClientSecretPatch) {
        let state = self.state;
        self.run(
            Work::ChangingSecret(id),
            move || api::change_secret(state.id, id, patch),
            move |update| self.take_in_secrets(update, "Secret changed."),
        );
    }

    /// Forgets a stored client secret.
    pub fn remove_secret(self, id: SecretId) {
        let state = self.state;
        self.run(
            Work::ChangingSecret(id),
            move || api::remove_secret(state.id, id),
            move |update| self.take_in_secrets(update, "Secret removed."),
        );
    }

    fn take_in_secrets(self, mut update: api::EditorUpdate, message: &'static str) {
        let state = self.state;
        let before = state.editor.with_untracked(first_expiry);
        go_on_from(state, &mut update);
        state.asking.set(None);
        self.take_in(update, message);
        state.adopt_expiry(before);
    }

    fn take_in(self, update: api::EditorUpdate, message: &'static str) {
        let state = self.state;
        if state.unkept.get_untracked() || update.editor.draft.is_some() {
            state.adopt_state(update);
        } else {
            state.adopt(update);
        }
        self.report.run(message);
    }

    /// Forgets the draft; a never saved authorization is gone with it.
    pub fn discard(self) {
        self.discard_then(None);
    }

    /// Forgets the draft, then goes to another page.
    pub fn discard_and_go(self, target: String) {
        self.discard_then(Some(target));
    }

    fn discard_then(self, target: Option<String>) {
        let state = self.state;
        self.run(
            Work::Discarding,
            move || api::discard_draft(state.id),
            move |stored| {
                state.asking.set(None);
                let gone = stored.is_none();
                if let Some(update) = stored {
                    state.adopt(update);
                } else {
                    state.kept.set(state.form.get_untracked());
                    state.editor.update(|editor| editor.draft = None);
                }
                self.report.run("Draft discarded.");
                if let Some(target) = target.or_else(|| gone.then(|| links::HOME.to_owned())) {
                    self.navigate.run(target);
                }
            },
        );
    }

    /// Keeps the draft, then goes to another page.
    pub fn keep_and_go(self, target: String) {
        let go = move |this: Self| {
            this.state.asking.set(None);
            this.navigate.run(target);
        };
        if self.state.unkept.get_untracked() {
            self.keep_then(go);
        } else {
            go(self);
        }
    }

    /// Fetches what is stored and opens the choice between both versions.
    pub fn compare(self) {
        let state = self.state;
        self.run(
            Work::Comparing,
            move || api::stored(state.id),
            move |stored| state.asking.set(Some(Asking::Conflict(Box::new(stored)))),
        );
    }

    /// Version that the edits started from.
    fn base(self) -> i64 {
        self.state
            .editor
            .with_untracked(|editor| editor.base_version)
    }

    /// Runs one action: after the draft on its way, and not beside another action.
    fn run<T, F>(
        self,
        work: Work,
        call: impl FnOnce() -> F + Send + Sync + 'static,
        then: impl FnOnce(T) + Send + Sync + 'static,
    ) where
        T: 'static,
        F: Future<Output = Result<T, UiError>> + 'static,
    {
        let state = self.state;
        if state.busy.get_untracked().is_some() {
            return;
        }
        state.busy.set(Some(work));
        state.trouble.set(None);
        let start = move || {
            spawn_local(async move {
                let result = call().await;
                if state.busy.is_disposed() {
                    return;
                }
                state.busy.set(None);
                match result {
                    Ok(value) => then(value),
                    Err(error) => self.failed(error),
                }
            });
        };
        if state.keeping.get_untracked() {
            self.waiting.set_value(Some(Box::new(start)));
        } else {
            start();
        }
    }

    fn failed(self, error: UiError) {
        let UiError(problem) = error;
        match problem.code {
            Code::Stale => self.compare(),
            // Somebody else's consent came first: the question is known after a look.
            Code::AccountUnconfirmed if untrack(|| self.state.account_is_open()) => {
                self.state.asking.set(Some(Asking::Account));
            }
            _ => {
                self.state.asking.set(None);
                self.state.object(problem);
            }
        }
    }
}

/// When only our own action made a new version, the edits go on from that one.
fn go_on_from(state: EditorState, update: &mut api::EditorUpdate) {
    let overtaken = untrack(|| state.is_stale());
    if let Some(saved) = &update.editor.saved
        && !overtaken
    {
        update.editor.base_version = saved.version;
    }
}

/// What is sent of the form: itself, the server's input, the version it started from.
fn sent(state: EditorState) -> (Form, model::authorization::AuthorizationInput, i64) {
    let form = state.form.get_untracked();
    let input = form.to_input(&state.provider().id);
    let base = state.editor.with_untracked(|editor| editor.base_version);
    (form, input, base)
}
