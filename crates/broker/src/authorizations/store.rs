//! Checking a form and writing it: the one place where an authorization and its secrets are stored.

use crate::{
    Broker,
    error::{WriteError, without_secrets},
    sealing::Column,
};
use model::{
    AuthorizationId, ConnectorId, WorkspaceId,
    authorization::AuthorizationInput,
    problem::FieldError,
    provider::{FieldKind, ProviderInfo},
    validate,
};
use secrecy::SecretString;
use storage::{
    Change, Transaction,
    authorizations::{AuthorizationRecord, SecretRecord},
};

/// Shortest secret of which the last four characters may be shown.
const ENDS_SHOWN_FROM: usize = 16;

/// What a form is stored over.
pub(crate) enum Stored {
    /// Nothing: this will be its id.
    New(AuthorizationId),
    /// What was read in the same transaction.
    Existing(AuthorizationRecord),
}

impl Broker {
    /// Checks a form against what is stored and stores it. The version goes up by one.
    pub(crate) async fn store(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        stored: Stored,
        input: &AuthorizationInput,
    ) -> Result<AuthorizationRecord, WriteError> {
        let (id, existing) = match stored {
            Stored::New(id) => (id, None),
            Stored::Existing(record) => (record.id, Some(record)),
        };
        if existing
            .as_ref()
            .is_some_and(|record| record.provider != input.provider)
        {
            return Err(WriteError::field(
                "provider",
                "The provider of an authorization cannot be changed. Make a new authorization.",
            ));
        }
        let provider = self.check_form(tx, workspace, id, input).await?;

        let now = self.now();
        let mut record = AuthorizationRecord {
            id,
            workspace_id: workspace,
            name: input.name.trim().to_owned(),
            provider: input.provider.clone(),
            settings: without_secrets(&input.settings, provider.secret_keys()),
            scopes: normalised(&input.scopes),
            connectors: distinct(&input.connectors),
            active: existing.as_ref().is_none_or(|record| record.active),
            grant_id: existing.as_ref().and_then(|record| record.grant_id),
            version: existing.as_ref().map_or(1, |record| record.version),
            created_at: existing.as_ref().map_or(now, |record| record.created_at),
            updated_at: now,
        };
        if existing.is_some() {
            if !tx.authorizations().update(&record).await? {
                return Err(WriteError::Stale);
            }
            record.version += 1;
        } else {
            tx.authorizations().insert(&record).await?;
        }
        self.store_secrets(tx, &record, &provider, input).await?;
        tx.announce(Change::Configuration(workspace));
        Ok(record)
    }

    /// Everything that can be wrong with a form; the provider when nothing is.
    pub(crate) async fn check_form(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        id: AuthorizationId,
        input: &AuthorizationInput,
    ) -> Result<ProviderInfo, WriteError> {
        let definition = self.definition(&input.provider).ok_or_else(|| {
            WriteError::field("provider", "There is no such provider; see GET /providers.")
        })?;
        let provider = definition.info(self.public_url());
        let stored = tx.authorizations().secrets(id).await?;
        let has_secret = |key: &str| stored.iter().any(|secret| secret.field == key);
        let mut errors = validate::authorization(&provider, input, has_secret);
        errors.extend(self.refused_addresses(&provider, input));
        errors.extend(unknown_connector(tx, workspace, &input.connectors).await?);
        WriteError::check(errors)?;
        // Whatever validation by field cannot see: endpoints that do not fit together.
        let placeholder = vec![SecretString::from("checked")];
        self.registration(definition, &input.settings, placeholder, id)
            .map_err(|error| {
                WriteError::field(&format!("settings.{}", error.field), error.message)
            })?;
        Ok(provider)
    }

    /// Addresses that requests may not go to (S24), told where they are typed.
    fn refused_addresses(
        &self,
        provider: &ProviderInfo,
        input: &AuthorizationInput,
    ) -> Vec<FieldError> {
        provider
            .fields
            .iter()
            .filter(|field| field.kind == FieldKind::Url)
            .filter_map(|field| {
                // What is no address at all is told by `validate`.
                let url = input.settings.get(&field.key)?.parse().ok()?;
                let refusal = self.http().check(&url).err()?;
                Some(FieldError::new(
                    format!("settings.{}", field.key),
                    format!("Tokenry does not send requests there: {refusal}."),
                ))
            })
            .collect()
    }

    /// Puts in the secrets that were typed, each in place of the first one of its field; the others
    /// stay, to fall back on. Blank ones stay as they are.
    async fn store_secrets(
        &self,
        tx: &mut dyn Transaction,
        record: &AuthorizationRecord,
        provider: &ProviderInfo,
        input: &AuthorizationInput,
    ) -> Result<(), WriteError> {
        let stored = tx.authorizations().secrets(record.id).await?;
        for key in provider.secret_keys() {
            let expires_on = input.client_secret_expires_on;
            let Some(value) = input.settings.get(key) else {
                tx.authorizations()
                    .set_secret_expiry(record.id, key, expires_on)
                    .await?;
                continue;
            };
            let id = self.new_id();
            let sealed = self.seal(
                record.workspace_id,
                Column::ClientSecret(id),
                &SecretString::from(value),
            )?;
            let typed = SecretRecord {
                id,
                authorization_id: record.id,
                field: key.to_owned(),
                position: 0,
                value: sealed,
                ends_in: ends_in(value),
                expires_on,
                set_at: self.now(),
                last_worked_at: None,
                in_use: false,
            };
            let others = stored
                .iter()
                .filter(|secret| secret.field == key && secret.position > 0)
                .cloned();
            let secrets: Vec<_> = std::iter::once(typed)
                .chain(others.map(|other| SecretRecord {
                    in_use: false,
                    ..other
                }))
                .collect();
            tx.authorizations()
                .replace_secrets(record.id, key, &secrets)
                .await?;
            self.hurry_misconfigured(tx, record).await?;
        }
        Ok(())
    }
}

/// The last characters of a secret that is long enough for them to tell nothing.
pub(crate) fn ends_in(secret: &str) -> Option<String> {
    let characters: Vec<char> = secret.chars().collect();
    let from = characters.len().checked_sub(4)?;
    (characters.len() >= ENDS_SHOWN_FROM).then(|| characters[from..].iter().collect())
}

async fn unknown_connector(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    connectors: &[ConnectorId],
) -> Result<Option<FieldError>, WriteError> {
    for id in connectors {
        if tx.connectors().get(workspace, *id).await?.is_none() {
            return Ok(Some(FieldError::new(
                "connectors",
                format!("There is no connector {id}. It may have been deleted meanwhile."),
            )));
        }
    }
    Ok(None)
}

/// Sorted, each once: two people who chose the same scopes stored the same thing.
fn normalised(scopes: &[String]) -> Vec<String> {
    let mut scopes: Vec<_> = scopes.iter().map(|scope| scope.trim().to_owned()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

fn distinct(ids: &[ConnectorId]) -> Vec<ConnectorId> {
    let mut seen = Vec::with_capacity(ids.len());
    for id in ids {
        if !seen.contains(id) {
            seen.push(*id);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::ends_in;

    #[test]
    fn a_short_secret_shows_nothing() {
        assert_eq!(ends_in("hunter2"), None);
        assert_eq!(ends_in(""), None);
        assert_eq!(ends_in("0123456789abcdef").as_deref(), Some("cdef"));
    }
}
