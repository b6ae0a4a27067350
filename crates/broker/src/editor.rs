//! The form of one person: drafts, so that the trip to the provider loses nothing, and Save, which
//! stores edits and consent in one transaction.

use crate::{
    Broker,
    access::{Actor, Permission, SessionUser},
    authorizations::{self, Stored},
    error::{Fault, WriteError, without_secrets},
    grants::{self, Retired},
    sealing::Column,
};
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, UserId, WorkspaceId,
    authorization::{AuthorizationInput, DraftInfo, Editor, SecretInfo},
    provider::ProviderInfo,
    settings::Settings,
    status::{CancelReason, Status},
};
use std::collections::BTreeMap;
use storage::{Change, Transaction, authorizations::AuthorizationRecord, drafts::DraftRecord};

/// Drafts forgotten in one go.
const SWEEP_AT_ONCE: u32 = 100;

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
        let retired = match draft.and_then(|draft| draft.grant_id) {
            Some(grant) => self.retire(&mut *tx, grant, deauthorized()).await?,
            None => None,
        };
        tx.save().await?;
        self.revoke_in_background(retired);
        Ok(())
    }

    /// Stores the form and the consent that came with it, and forgets the draft.
    ///
    /// # Errors
    /// [`WriteError::Stale`] when somebody else saved since the form was loaded; the draft is kept.
    pub async fn save(
        &self,
        user: &SessionUser,
        id: AuthorizationId,
        input: AuthorizationInput,
        base_version: i64,
    ) -> Result<Editor, WriteError> {
        let workspace = Actor::from(user).require(Permission::Manage)?;
        let person = user.user.id;
        // First keep what was typed, whatever comes of saving it.
        self.keep_draft(user, id, input, base_version).await?;

        let mut tx = self.write().await?;
        let draft = self
            .draft(&mut *tx, workspace, person, id)
            .await?
            .ok_or(WriteError::NotFound("draft"))?;
        let stored = match tx.authorizations().get(workspace, id).await? {
            Some(record) if record.version == base_version => Stored::Existing(record),
            None if base_version == 0 => Stored::New(id),
            Some(_) | None => return Err(WriteError::Stale),
        };
        let record = self
            .store(&mut *tx, workspace, stored, &draft.input)
            .await?;
        let mut retired = None;
        if let Some(grant) = draft.record.grant_id {
            tx.authorizations()
                .set_grant(workspace, id, Some(grant))
                .await?;
            tx.announce(Change::Grant(workspace, grant));
            if let Some(old) = record.grant_id.filter(|old| *old != grant) {
                retired = self
                    .retire_unless_published(&mut *tx, old, deauthorized())
                    .await?;
            }
        }
        tx.drafts().take(workspace, person, id).await?;
        tx.flows().close(id, Some(person)).await?;
        let editor = self.editor_in(&mut *tx, workspace, person, id).await?;
        tx.save().await?;
        self.revoke_in_background(retired);
        editor.ok_or(WriteError::NotFound("authorization"))
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
            .provider(&input.provider)
            .ok_or(WriteError::NotFound("provider"))?;
        let earlier = self.draft(tx, workspace, user, id).await?;
        if let Some(earlier) = &earlier {
            keep_blank_secrets(&mut input.settings, &earlier.input.settings, &provider);
        }
        let column = Column::DraftForm(id, user);
        let record = DraftRecord {
            workspace_id: workspace,
            authorization_id: id,
            user_id: user,
            base_version,
            form: self.seal_json(workspace, column, &input)?,
            grant_id: earlier.as_ref().and_then(|draft| draft.record.grant_id),
            flow_error: earlier.and_then(|draft| draft.record.flow_error),
            updated_at: self.now(),
        };
        tx.drafts().put(&record).await?;
        Ok(OpenDraft { record, input })
    }

    /// Ends the consent in the actor's draft, if there is one.
    pub(crate) async fn drop_draft_grant(
        &self,
        tx: &mut dyn Transaction,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Vec<Retired>, Fault> {
        let Actor::User(user) = actor else {
            return Ok(Vec::new());
        };
        let workspace = user.user.workspace.id;
        let Some(mut draft) = tx.drafts().get(workspace, user.user.id, id).await? else {
            return Ok(Vec::new());
        };
        let Some(grant) = draft.grant_id.take() else {
            return Ok(Vec::new());
        };
        tx.drafts().put(&draft).await?;
        let retired = self.retire(tx, grant, deauthorized()).await?;
        Ok(retired.into_iter().collect())
    }

    /// Forgets drafts that nobody touched since `before`.
    pub(crate) async fn forget_old_drafts(&self, before: DateTime<Utc>) -> Result<(), Fault> {
        let mut tx = self.write().await?;
        let drafts = tx.drafts().take_older_than(before, SWEEP_AT_ONCE).await?;
        let mut retired = Vec::new();
        for grant in drafts.into_iter().filter_map(|draft| draft.grant_id) {
            retired.extend(self.retire(&mut *tx, grant, deauthorized()).await?);
        }
        tx.save().await?;
        self.revoke_in_background(retired);
        Ok(())
    }

    async fn editor_in(
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
        let provider = self
            .provider(&input.provider)
            .ok_or(Fault::Unreadable("the provider of an authorization"))?;
        self.show(
            tx,
            id,
            input,
            &provider,
            stored,
            draft.map(|draft| draft.record),
        )
        .await
        .map(Some)
    }

    async fn show(
        &self,
        tx: &mut dyn Transaction,
        id: AuthorizationId,
        mut input: AuthorizationInput,
        provider: &ProviderInfo,
        stored: Option<AuthorizationRecord>,
        draft: Option<DraftRecord>,
    ) -> Result<Editor, Fault> {
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
                flow_error: draft.flow_error,
            }),
            grant,
            state,
            secrets,
            redirect_uri: provider.redirect_uri_for(id),
        })
    }
}

const fn deauthorized() -> Status {
    Status::Cancelled(CancelReason::Deauthorized)
}

fn keep_blank_secrets(new: &mut Settings, earlier: &Settings, provider: &ProviderInfo) {
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
    provider: &ProviderInfo,
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
