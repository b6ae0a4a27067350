//! The catalogue, as far as choosing needs it.

use super::UiError;
use leptos::server;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A provider to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderCard {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// One sentence about it.
    pub description: String,
    /// Icon key.
    pub icon: String,
    /// Why not to choose it any more, and what to choose instead.
    pub deprecation: Option<String>,
}

/// All providers.
#[server(prefix = "/ui", endpoint = "providers/list", input = Json)]
pub async fn list() -> Result<Vec<ProviderCard>, UiError> {
    let (context, ..) = super::caller()?;
    let cards = context
        .broker
        .providers()
        .into_iter()
        .map(|provider| ProviderCard {
            id: provider.id,
            name: provider.name,
            description: provider.description,
            icon: provider.icon,
            deprecation: provider.deprecation,
        });
    Ok(cards.collect())
}
