//! The catalogue, as people and programs see it.

use crate::{Broker, error::Fault};
use model::{AuthorizationId, provider::ProviderInfo, settings::Settings};
use oauth::{ClientRegistration, Provider, RegistrationError, SecretString};
use std::sync::Arc;

impl Broker {
    /// All providers.
    pub fn providers(&self) -> Vec<ProviderInfo> {
        self.catalogue()
            .providers()
            .map(|provider| provider.info(self.public_url()))
            .collect()
    }

    /// One provider.
    pub fn provider(&self, id: &str) -> Option<ProviderInfo> {
        Some(self.definition(id)?.info(self.public_url()))
    }

    pub(crate) fn definition(&self, id: &str) -> Option<&Arc<Provider>> {
        self.catalogue().get(id)
    }

    /// The provider of something stored; it can only be missing when the product was downgraded.
    pub(crate) fn stored_definition(&self, id: &str) -> Result<&Arc<Provider>, Fault> {
        self.definition(id)
            .ok_or(Fault::Unreadable("the provider of an authorization"))
    }

    pub(crate) fn registration(
        &self,
        provider: &Arc<Provider>,
        settings: &Settings,
        secrets: Vec<SecretString>,
        authorization: AuthorizationId,
    ) -> Result<ClientRegistration, RegistrationError> {
        provider.registration(settings, secrets, self.public_url(), authorization)
    }
}
