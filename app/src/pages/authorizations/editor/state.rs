//! The state of one editor visit: the form store, what the server holds, and what follows from both.
//!
//! Sources are written by inputs and by [`super::actions`]; everything else is derived from them.
//! [`EditorState`] is `Copy` and travels through context.

use super::{
    checks::{Attempt, Refusal, merge_errors, summarise},
    form::{CLIENT_SECRET, Form, FormStoreFields as _, SECRET_EXPIRY, Tab, element_id},
};
use crate::{
    api::editor::{EditorPage, EditorUpdate},
    components::{HALF_A_DAY, is_half_typed},
};
use chrono::NaiveDate;
use leptos::prelude::*;
use model::{
    AuthorizationId, ConnectorId,
    authorization::Editor,
    connector::Connector,
    health::Health,
    problem::{FieldError, Problem},
    provider::ProviderInfo,
    publish::Serving,
    scopes,
    status::Status,
    validate,
};
use reactive_stores::{Store, Subfield};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use super::doing::{Asking, FailedKeep, Work};

/// One editor visit.
#[derive(Clone, Copy)]
pub struct EditorState {
    /// The authorization.
    pub id: AuthorizationId,
    /// The tab that the URL names.
    pub tab: Memo<Tab>,
    /// The form, in whatever tab.
    pub form: Store<Form>,
    /// What the server answered last.
    pub editor: RwSignal<Editor>,
    /// What the run time serves.
    pub serving: RwSignal<Option<Serving>>,
    /// Connectors to choose from.
    pub connectors: RwSignal<Vec<Connector>>,
    /// How the stored consent has been doing.
    pub health: RwSignal<Option<Health>>,
    /// The form as the server has it, in the draft or stored.
    pub kept: RwSignal<Form>,
    /// What was stored when the edits began.
    pub origin: RwSignal<Option<Form>>,
    /// Fields that were left once, so that their errors may show.
    left: RwSignal<BTreeSet<String>>,
    /// The last press of Save or Authorize that found errors: from then on all of them show.
    attempt: RwSignal<Attempt>,
    /// Goes up whenever the form was replaced by the server's version.
    pub adopted: RwSignal<u32>,
    /// The last day of the client secret is half typed: the form holds none then.
    half_a_day: RwSignal<bool>,
    /// What the server objected to.
    refused: RwSignal<Refusal>,
    /// The last failure that is not a field's.
    pub trouble: RwSignal<Option<Problem>>,
    /// What is being done.
    pub busy: RwSignal<Option<Work>>,
    /// A draft is on its way to the server.
    pub keeping: RwSignal<bool>,
    /// Why the draft could not be kept.
    pub failed_keep: RwSignal<Option<FailedKeep>>,
    /// The open dialog.
    pub asking: RwSignal<Option<Asking>>,
    /// Errors of the form as it is.
    pub errors: Memo<Vec<FieldError>>,
    /// Those errors that may show by now.
    pub shown: Memo<Vec<FieldError>>,
    /// The errors found by the last attempt, until all are mended.
    pub summary: Memo<Vec<FieldError>>,
    /// The form holds edits that the server does not have.
    pub unkept: Memo<bool>,
    /// The form differs from what is stored.
    pub unsaved: Memo<bool>,
    /// Chosen scopes and what else they contain, with the scope that contains it.
    pub covered: Memo<BTreeMap<String, String>>,
    provider: StoredValue<Arc<ProviderInfo>>,
}

impl EditorState {
    /// Starts from what was loaded.
    pub fn new(page: EditorPage, tab: Memo<Tab>) -> Self {
        let EditorPage {
            current: EditorUpdate { editor, serving },
            provider,
            connectors,
            health,
        } = page;
        let loaded = Form::from(editor.input.clone());
        let provider = StoredValue::new(Arc::new(provider));
        let form = Store::new(loaded.clone());
        let kept = RwSignal::new(loaded);
        let origin = RwSignal::new(origin_of(&editor));
        let id = editor.id;
        let editor = RwSignal::new(editor);
        let left = RwSignal::new(BTreeSet::new());
        let attempt = RwSignal::new(Attempt::default());
        let half_a_day = RwSignal::new(false);
        let refused = RwSignal::new(Refusal::default());

        let errors = Memo::new(move |_| {
            let provider = provider.get_value();
            let mut errors = editor.with(|editor| {
                let input = form.read().to_input(&provider.id);
                validate::authorization(&provider, &input, |key| editor.secrets.contains_key(key))
            });
            if half_a_day.get() {
                errors.push(FieldError::new(SECRET_EXPIRY, HALF_A_DAY));
            }
            errors
        });
        let shown = Memo::new(move |_| {
            let visible = left.read();
            let all = attempt.with(|attempt| attempt.number > 0);
            let local = errors.get();
            let remote = refused.with(|refusal| refusal.standing(&form.read()));
            merge_errors(
                local
                    .into_iter()
                    .filter(|error| all || visible.contains(&error.field)),
                remote,
            )
        });
        let standing = Memo::new(move |before: Option<&Attempt>| {
            attempt.with(|attempt| summarise(before, attempt, shown.with(Vec::is_empty)))
        });
        let summary = Memo::new_with_compare(
            move |_| standing.with(|standing| standing.errors.clone()),
            // The same errors found anew take the focus anew.
            |_, _| true,
        );
        let unkept = Memo::new(move |_| *form.read() != *kept.read());
        let unsaved =
            Memo::new(move |_| unkept.get() || editor.with(|editor| editor.draft.is_some()));
        let covered = Memo::new(move |_| {
            provider.with_value(|provider| {
                form.scopes()
                    .with(|chosen| scopes::covered_by(chosen, &provider.scopes))
            })
        });

        Self {
            id,
            tab,
            form,
            editor,
            serving: RwSignal::new(serving),
            connectors: RwSignal::new(connectors),
            health: RwSignal::new(health),
            kept,
            origin,
            left,
            attempt,
            adopted: RwSignal::new(0),
            half_a_day,
            refused,
            trouble: RwSignal::new(None),
            busy: RwSignal::new(None),
            keeping: RwSignal::new(false),
            failed_keep: RwSignal::new(None),
            asking: RwSignal::new(None),
            errors,
            shown,
            summary,
            unkept,
            unsaved,
            covered,
            provider,
        }
    }

    /// The state of the editor that the calling component is part of.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The provider.
    pub fn provider(&self) -> Arc<ProviderInfo> {
        self.provider.get_value()
    }

    /// The chosen connectors.
    pub fn chosen_connectors(&self) -> Subfield<Store<Form>, Form, Vec<ConnectorId>> {
        self.form.connectors()
    }

    /// The chosen scopes.
    pub fn chosen_scopes(&self) -> Subfield<Store<Form>, Form, Vec<String>> {
        self.form.scopes()
    }

    /// A settings value as typed; tracks.
    pub fn setting(&self, key: &str) -> String {
        self.form
            .settings()
            .with(|settings| settings.0.get(key).cloned().unwrap_or_default())
    }

    /// Types a settings value.
    pub fn set_setting(&self, key: &str, value: String) {
        self.form
            .settings()
            .update(|settings| settings.set(key, value));
    }

    /// Somebody left a field: its error may show from now on.
    pub fn leave(&self, field: &str) {
        if !self.left.with_untracked(|left| left.contains(field)) {
            self.left.update(|left| {
                left.insert(field.to_owned());
            });
        }
    }

    /// The error to show beside a field, or what the last consent said of it; tracks.
    pub fn error_of(&self, field: &str) -> Option<String> {
        let own = self.shown.with(|errors| {
            errors
                .iter()
                .find(|error| error.field == field)
                .map(|error| error.message.clone())
        });
        own.or_else(|| self.flow_remark(field))
    }

    /// How many errors show on a tab; tracks.
    pub fn error_count(&self, tab: Tab) -> usize {
        self.shown
            .with(|errors| errors.iter().filter(|e| Tab::of(&e.field) == tab).count())
    }

    /// What the last trip to the provider said of a field, until the field is changed.
    fn flow_remark(&self, field: &str) -> Option<String> {
        let message = self.editor.with(|editor| {
            let error = editor.draft.as_ref()?.flow_error.as_ref()?;
            (error.field.as_deref() == Some(field)).then(|| error.message.clone())
        })?;
        let untouched = self
            .kept
            .with(|kept| self.form.read().agrees_on(kept, field));
        untouched.then_some(message)
    }

    /// Sees whether the last day of the client secret was left half typed; in the browser only.
    pub fn look_at_day(&self) {
        let half = is_half_typed(&element_id(SECRET_EXPIRY));
        if self.half_a_day.get_untracked() != half {
            self.half_a_day.set(half);
        }
    }

    /// Tells whether the form is valid; if not, all errors show from now on.
    pub fn submit(&self) -> bool {
        self.look_at_day();
        let errors = self.errors.get_untracked();
        let valid = errors.is_empty();
        if !valid {
            self.show_all(merge_errors(errors.into_iter(), Vec::new()));
        }
        valid
    }

    fn show_all(&self, errors: Vec<FieldError>) {
        self.attempt.update(|attempt| {
            attempt.number += 1;
            attempt.errors = errors;
        });
    }

    /// Takes in the server's objection: to its fields if it names some, as a notice if not.
    pub fn object(&self, problem: Problem) {
        if problem.errors.is_empty() {
            self.trouble.set(Some(problem));
            return;
        }
        self.refused.set(Refusal {
            form: self.form.get_untracked(),
            errors: problem.errors.clone(),
        });
        self.show_all(problem.errors);
    }

    /// Takes in what the server has after keeping a draft. The form stays: somebody may be typing.
    pub fn adopt_kept(&self, sent: Form, editor: Editor) {
        self.failed_keep.set(None);
        self.kept.set(sent);
        self.remember_origin(&editor);
        self.editor.set(editor);
    }

    /// Takes in the server's version and shows it in the form.
    pub fn adopt(&self, update: EditorUpdate) {
        let form = Form::from(update.editor.input.clone());
        self.form.set(form.clone());
        self.kept.set(form);
        self.left.set(BTreeSet::new());
        self.attempt.set(Attempt::default());
        self.refused.set(Refusal::default());
        self.adopt_state(update);
        self.adopted.update(|times| *times += 1);
    }

    /// Takes in what was stored. What was typed since it was sent stays.
    pub fn adopt_saved(&self, sent: &Form, update: EditorUpdate) {
        if self.form.with_untracked(|form| form == sent) {
            self.adopt(update);
        } else {
            self.kept.set(Form::from(update.editor.input.clone()));
            self.adopt_state(update);
        }
    }

    /// Takes in the consent's state, and leaves the form as it is.
    pub fn adopt_state(&self, update: EditorUpdate) {
        self.trouble.set(None);
        self.failed_keep.set(None);
        self.remember_origin(&update.editor);
        self.serving.set(update.serving);
        self.editor.set(update.editor);
    }

    /// Takes in what happened without anybody here doing it. What is being typed stays, with the
    /// version it started from; a form that nobody has touched follows.
    pub fn adopt_live(&self, mut update: EditorUpdate) {
        let typing = self.unkept.get_untracked();
        let (version, draft) = self
            .editor
            .with_untracked(|known| (known.base_version, known.draft.clone()));
        let other_form = update.editor.base_version != version
            || update.editor.draft.is_some() != draft.is_some();
        if other_form && !typing {
            self.adopt(update);
            return;
        }
        if other_form {
            update.editor.base_version = version;
            update.editor.draft = draft;
        }
        self.remember_origin(&update.editor);
        if self
            .serving
            .with_untracked(|known| *known != update.serving)
        {
            self.serving.set(update.serving);
        }
        if self.editor.with_untracked(|known| *known != update.editor) {
            self.editor.set(update.editor);
        }
    }

    fn remember_origin(&self, editor: &Editor) {
        if let Some(origin) = origin_of(editor) {
            self.origin.set(Some(origin));
        }
    }

    /// Takes in that the draft could not be kept.
    pub fn keep_failed(&self, problem: Problem) {
        self.failed_keep.update(|failed| {
            let count = failed.as_ref().map_or(1, |failed| failed.count + 1);
            *failed = Some(FailedKeep { count, problem });
        });
    }

    /// Somebody else saved since the edits began; tracks.
    pub fn is_stale(&self) -> bool {
        self.editor.with(|editor| {
            editor
                .saved
                .as_ref()
                .is_some_and(|saved| saved.version > editor.base_version)
        })
    }

    /// The draft holds a consent that Save will store; tracks.
    pub fn has_new_grant(&self) -> bool {
        self.editor
            .with(|editor| editor.draft.as_ref().is_some_and(|draft| draft.has_grant))
    }

    /// The draft's consent is for another account, and nobody has said whose to use; tracks.
    pub fn account_is_open(&self) -> bool {
        self.editor.with(|editor| {
            let draft = editor.draft.as_ref();
            draft.is_some_and(|draft| draft.account_question.is_some())
        })
    }

    /// Takes in the last day of the stored first secret, unless the form holds another one than was
    /// stored before: then that is an edit.
    pub fn adopt_expiry(&self, before: Option<NaiveDate>) {
        let stored = self.editor.with_untracked(first_expiry);
        let field = self.form.secret_expires_on();
        if stored != before && field.get_untracked() == before {
            field.set(stored);
            self.adopted.update(|times| *times += 1);
        }
    }

    /// There is a consent, stored or in the draft, that can be ended; tracks.
    pub fn can_deauthorize(&self) -> bool {
        let stored = self.editor.with(|editor| {
            let saved = editor.saved.as_ref();
            saved.is_some_and(|saved| saved.grant.is_some() && !is_over(saved.state))
        });
        stored || self.has_new_grant()
    }

    /// The state of the stored consent, when a refresh may bring a token; tracks.
    pub fn refreshable(&self) -> Option<Status> {
        self.editor.with(|editor| {
            let saved = editor.saved.as_ref()?;
            let kept = saved.grant.as_ref().is_some_and(|grant| grant.refreshable);
            (kept && saved.state.can_refresh()).then_some(saved.state)
        })
    }

    /// A consent was given before: the next one is a re-authorization; tracks.
    pub fn was_authorized(&self) -> bool {
        self.editor
            .with(|editor| editor.grant.is_some() && !is_over(editor.state))
    }

    /// Leaving now would leave something behind; does not track.
    pub fn has_something_to_lose(&self) -> bool {
        if !self.unsaved.get_untracked() {
            return false;
        }
        let never_saved = self.editor.with_untracked(|editor| {
            editor.saved.is_none() && !editor.draft.as_ref().is_some_and(|draft| draft.has_grant)
        });
        let blank = self
            .provider
            .with_value(|provider| self.form.read_untracked().is_blank(provider));
        !(never_saved && blank)
    }
}

/// The last day of the stored secret that is first.
pub fn first_expiry(editor: &Editor) -> Option<NaiveDate> {
    let saved = editor.saved.as_ref()?;
    saved.secrets.get(CLIENT_SECRET)?.expires_on
}

/// The stored form that the edits started from, if it is still the stored one.
fn origin_of(editor: &Editor) -> Option<Form> {
    let saved = editor.saved.as_ref()?;
    (saved.version == editor.base_version).then(|| Form::from(saved))
}

/// Nobody's consent is in force, nor was one lost that could be renewed.
const fn is_over(state: Status) -> bool {
    matches!(
        state,
        Status::Never | Status::Consenting | Status::Cancelled(_)
    )
}
