//! The catalogue: every provider Tokenry knows, as data.
//!
//! To add one: write `providers/{id}.toml`, list it in [`DEFINITIONS`] (and its scopes, if they
//! are in a file of their own, in [`SCOPE_LISTS`]). The tests below check every definition.

mod definition;
mod registration;
mod template;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use model::{
    AuthorizationId,
    provider::{FieldKind, ProviderInfo, ScopeInfo, SettingsField},
    scopes,
};
use url::Url;

pub use definition::Dialect;
pub(crate) use definition::{Definition, IdentitySource, Owner, ScopeList};
pub use registration::{
    ClientAuthentication, ClientRegistration, Endpoints, Issuer, RegistrationError,
};

use crate::{answer, error::TokenError, reason::ReasonTable};

/// The definitions, in the order in which they are offered.
const DEFINITIONS: [&str; 3] = [
    include_str!("../../providers/azure-devops.toml"),
    include_str!("../../providers/azure-devops-legacy.toml"),
    include_str!("../../providers/oauth2.toml"),
];

/// Lists of scopes that definitions share, by name.
const SCOPE_LISTS: [(&str, &str); 1] = [(
    "azure-devops",
    include_str!("../../providers/scopes/azure-devops.toml"),
)];

/// What the operator changes about a provider: another cloud, the sandbox, a shared client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderOverride {
    /// Id of the provider.
    pub provider: String,
    /// Bases by name (`login`, `api`), each an http(s) URL.
    pub bases: BTreeMap<String, String>,
    /// Values of fields that the operator owns.
    pub settings: BTreeMap<String, String>,
}

/// Why the catalogue can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A definition does not parse.
    #[error("provider definition: {0}")]
    Definition(#[from] Box<toml::de::Error>),
    /// A definition names a list that does not exist.
    #[error("provider {provider}: there is no scope list {list:?}")]
    ScopeList {
        /// The definition.
        provider: String,
        /// What it names.
        list: String,
    },
    /// An override names a provider that does not exist.
    #[error("there is no provider {0:?} to override")]
    UnknownProvider(String),
    /// An override names something the provider does not have.
    #[error("provider {provider}: {key:?} can't be overridden; it has {known}")]
    UnknownKey {
        /// The provider.
        provider: String,
        /// What the override names.
        key: String,
        /// What could be named.
        known: String,
    },
    /// A base that is not an http(s) URL.
    #[error("provider {provider}: {key} = {value:?} is not an http(s) address")]
    Base {
        /// The provider.
        provider: String,
        /// Name of the base.
        key: String,
        /// Its value.
        value: String,
    },
}

/// All providers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Catalogue {
    providers: Arc<Vec<Arc<Provider>>>,
}

impl Catalogue {
    /// Parses the built-in definitions and applies the operator's overrides.
    pub fn load(overrides: &[ProviderOverride]) -> Result<Self, CatalogueError> {
        let mut providers = Vec::with_capacity(DEFINITIONS.len());
        for text in DEFINITIONS {
            let definition: Definition = toml::from_str(text).map_err(Box::new)?;
            providers.push(Provider::new(definition)?);
        }
        for change in overrides {
            providers
                .iter_mut()
                .find(|provider| provider.id() == change.provider)
                .ok_or_else(|| CatalogueError::UnknownProvider(change.provider.clone()))?
                .apply(change)?;
        }
        let providers = providers.into_iter().map(Arc::new).collect();
        Ok(Self {
            providers: Arc::new(providers),
        })
    }

    /// Every provider, in the order in which they are offered.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.iter()
    }

    /// The provider with this id.
    pub fn get(&self, id: &str) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id() == id)
    }
}

/// One provider: its definition, ready to use.
#[derive(Clone, Debug)]
pub struct Provider {
    pub(crate) definition: Definition,
    pub(crate) reasons: ReasonTable,
    scopes: Vec<ScopeInfo>,
    operator_settings: BTreeMap<String, String>,
}

impl Provider {
    fn new(definition: Definition) -> Result<Self, CatalogueError> {
        let scopes = match &definition.scope_list {
            None => Vec::new(),
            Some(list) => {
                let (_, text) = SCOPE_LISTS
                    .iter()
                    .find(|(name, _)| name == list)
                    .ok_or_else(|| CatalogueError::ScopeList {
                        provider: definition.id.clone(),
                        list: list.clone(),
                    })?;
                toml::from_str::<ScopeList>(text).map_err(Box::new)?.scopes
            }
        };
        Ok(Self {
            reasons: ReasonTable::new(&definition.reasons),
            scopes,
            operator_settings: BTreeMap::new(),
            definition,
        })
    }

    fn apply(&mut self, change: &ProviderOverride) -> Result<(), CatalogueError> {
        for (key, value) in &change.bases {
            if !self.definition.bases.contains_key(key) {
                return Err(self.unknown_key(key, self.definition.bases.keys()));
            }
            let base = value.trim_end_matches('/');
            match Url::parse(base) {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                    self.definition.bases.insert(key.clone(), base.to_owned());
                }
                _ => {
                    return Err(CatalogueError::Base {
                        provider: self.id().to_owned(),
                        key: key.clone(),
                        value: value.clone(),
                    });
                }
            }
        }
        for (key, value) in &change.settings {
            let owned: Vec<_> = self.fields_of(Owner::Operator).collect();
            if owned.iter().all(|field| field.key != *key) {
                let owned = owned.iter().map(|field| &field.key);
                return Err(self.unknown_key(key, owned));
            }
            self.operator_settings.insert(key.clone(), value.clone());
        }
        Ok(())
    }

    /// Stable id: `azure-devops`.
    pub fn id(&self) -> &str {
        &self.definition.id
    }

    /// Name to show.
    pub fn name(&self) -> &str {
        &self.definition.name
    }

    /// Key of the icon the web app draws.
    pub fn icon(&self) -> &str {
        &self.definition.icon
    }

    /// Keys of the settings fields whose values are secret.
    pub fn secret_keys(&self) -> impl Iterator<Item = &str> {
        self.fields_of(Owner::User)
            .filter(|field| field.kind == FieldKind::Secret)
            .map(|field| field.key.as_str())
    }

    /// The definition of a settings field that people fill in.
    pub fn field(&self, key: &str) -> Option<&SettingsField> {
        self.fields_of(Owner::User).find(|field| field.key == key)
    }

    /// How a person ends a consent at the provider, in words; `None` when apps can, or nothing is known.
    pub fn revocation_hint(&self) -> Option<&str> {
        self.definition.revocation_hint.as_deref()
    }

    /// The wire format.
    pub fn dialect(&self) -> Dialect {
        self.definition.dialect
    }

    /// The scopes the provider documents.
    pub fn scopes(&self) -> &[ScopeInfo] {
        &self.scopes
    }

    /// What stands before every chosen scope on the wire.
    pub fn scope_prefix(&self) -> &str {
        &self.definition.scope_prefix
    }

    /// Whether connectors of this type can use it.
    pub fn supports_connector(&self, connector_type: &str) -> bool {
        self.definition.connectors.contains_key(connector_type)
    }

    /// The scopes a connector of this type needs in every case.
    pub fn connector_scopes(&self, connector_type: &str) -> &[String] {
        let needed = self.definition.connectors.get(connector_type);
        needed.map_or(&[], Vec::as_slice)
    }

    /// A harmless GET, under the base URL of a connector, that any good token may make; `None` when
    /// the provider has none.
    pub fn probe_url(&self, connector_base: &Url) -> Option<Url> {
        let path = self.definition.probe_path.as_deref()?;
        let base = connector_base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}")).ok()
    }

    /// Every flow carries a PKCE challenge (S5).
    pub fn uses_pkce(&self) -> bool {
        self.definition.pkce
    }

    /// A refresh replaces the refresh token.
    pub fn rotates_refresh_tokens(&self) -> bool {
        self.definition.tokens.rotates
    }

    /// How long a replaced refresh token keeps working. Zero: a refresh whose answer was lost must
    /// not be repeated.
    pub fn refresh_grace(&self) -> Duration {
        Duration::from_secs(self.definition.tokens.grace_seconds)
    }

    /// Lifetime of an access token when the provider names none; `None`: unknown.
    pub fn default_lifetime(&self) -> Option<Duration> {
        let seconds = self.definition.tokens.default_lifetime_seconds;
        seconds.map(Duration::from_secs)
    }

    /// Each authorization has a redirect URI of its own, because the endpoints are a person's input
    /// (S3); else there is one per provider.
    pub fn redirect_is_per_authorization(&self) -> bool {
        self.definition.redirect_path.contains(AUTHORIZATION_ID)
    }

    /// The redirect URI of one authorization, exactly as it is sent (S8).
    pub fn redirect_uri(&self, public_url: &Url, authorization: AuthorizationId) -> String {
        self.redirect_template(public_url)
            .replace(AUTHORIZATION_ID, &authorization.to_string())
    }

    /// The catalogue entry for the web app and the REST API.
    pub fn info(&self, public_url: &Url) -> ProviderInfo {
        let definition = &self.definition;
        ProviderInfo {
            id: definition.id.clone(),
            name: definition.name.clone(),
            description: definition.description.clone(),
            icon: definition.icon.clone(),
            deprecation: definition.deprecation.clone(),
            docs_url: definition.docs_url.clone(),
            sign_in_host: self.sign_in_host(),
            redirect_uri: self.redirect_template(public_url),
            fields: self.fields_of(Owner::User).cloned().collect(),
            scopes: self.scopes.clone(),
            resource_prefix: definition.scope_prefix.clone(),
            automatic_scopes: definition.automatic_scopes.clone(),
            optional_scopes: definition.optional_scopes.clone(),
            setup_steps: definition.steps.clone(),
        }
    }

    /// Reads the `error` and `error_description` of a callback (RFC 6749 §4.1.2.1).
    pub fn callback_error(&self, error: &str, description: Option<&str>) -> TokenError {
        answer::callback_error(self, error, description)
    }

    /// The scope as the catalogue names it, from the wire.
    pub fn plain_scope<'a>(&self, scope: &'a str) -> &'a str {
        scopes::without_prefix(scope, &self.definition.scope_prefix)
    }

    fn sign_in_host(&self) -> Option<String> {
        let resolved = template::fill(&self.definition.endpoints.authorization, |name| {
            let base = self.definition.bases.get(name).map(String::as_str);
            // Other placeholders are path segments, which do not matter here.
            Some(base.unwrap_or(name).to_owned())
        })?;
        Some(Url::parse(&resolved).ok()?.host_str()?.to_owned())
    }

    fn redirect_template(&self, public_url: &Url) -> String {
        let base = public_url.as_str().trim_end_matches('/');
        format!("{base}{}", self.definition.redirect_path)
    }

    fn fields_of(&self, owner: Owner) -> impl Iterator<Item = &SettingsField> {
        self.definition
            .fields
            .iter()
            .filter(move |definition| definition.owner == owner)
            .map(|definition| &definition.field)
    }

    fn unknown_key<'a>(
        &self,
        key: &str,
        known: impl Iterator<Item = &'a String>,
    ) -> CatalogueError {
        let known: Vec<_> = known.map(String::as_str).collect();
        CatalogueError::UnknownKey {
            provider: self.id().to_owned(),
            key: key.to_owned(),
            known: known.join(", "),
        }
    }
}

const AUTHORIZATION_ID: &str = "{authorization_id}";
