//! The example that `--sandbox` begins with: an authorization ready to be authorized.

use crate::startup::House;
use anyhow::{Context as _, Result};
use broker::{
    access::{Actor, KeyActor},
    ports,
    start_up::DEFAULT_WORKSPACE,
};
use model::{
    WorkspaceId,
    api_key::KeyScope,
    authorization::{AuthorizationFilter, AuthorizationInput},
    connector::{AdvancedRestApi, ConnectorConfig, ConnectorInput, default_timeout},
    problem::Problem,
};
use sandbox::config::example::{ENTRA_CLIENT_ID, ENTRA_CLIENT_SECRET};
use storage::Storage as _;
use url::Url;

/// Puts the example into a workspace in which nothing has been done yet.
pub async fn seed(house: &House, sandbox: &Url) -> Result<()> {
    let mut tx = house.storage.read().await?;
    let Some(workspace) = tx.users().workspace_by_slug(DEFAULT_WORKSPACE).await? else {
        return Ok(());
    };
    drop(tx);
    let actor = seeder(house, workspace.id);
    if is_untouched(house, &actor).await? {
        make(house, &actor, sandbox)
            .await
            .map_err(|problem| anyhow::anyhow!(problem.detail))
            .context("the example authorization cannot be made")?;
        tracing::info!("made the example authorization of the sandbox");
    }
    Ok(())
}

/// Who the example is from.
fn seeder(house: &House, workspace: WorkspaceId) -> Actor {
    Actor::ApiKey(KeyActor {
        id: ports::new_id(house.broker.now(), &mut *house.randomness.rng()),
        name: "sandbox".to_owned(),
        workspace,
        scopes: vec![KeyScope::Manage, KeyScope::Publish],
    })
}

async fn is_untouched(house: &House, actor: &Actor) -> Result<bool> {
    let broker = &house.broker;
    let authorizations = broker
        .authorizations(actor, &AuthorizationFilter::default())
        .await?;
    Ok(authorizations.items.is_empty()
        && broker.connectors(actor).await?.is_empty()
        && broker.publish_state(actor).await?.last.is_none())
}

async fn make(house: &House, actor: &Actor, sandbox: &Url) -> Result<(), Problem> {
    let connector = house
        .broker
        .create_connector(
            actor,
            ConnectorInput {
                name: "Contoso REST API".to_owned(),
                config: ConnectorConfig::AdvancedRestApi(AdvancedRestApi {
                    base_url: sandbox.to_string(),
                    timeout_seconds: default_timeout(),
                }),
            },
        )
        .await?;
    let settings = [
        ("client_id", ENTRA_CLIENT_ID),
        ("client_secret", ENTRA_CLIENT_SECRET),
        ("tenant", "organizations"),
    ];
    house
        .broker
        .create_authorization(
            actor,
            AuthorizationInput {
                name: "Contoso work items".to_owned(),
                provider: "azure-devops".to_owned(),
                settings: settings.into_iter().collect(),
                client_secret_expires_on: None,
                connectors: vec![connector.id],
                scopes: vec!["vso.work".to_owned(), "vso.project".to_owned()],
            },
        )
        .await?;
    Ok(())
}
