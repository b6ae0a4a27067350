//! Authorizations as stored: the list, one of them, what programs create and change, and the
//! actions of the list (activate, deactivate, deauthorize, delete). The form's drafts are `editor`.

mod store;
mod view;

pub(crate) use store::{Stored, ends_in};
pub(crate) use view::Surroundings;

use crate::{
    Broker,
    access::{Actor, Permission},
    error::{Fault, WriteError},
    grants::deauthorized,
};
use model::{
    AuthorizationId, WorkspaceId,
    authorization::{
        Authorization, AuthorizationFilter, AuthorizationInput, AuthorizationPatch,
        AuthorizationRow, Page,
    },
    health::StateGroup,
    publish::Serving,
    status::{Status, StatusLabel},
};
use storage::{Change, Transaction, authorizations::AuthorizationRecord};

impl Broker {
    /// A page of authorizations.
    pub async fn authorizations(
        &self,
        actor: &Actor,
        filter: &AuthorizationFilter,
    ) -> Result<Page<Authorization>, Fault> {
        self.page(actor, filter, Surroundings::view).await
    }

    /// A page of the list in the web app.
    pub async fn authorization_rows(
        &self,
        actor: &Actor,
        filter: &AuthorizationFilter,
    ) -> Result<Page<AuthorizationRow>, Fault> {
        self.page(actor, filter, Surroundings::row).await
    }

    async fn page<T>(
        &self,
        actor: &Actor,
        filter: &AuthorizationFilter,
        show: fn(&Surroundings, &AuthorizationRecord) -> T,
    ) -> Result<Page<T>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let page = tx.authorizations().list(workspace, filter).await?;
        let around = self
            .surroundings(&mut *tx, workspace, &page.records)
            .await?;
        Ok(Page {
            items: page
                .records
                .iter()
                // The database lists by what is stored; what the form says counts.
                .filter(|record| {
                    let group = StateGroup::of(around.state(record));
                    filter.state.is_none_or(|wanted| wanted == group)
                })
                .map(|record| show(&around, record))
                .collect(),
            next: page.next,
        })
    }

    /// One authorization.
    pub async fn authorization(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Option<Authorization>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let record = tx.authorizations().get(workspace, id).await?;
        match record {
            Some(record) => Ok(Some(self.view(&mut *tx, &record).await?)),
            None => Ok(None),
        }
    }

    /// Makes an authorization.
    pub async fn create_authorization(
        &self,
        actor: &Actor,
        input: AuthorizationInput,
    ) -> Result<Authorization, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let id = self.new_id();
        let record = self
            .store(&mut *tx, workspace, Stored::New(id), &input)
            .await?;
        let view = self.view(&mut *tx, &record).await?;
        tx.save().await?;
        Ok(view)
    }

    /// Changes what is given. `version` is the one the caller read; `None` changes whatever is there.
    pub async fn patch_authorization(
        &self,
        actor: &Actor,
        id: AuthorizationId,
        version: Option<i64>,
        patch: AuthorizationPatch,
    ) -> Result<Authorization, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let record = existing(&mut *tx, workspace, id, version).await?;
        let mut input = stored_input(&mut *tx, &record).await?;
        apply(&mut input, patch);
        let record = self
            .store(&mut *tx, workspace, Stored::Existing(record), &input)
            .await?;
        let view = self.view(&mut *tx, &record).await?;
        tx.save().await?;
        Ok(view)
    }

    /// Deletes an authorization; `false` when there is none. The run time serves it until publish.
    pub async fn delete_authorization(
        &self,
        actor: &Actor,
        id: AuthorizationId,
        version: Option<i64>,
    ) -> Result<bool, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let record = match existing(&mut *tx, workspace, id, version).await {
            Ok(record) => record,
            Err(WriteError::NotFound(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        self.retire_before_delete(&mut *tx, record.id).await?;
        tx.authorizations().delete(workspace, id).await?;
        tx.history().forget(workspace, id).await?;
        tx.announce(Change::Configuration(workspace));
        tx.save().await?;
        self.run_time().forget_authorization(workspace, id);
        Ok(true)
    }

    /// Puts an authorization aside, or takes it back.
    pub async fn set_active(
        &self,
        actor: &Actor,
        id: AuthorizationId,
        active: bool,
    ) -> Result<Authorization, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let mut record = existing(&mut *tx, workspace, id, None).await?;
        if record.active != active {
            record.active = active;
            record.updated_at = self.now();
            if !tx.authorizations().update(&record).await? {
                return Err(WriteError::Stale);
            }
            record.version += 1;
        }
        let view = self.view(&mut *tx, &record).await?;
        tx.announce(Change::Configuration(workspace));
        tx.save().await?;
        Ok(view)
    }

    /// Ends the consent: the stored one, and the one in the actor's draft. What is published keeps
    /// its token until the next publish.
    pub async fn deauthorize(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Authorization, WriteError> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.write().await?;
        let mut record = existing(&mut *tx, workspace, id, None).await?;
        self.drop_draft_grant(&mut *tx, actor, id).await?;
        self.drop_waiting_consents(&mut *tx, id).await?;
        tx.flows().close(id, None).await?;
        if let Some(grant) = record.grant_id {
            self.replace_by_tombstone(&mut *tx, &mut record, grant)
                .await?;
        }
        let view = self.view(&mut *tx, &record).await?;
        tx.announce(Change::Configuration(workspace));
        tx.save().await?;
        Ok(view)
    }

    /// What the run time serves for an authorization, whatever the form says.
    pub async fn serving(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Option<Serving>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let Some((number, grant)) = self.run_time().published_grant(workspace, id) else {
            return Ok(None);
        };
        let state = match grant {
            Some(grant) => {
                let record = self.read().await?.grants().get(grant).await?;
                record.map_or(Status::Never, |record| record.status)
            }
            None => Status::Never,
        };
        Ok(Some(Serving { number, state }))
    }

    /// Points the authorization to a grant that says "deauthorized" and keeps who had consented.
    /// The real one lives on while it is published.
    async fn replace_by_tombstone(
        &self,
        tx: &mut dyn Transaction,
        record: &mut AuthorizationRecord,
        grant: model::GrantId,
    ) -> Result<(), WriteError> {
        let Some(mut tombstone) = tx.grants().get(grant).await? else {
            return Ok(());
        };
        if tombstone.status.label() == StatusLabel::NotAuthorized {
            return Ok(());
        }
        tombstone.id = self.new_id();
        tombstone.status = deauthorized();
        tombstone.last_error = None;
        tombstone.warning = None;
        tombstone.tokens = storage::grants::TokenSet::none();
        tombstone.trouble = storage::grants::Trouble::default();
        tx.grants().insert(&tombstone).await?;
        self.note_deauthorized(tx, &tombstone).await?;
        tx.authorizations()
            .set_grant(record.workspace_id, record.id, Some(tombstone.id))
            .await?;
        record.grant_id = Some(tombstone.id);
        self.judge_stored(tx, record).await?;
        self.retire_unless_published(tx, grant, deauthorized(), Vec::new())
            .await?;
        Ok(())
    }
}

/// The stored authorization, at that version.
pub(crate) async fn existing(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    id: AuthorizationId,
    version: Option<i64>,
) -> Result<AuthorizationRecord, WriteError> {
    let record = tx
        .authorizations()
        .get(workspace, id)
        .await?
        .ok_or(WriteError::NotFound("authorization"))?;
    if version.is_some_and(|version| version != record.version) {
        return Err(WriteError::Stale);
    }
    Ok(record)
}

/// The form of what is stored, secrets left blank.
pub(crate) async fn stored_input(
    tx: &mut dyn Transaction,
    record: &AuthorizationRecord,
) -> Result<AuthorizationInput, Fault> {
    let secrets = tx.authorizations().secrets(record.id).await?;
    Ok(AuthorizationInput {
        name: record.name.clone(),
        provider: record.provider.clone(),
        settings: record.settings.clone(),
        client_secret_expires_on: secrets.first().and_then(|secret| secret.expires_on),
        connectors: record.connectors.clone(),
        scopes: record.scopes.clone(),
    })
}

fn apply(input: &mut AuthorizationInput, patch: AuthorizationPatch) {
    if let Some(name) = patch.name {
        input.name = name;
    }
    for (key, value) in patch.settings.unwrap_or_default().0 {
        input.settings.set(&key, value);
    }
    if let Some(day) = patch.client_secret_expires_on {
        input.client_secret_expires_on = Some(day);
    }
    if let Some(connectors) = patch.connectors {
        input.connectors = connectors;
    }
    if let Some(scopes) = patch.scopes {
        input.scopes = scopes;
    }
}
