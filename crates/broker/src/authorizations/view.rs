//! What lists, the editor and the REST API show of a stored authorization.

use crate::{Broker, client_secrets, error::Fault, grants};
use model::{
    AuthorizationId, GrantId, WorkspaceId,
    authorization::{Authorization, AuthorizationRow, SecretInfo},
    status::{ReauthorizationReason, Status, StatusLabel},
};
use std::collections::{BTreeMap, HashMap, HashSet};
use storage::{
    Transaction,
    authorizations::{AuthorizationRecord, SecretRecord},
    grants::GrantRecord,
};

/// What must be known besides the records themselves to show them.
pub(crate) struct Surroundings {
    broker: Broker,
    secrets: HashMap<AuthorizationId, Vec<SecretRecord>>,
    grants: HashMap<GrantId, GrantRecord>,
    consenting: HashSet<AuthorizationId>,
}

impl Broker {
    /// Reads what surrounds these records, in a fixed number of queries.
    pub(crate) async fn surroundings(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        records: &[AuthorizationRecord],
    ) -> Result<Surroundings, Fault> {
        let mut secrets: HashMap<_, Vec<_>> = HashMap::new();
        let found = match records {
            [only] => tx.authorizations().secrets(only.id).await?,
            _ => tx.authorizations().all_secrets(workspace).await?,
        };
        for secret in found {
            secrets
                .entry(secret.authorization_id)
                .or_default()
                .push(secret);
        }
        let ids: Vec<_> = records
            .iter()
            .filter_map(|record| record.grant_id)
            .collect();
        let grants = tx.grants().get_many(&ids).await?;
        let consenting = tx.flows().open(workspace, self.now()).await?;
        Ok(Surroundings {
            broker: self.clone(),
            secrets,
            grants: grants.into_iter().map(|grant| (grant.id, grant)).collect(),
            consenting: consenting.into_iter().collect(),
        })
    }

    /// One record, shown.
    pub(crate) async fn view(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
    ) -> Result<Authorization, Fault> {
        let around = self
            .surroundings(tx, record.workspace_id, std::slice::from_ref(record))
            .await?;
        Ok(around.view(record))
    }
}

impl Surroundings {
    pub(crate) fn view(&self, record: &AuthorizationRecord) -> Authorization {
        let state = self.state(record);
        let definition = self.broker.definition(&record.provider);
        Authorization {
            id: record.id,
            name: record.name.clone(),
            provider: record.provider.clone(),
            active: record.active,
            status: state.label(),
            state,
            next_action: state.next_action().to_owned(),
            settings: record.settings.clone(),
            secrets: secret_infos(self.secrets_of(record.id)),
            client_secrets: self
                .secrets_of(record.id)
                .iter()
                .map(client_secrets::info)
                .collect(),
            redirect_uri: definition.map_or_else(String::new, |definition| {
                definition.redirect_uri(self.broker.public_url(), record.id)
            }),
            connectors: record.connectors.clone(),
            scopes: record.scopes.clone(),
            grant: self
                .grant_of(record)
                .map(|grant| grants::info(grant, definition.map(|definition| &**definition))),
            published: self.is_published(record),
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }

    pub(crate) fn row(&self, record: &AuthorizationRecord) -> AuthorizationRow {
        let provider = self.broker.definition(&record.provider);
        AuthorizationRow {
            id: record.id,
            name: record.name.clone(),
            provider: record.provider.clone(),
            provider_name: provider
                .map_or(record.provider.as_str(), |provider| provider.name())
                .to_owned(),
            icon: provider.map_or("", |provider| provider.icon()).to_owned(),
            active: record.active,
            state: self.state(record),
            account: self
                .grant_of(record)
                .and_then(|grant| grant.account.clone()),
            refreshed_at: self
                .grant_of(record)
                .and_then(|grant| grant.tokens.refreshed_at),
            next_refresh_at: self
                .grant_of(record)
                .and_then(|grant| grant.tokens.next_refresh_at),
            failing_since: self.grant_of(record).and_then(|grant| grant.trouble.since),
            expires_at: self
                .grant_of(record)
                .and_then(|grant| grant.tokens.expires_at),
            connectors: record.connectors.len(),
            secret_expires_on: client_secrets::last_day(self.secrets_of(record.id)),
            published: self.is_published(record),
            version: record.version,
        }
    }

    pub(crate) fn secrets_of(&self, id: AuthorizationId) -> &[SecretRecord] {
        self.secrets.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn grant_of(&self, record: &AuthorizationRecord) -> Option<&GrantRecord> {
        self.grants.get(&record.grant_id?)
    }

    /// The grant that connectors may use, if there is one. One whose refresh token is in doubt is: its
    /// access token is good until it expires, and publishing takes it from nobody.
    pub(crate) fn grant_in_force(&self, record: &AuthorizationRecord) -> Option<GrantId> {
        let serves = self.state(record).serves_token();
        record.grant_id.filter(|_| serves)
    }

    /// The state of the consent, seen from the form: a consent that was given to another client
    /// registration than the form now names does not count.
    pub(crate) fn state(&self, record: &AuthorizationRecord) -> Status {
        let Some(grant) = self.grant_of(record) else {
            return if self.consenting.contains(&record.id) {
                Status::Consenting
            } else {
                Status::Never
            };
        };
        if grant.status.label() == StatusLabel::Authorized
            && !self.broker.same_client(grant, &record.settings)
        {
            return Status::ReauthorizationNeeded(ReauthorizationReason::ClientChanged);
        }
        grant.status
    }

    fn is_published(&self, record: &AuthorizationRecord) -> bool {
        self.broker
            .run_time()
            .published_grant(record.workspace_id, record.id)
            .is_some()
    }
}

/// What may be told of secrets: the first of each field.
pub(crate) fn secret_infos(secrets: &[SecretRecord]) -> BTreeMap<String, SecretInfo> {
    let mut infos = BTreeMap::new();
    for secret in secrets {
        infos
            .entry(secret.field.clone())
            .or_insert_with(|| SecretInfo {
                ends_in: secret.ends_in.clone(),
                expires_on: secret.expires_on,
                set_at: secret.set_at,
            });
    }
    infos
}
