//! The form of one person: drafts, so that the trip to the provider loses nothing, and Save, which
//! stores edits and consent in one transaction.

use crate::{
    Broker,
    access::{Actor, Permission, SessionUser},
    authorizations::{self, Stored},
    error::{Fault, WriteError, without_secrets},
    grants,
    sealing::Column,
};
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, UserId, WorkspaceId,
    account::AccountQuestion,
    authorization::{AuthorizationInput, DraftInfo, Editor, SecretInfo},
    problem::{Code, Problem},
    settings::Settings,
    status::Status,
};
use oauth::Provider;
use secrecy::SecretString;
use std::collections::BTreeMap;
use storage::{
    StorageError, Transaction, authorizations::AuthorizationRecord, drafts::DraftRecord,
};
use thiserror::Error;

/// Drafts forgotten in one go.
const SWEEP_AT_ONCE: u32 = 100;
/// Revocations that the editor shows at most.
const REVOCATIONS_SHOWN: u32 = 3;

/// Why a form was not saved. The draft is kept.
#[derive(Debug, Error)]
pub enum SaveError {
    /// The new consent is for another account, and nobody has said yet that this is meant.
    #[error("another account signed in, and nobody confirmed it")]
    AccountUnconfirmed(Box<AccountQuestion>),
    /// Anything else.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<Fault> for SaveError {
    fn from(fault: Fault) -> Self {
        Self::Write(fault.into())
    }
}

impl From<StorageError> for SaveError {
    fn from(error: StorageError) -> Self {
        Self::Write(error.into())
    }
}

impl From<SaveError> for Problem {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::AccountUnconfirmed(question) => Self::new(
                Code::AccountUnconfirmed,
                format!(
                    "{} signed in; this authorization acts for {} so far. Say which account to use, then save.",
                    question.now.label(),
                    question.before.label()
                ),
            ),
            SaveError::Write(error) => error.into(),
        }
    }
}

/// A draft, opened.
pub(crate) struct OpenDraft {
    pub record: DraftRecord,
    /// The form, secrets included.
    pub input: AuthorizationInput,
}

impl Broker {
    /// Begins a new authorization: its id and a draft with the provider's defaults.
    pub async fn new_draft(
        &self,
        user: &SessionUser,
        provider: &str,
    ) -> Result<Editor, WriteError> {
        Actor::from(user).require(Permission::Manage)?;
        let provider = self
            .provider(provider)
            .ok_or(WriteError::NotFound("provider"))?;
        let defaults: Settings = provider
            .fields
            .iter()
            .filter_map(|field| Some((field.key.as_str(), field.default.as_deref()?)))
            .collect();
        let input = AuthorizationInput {
            provider: provider.id.clone(),
            settings: defaults,
            ..AuthorizationInput::default()
        };
        let id = self.new_id();
        self.keep_draft(user, id, input, 0).await
    }

    /// The form: this person's draft, else what is stored; `None` when there is neither.
    pub async fn editor(
        &self,
        user: &SessionUser,
        id: AuthorizationId,
    ) -> Result<Option<Editor>, Fault> {
        let workspace = Actor::from(user).require(Permission::Manage)?;
        let mut tx = self.read().await?;
        self.editor_in(&mut *tx, workspace, user.user.id, id).await
    }

    /// Keeps the form as a draft. A secret left blank stays as it was in the draft.
    pub async fn keep_draft(
        &self,
        user: &SessionUser,
        id: AuthorizationId,
        input: AuthorizationInput,
        base_version: i64,
    ) -> Result<Editor, WriteError> {
        let workspace = Actor::from(user).require(Permission::Manage)?;
        let mut tx = self.write().await?;
        self.put_draft(&mut *tx, workspace, user.user.id, id, input, base_version)
            .await?;
        let editor = self
            .editor_in(&mut *tx, workspace, user.user.id, id)
            .await?;
        tx.save().await?;
        editor.ok_or(WriteError::NotFound("authorization"))
    }

    /// Forgets the draft, and the consent that came with it.
    pub async fn discard_draft(
        &self,
        user: &SessionUser,
        id: AuthorizationId,
    ) -> Result<(), WriteError> {
        let workspace = Actor::from(user).require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let draft = tx.drafts().take(workspace, user.user.id, id).await?;
        tx.flows().close(id, Some(user.user.id)).await?;
        if let Some(draft) = draft {
            self.retire_of_draft(&mut *tx, &draft).await?;
        }
        tx.save().await?;
        Ok(())
    }

    /// Stores the form and the consent that came with it, and forgets the draft.
    ///
    /// # Errors
    /// [`SaveError::AccountUnconfirmed`] while nobody has said that the consent's account may take
    /// the place of another one, [`WriteError::Stale`] when somebody else saved since the form was
    /// loaded; the draft is kept.
    pub async fn save(
        &self,
        user: &SessionUser,
        id: AuthorizationId,
        input: AuthorizationInput,
        base_version: i64,
    ) -> Result<Editor, SaveError> {
        let workspace = Actor::from(user).require(Permission::Manage)?;
        let person = user.user.id;
        // First keep what was typed, whatever comes of saving it.
        let mut tx = self.write().await?;
        let draft = self
            .put_draft(&mut *tx, workspace, person, id, input, base_version)
            .await?;
        tx.save().await?;

        let mut tx = self.write().await?;
        let record = tx.drafts().take(workspace, person, id).await?;
        let record = record.ok_or(WriteError::NotFound("draft"))?;
        let stored = match tx.authorizations().get(workspace, id).await? {
            Some(record) if record.version == base_version => Stored::Existing(record),
            None if base_version == 0 => Stored::New(id),
            Some(_) | None => return Err(WriteError::Stale.into()),
        };
        if let Stored::Existing(stored) = &stored
            && let Some(question) = self.open_question(&mut *tx, stored, &record).await?
        {
            return Err(SaveError::AccountUnconfirmed(Box::new(question)));
        }
        // Those that the consent so far may have to be revoked with.
        let secrets = self.client_secrets(&mut *tx, workspace, id).await?;
        let authorization = self
            .store(&mut *tx, workspace, stored, &draft.input)
            .await?;
        if let Some(grant) = record.grant_id {
            self.put_consent(&mut *tx, &authorization, grant, secrets)
                .await?;
        }
        tx.flows().close(id, Some(person)).await?;
        let editor = self.editor_in(&mut *tx, workspace, person, id).await?;
        tx.save().await?;
        editor.ok_or_else(|| WriteError::NotFound("authorization").into())
    }

    /// A person's draft, opened.
    pub(crate) async fn draft(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        user: UserId,
        id: AuthorizationId,
    ) -> Result<Option<OpenDraft>, Fault> {
        let Some(record) = tx.drafts().get(workspace, user, id).await? else {
            return Ok(None);
        };
        let input = self.open_json(workspace, Column::DraftForm(id, user), &record.form)?;
        Ok(Some(OpenDraft { record, input }))
    }

    /// Writes a draft over an earlier one, keeping its consent and the secrets left blank.
    pub(crate) async fn put_draft(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        user: UserId,
        id: AuthorizationId,
        mut input: AuthorizationInput,
        base_version: i64,
    ) -> Result<OpenDraft, WriteError> {
        let provider = self
            .definition(&input.provider)
            .ok_or(WriteError::NotFound("provider"))?;
        let earlier = self.draft(tx, workspace, user, id).await?;
        if let Some(earlier) = &earlier {
            keep_blank_secrets(&mut input.settings, &earlier.input.settings, provider);
        }
        let column = Column::DraftForm(id, user);
        let record = DraftRecord {
            workspace_id: workspace,
            authorization_id: id,
            user_id: user,
            base_version,
            form: self.seal_json(workspace, column, &input)?,
            grant_id: earlier.as_ref().and_then(|draft| draft.record.grant_id),
            account_confirmed: earlier
                .as_ref()
                .is_some_and(|draft| draft.record.account_confirmed),
            flow_error: earlier.and_then(|draft| draft.record.flow_error),
            updated_at: self.now(),
        };
        tx.drafts().put(&record).await?;
        Ok(OpenDraft { record, input })
    }

    /// Ends the consent in the actor's draft, if there is one. The edits stay.
    pub(crate) async fn drop_draft_grant(
        &self,
        tx: &mut dyn Transaction,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<(), Fault> {
        let Actor::User(user) = actor else {
            return Ok(());
        };
        let workspace = user.user.workspace.id;
        let draft = tx.drafts().get(workspace, user.user.id, id).await?;
        if let Some(mut draft) = draft {
            self.retire_of_draft(tx, &draft).await?;
            draft.grant_id = None;
            draft.account_confirmed = false;
            tx.drafts().put(&draft).await?;
        }
        Ok(())
    }

    /// The client secrets that a draft's form holds.
    pub(crate) fn secrets_of_draft(&self, draft: &DraftRecord) -> Result<Vec<SecretString>, Fault> {
        let column = Column::DraftForm(draft.authorization_id, draft.user_id);
        let input: AuthorizationInput = self.open_json(draft.workspace_id, column, &draft.form)?;
        let provider = self.stored_definition(&input.provider)?;
        Ok(provider
            .secret_keys()
            .filter_map(|key| input.settings.get(key).map(SecretString::from))
            .collect())
    }

    /// Forgets drafts that nobody touched since `before`.
    pub(crate) async fn forget_old_drafts(&self, before: DateTime<Utc>) -> Result<(), Fault> {
        let mut tx = self.write().await?;
        let drafts = tx.drafts().take_older_than(before, SWEEP_AT_ONCE).await?;
        for draft in drafts {
            self.retire_of_draft(&mut *tx, &draft).await?;
        }
        tx.save().await?;
        Ok(())
    }

    /// The form as it is in a transaction.
    pub(crate) async fn editor_in(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        user: UserId,
        id: AuthorizationId,
    ) -> Result<Option<Editor>, Fault> {
        let stored = tx.authorizations().get(workspace, id).await?;
        let draft = self.draft(tx, workspace, user, id).await?;
        let input = match (&draft, &stored) {
            (Some(draft), _) => draft.input.clone(),
            (None, Some(record)) => authorizations::stored_input(tx, record).await?,
            (None, None) => return Ok(None),
        };
        let draft = draft.map(|draft| draft.record);
        self.show(tx, workspace, id, input, stored, draft)
            .await
            .map(Some)
    }

    async fn show(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        id: AuthorizationId,
        mut input: AuthorizationInput,
        stored: Option<AuthorizationRecord>,
        draft: Option<DraftRecord>,
    ) -> Result<Editor, Fault> {
        let provider = self.stored_definition(&input.provider)?;
        let account_question = match (&stored, &draft) {
            (Some(stored), Some(draft)) => self.open_question(tx, stored, draft).await?,
            _ => None,
        };
        let saved = match &stored {
            Some(record) => Some(self.view(tx, record).await?),
            None => None,
        };
        let mut secrets = saved
            .as_ref()
            .map_or_else(BTreeMap::new, |saved| saved.secrets.clone());
        if let Some(draft) = &draft {
            secrets.extend(typed_secrets(&input, provider, draft.updated_at));
        }
        input.settings = without_secrets(&input.settings, provider.secret_keys());

        let mut grant = saved.as_ref().and_then(|saved| saved.grant.clone());
        let mut state = saved.as_ref().map_or(Status::Never, |saved| saved.state);
        if let Some(id) = draft.as_ref().and_then(|draft| draft.grant_id)
            && let Some(record) = tx.grants().get(id).await?
        {
            state = record.status;
            grant = Some(grants::info(
                &record,
                self.definition(&record.client.provider)
                    .map(|definition| &**definition),
            ));
        }
        Ok(Editor {
            id,
            input,
            base_version: draft
                .as_ref()
                .map(|draft| draft.base_version)
                .or(stored.map(|record| record.version))
                .unwrap_or(0),
            saved,
            draft: draft.map(|draft| DraftInfo {
                updated_at: draft.updated_at,
                has_grant: draft.grant_id.is_some(),
                account_question,
                flow_error: draft.flow_error,
            }),
            grant,
            state,
            secrets,
            revocations: self
                .revocations_of(tx, workspace, id, REVOCATIONS_SHOWN)
                .await?,
            redirect_uri: provider.redirect_uri(self.public_url(), id),
        })
    }
}

fn keep_blank_secrets(new: &mut Settings, earlier: &Settings, provider: &Provider) {
    for key in provider.secret_keys() {
        if new.get(key).is_none()
            && let Some(secret) = earlier.get(key)
        {
            new.set(key, secret);
        }
    }
}

fn typed_secrets(
    input: &AuthorizationInput,
    provider: &Provider,
    at: DateTime<Utc>,
) -> Vec<(String, SecretInfo)> {
    provider
        .secret_keys()
        .filter_map(|key| {
            let secret = input.settings.get(key)?;
            let info = SecretInfo {
                ends_in: authorizations::ends_in(secret),
                expires_on: input.client_secret_expires_on,
                set_at: at,
            };
            Some((key.to_owned(), info))
        })
        .collect()
}
