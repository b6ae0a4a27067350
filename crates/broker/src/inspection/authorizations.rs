//! What authorizations need: endpoints that answer, secrets that are good, consents in force.

use crate::error::Fault;
use chrono::NaiveDate;
use model::{AuthorizationId, GrantId, WorkspaceId, status::Status};
use oauth::Catalogue;
use secrecy::SecretString;
use std::collections::HashMap;
use storage::{Storage, Transaction, authorizations::AuthorizationRecord};
use url::Url;

/// An active authorization.
#[derive(Clone, Debug)]
pub struct AuthorizationSeen {
    /// Its workspace's unique name.
    pub workspace: String,
    /// Its name.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// Where it gets tokens; `None` when its settings make no client registration.
    pub token_endpoint: Option<Url>,
    /// State of its consent; `None` when nobody has consented.
    pub status: Option<Status>,
    /// Its client secrets, in the order in which they are tried.
    pub secrets: Vec<SecretSeen>,
}

/// A client secret, without itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSeen {
    /// Settings field it belongs to.
    pub field: String,
    /// Its last characters.
    pub ends_in: Option<String>,
    /// Last day on which it works.
    pub expires_on: Option<NaiveDate>,
}

/// All active authorizations of all workspaces.
///
/// # Errors
/// When the database cannot be read.
pub async fn authorizations(
    storage: &dyn Storage,
    catalogue: &Catalogue,
    public_url: &Url,
) -> Result<Vec<AuthorizationSeen>, Fault> {
    let mut tx = storage.read().await?;
    let mut seen = Vec::new();
    let workspaces = tx.users().workspaces().await?;
    for workspace in workspaces {
        let mut records = tx.authorizations().all(workspace.id).await?;
        records.retain(|record| record.active);
        let mut secrets = secrets(&mut *tx, workspace.id).await?;
        let statuses = statuses(&mut *tx, &records).await?;
        for record in records {
            seen.push(AuthorizationSeen {
                workspace: workspace.slug.clone(),
                token_endpoint: token_endpoint(catalogue, public_url, &record),
                status: record.grant_id.and_then(|id| statuses.get(&id).copied()),
                secrets: secrets.remove(&record.id).unwrap_or_default(),
                name: record.name,
                provider: record.provider,
            });
        }
    }
    Ok(seen)
}

fn token_endpoint(
    catalogue: &Catalogue,
    public_url: &Url,
    record: &AuthorizationRecord,
) -> Option<Url> {
    let provider = catalogue.get(&record.provider)?;
    let placeholder = vec![SecretString::from("not used")];
    let registration = provider.registration(&record.settings, placeholder, public_url, record.id);
    Some(registration.ok()?.endpoints.token)
}

async fn secrets(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
) -> Result<HashMap<AuthorizationId, Vec<SecretSeen>>, Fault> {
    let mut records = tx.authorizations().all_secrets(workspace).await?;
    records.sort_by_key(|record| record.position);
    let mut secrets: HashMap<_, Vec<_>> = HashMap::new();
    for record in records {
        let of_one = secrets.entry(record.authorization_id).or_default();
        of_one.push(SecretSeen {
            field: record.field,
            ends_in: record.ends_in,
            expires_on: record.expires_on,
        });
    }
    Ok(secrets)
}

async fn statuses(
    tx: &mut dyn Transaction,
    records: &[AuthorizationRecord],
) -> Result<HashMap<GrantId, Status>, Fault> {
    let ids: Vec<_> = records.iter().filter_map(|one| one.grant_id).collect();
    let grants = tx.grants().get_many(&ids).await?;
    let statuses = grants.into_iter().map(|grant| (grant.id, grant.status));
    Ok(statuses.collect())
}
