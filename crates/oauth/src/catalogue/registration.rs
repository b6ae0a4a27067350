//! From a person's settings to a client registration: everything a request needs to know.

use std::{sync::Arc, time::Duration};

use model::{AuthorizationId, scopes, settings::Settings};
use secrecy::SecretString;
use url::Url;

use super::{Provider, template};

/// How the client proves itself at the token endpoint (S14). Never two ways at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// `client_secret_basic`: HTTP Basic, both parts form-encoded (RFC 6749 §2.3.1).
    Basic,
    /// `client_secret_post`: in the body.
    Post,
    /// A public client: `client_id` alone.
    None,
}

/// Where the provider answers, for one registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where the browser is sent.
    pub authorization: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token: Url,
    /// RFC 7009; `None`: the provider can't revoke.
    pub revocation: Option<Url>,
    /// Published keys.
    pub jwks: Option<Url>,
    /// The account's profile.
    pub profile: Option<Url>,
    /// Where an administrator consents for everybody.
    pub admin_consent: Option<Url>,
}

/// Who signs `id_token`s and, with RFC 9207, callbacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The identifier; may hold `{tid}` for the tenant of the account.
    template: String,
    /// The only tenant that is accepted, if the settings name one by its id.
    tenant: Option<String>,
}

impl Issuer {
    /// The identifier for an account of `tenant`; `None` when that tenant is not accepted.
    pub(crate) fn identifier(&self, tenant: Option<&str>) -> Option<String> {
        if self.tenant.is_some() && self.tenant.as_deref() != tenant {
            return None;
        }
        template::fill(&self.template, |_| tenant.map(str::to_owned))
    }

    /// The identifier, when it does not depend on the account.
    pub fn fixed(&self) -> Option<String> {
        self.identifier(self.tenant.as_deref())
    }
}

/// Why settings make no registration. Named by field, so that a form can show it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct RegistrationError {
    /// Key of the settings field.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl RegistrationError {
    fn new(field: &str, message: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            message: message.into(),
        }
    }
}

/// One client at one provider, ready to make requests with (see `dialect` for those).
#[derive(Clone, Debug)]
pub struct ClientRegistration {
    /// The provider it is registered at.
    pub provider: Arc<Provider>,
    /// The client's identifier there.
    pub client_id: String,
    /// Its secrets, tried in this order. While one is being replaced two may be valid.
    pub client_secrets: Vec<SecretString>,
    /// How they are sent.
    pub authentication: ClientAuthentication,
    /// Where the provider answers.
    pub endpoints: Endpoints,
    /// Who signs for it, if known.
    pub issuer: Option<Issuer>,
    /// The metadata announce `iss` in callbacks (RFC 9207 §3); see
    /// [`PublishedDocuments::complete`](crate::PublishedDocuments::complete).
    pub issuer_in_callback: bool,
    /// Exactly what was registered.
    pub redirect_uri: String,
    /// Extra parameters of the authorization request.
    pub(crate) authorize_parameters: Vec<(String, String)>,
    /// Asked for in every case.
    pub automatic_scopes: Vec<String>,
}

impl Provider {
    /// Makes a registration of settings that passed `model::validate`.
    ///
    /// `secrets` are the client's secrets in the order in which they are to be tried.
    pub fn registration(
        self: &Arc<Self>,
        settings: &Settings,
        secrets: Vec<SecretString>,
        public_url: &Url,
        authorization: AuthorizationId,
    ) -> Result<ClientRegistration, RegistrationError> {
        let values = Values {
            provider: self,
            settings,
        };
        let client_id = values
            .setting("client_id")
            .ok_or_else(|| RegistrationError::new("client_id", "It is missing."))?;
        Ok(ClientRegistration {
            provider: Arc::clone(self),
            client_id,
            authentication: values.client_authentication(!secrets.is_empty())?,
            client_secrets: secrets,
            endpoints: values.endpoints()?,
            issuer: values.issuer(),
            issuer_in_callback: false,
            redirect_uri: self.redirect_uri(public_url, authorization),
            authorize_parameters: values.authorize_parameters()?,
            automatic_scopes: self.automatic_scopes(settings),
        })
    }

    /// The scopes asked for in every case with these settings.
    pub fn automatic_scopes(&self, settings: &Settings) -> Vec<String> {
        let values = Values {
            provider: self,
            settings,
        };
        let ticked = self
            .definition
            .optional_scopes
            .iter()
            .filter(|optional| values.setting(&optional.setting).as_deref() == Some("true"));
        let ticked: Vec<_> = ticked.map(|optional| optional.scope.clone()).collect();
        scopes::effective(&self.definition.automatic_scopes, &ticked)
    }
}

impl ClientRegistration {
    /// Everything asked for, as it goes over the wire: automatic scopes and `selected` ones, the
    /// latter with the provider's resource prefix.
    pub fn wire_scopes(&self, selected: &[String]) -> Vec<String> {
        let selected = scopes::on_the_wire(self.provider.scope_prefix(), selected);
        scopes::effective(&self.automatic_scopes, &selected)
    }

    /// Whether a consent may be ended at the provider (RFC 7009). Where the address is not known yet,
    /// its issuer's metadata may still name one (RFC 8414 §2); see
    /// [`PublishedDocuments::complete`](crate::PublishedDocuments::complete).
    pub fn may_offer_revocation(&self) -> bool {
        let published = || {
            let issuer = self.issuer.as_ref().and_then(Issuer::fixed);
            self.endpoints.jwks.is_none() && issuer.is_some()
        };
        self.endpoints.revocation.is_some() || published()
    }

    /// Lifetime of an access token when an answer names none.
    pub(crate) fn default_lifetime(&self) -> Option<Duration> {
        self.provider.default_lifetime()
    }
}

/// Resolves placeholders for one registration.
struct Values<'a> {
    provider: &'a Provider,
    settings: &'a Settings,
}

impl Values<'_> {
    /// A settings value: the operator's, the person's, else the field's default.
    fn setting(&self, key: &str) -> Option<String> {
        let definition = &self.provider.definition;
        let field = definition.fields.iter().find(|f| f.field.key == key)?;
        let given = match self.provider.operator_settings.get(key) {
            Some(value) => Some(value.as_str()),
            None => self.settings.get(key),
        };
        // A box that was unticked is `false`, not absent; text that was cleared is its default.
        given.or(field.field.default.as_deref()).map(str::to_owned)
    }

    fn endpoints(&self) -> Result<Endpoints, RegistrationError> {
        let templates = &self.provider.definition.endpoints;
        let optional = |template: &Option<String>| match template {
            Some(template) => self.url(template),
            None => Ok(None),
        };
        Ok(Endpoints {
            authorization: self.required_url(&templates.authorization)?,
            token: self.required_url(&templates.token)?,
            revocation: optional(&templates.revocation)?,
            jwks: optional(&templates.jwks)?,
            profile: optional(&templates.profile)?,
            admin_consent: optional(&templates.admin_consent)?,
        })
    }

    fn required_url(&self, template: &str) -> Result<Url, RegistrationError> {
        let field = template::sole_placeholder(template).unwrap_or("tenant");
        self.url(template)?
            .ok_or_else(|| RegistrationError::new(field, "It is missing."))
    }

    /// The URL of a template; `None` when one of its placeholders is blank.
    fn url(&self, template: &str) -> Result<Option<Url>, RegistrationError> {
        if let Some(key) = template::sole_placeholder(template) {
            return self
                .setting(key)
                .map(|text| whole_url(key, &text))
                .transpose();
        }
        let Some(text) = self.fill(template)? else {
            return Ok(None);
        };
        Url::parse(&text)
            .map(Some)
            .map_err(|error| RegistrationError::new("tenant", error.to_string()))
    }

    /// Fills bases as they are and settings as path segments, which can't change the path's shape.
    fn fill(&self, template: &str) -> Result<Option<String>, RegistrationError> {
        let mut refused = None;
        let filled = template::fill(template, |name| {
            if let Some(base) = self.provider.definition.bases.get(name) {
                return Some(base.clone());
            }
            let value = self.setting(name)?;
            if !is_segment(&value) {
                let message = "Use letters, digits, dots and hyphens only.";
                refused = Some(RegistrationError::new(name, message));
            }
            Some(value)
        });
        refused.map_or(Ok(filled), Err)
    }

    fn issuer(&self) -> Option<Issuer> {
        let template = self.provider.definition.endpoints.issuer.as_deref()?;
        if let Some(key) = template::sole_placeholder(template) {
            // Compared byte for byte later (S7), so it is kept as it was typed.
            return self.setting(key).map(|template| Issuer {
                template,
                tenant: None,
            });
        }
        let template = template::fill(template, |name| {
            let base = self.provider.definition.bases.get(name).cloned();
            Some(base.unwrap_or_else(|| format!("{{{name}}}")))
        });
        // `organizations` and `common` are not tenants; a directory id is.
        let tenant = self
            .setting("tenant")
            .filter(|tenant| is_guid(tenant))
            .map(|tenant| tenant.to_ascii_lowercase());
        template.map(|template| Issuer { template, tenant })
    }

    fn client_authentication(
        &self,
        has_secret: bool,
    ) -> Result<ClientAuthentication, RegistrationError> {
        let template = &self.provider.definition.client_authentication;
        let field = template::sole_placeholder(template).unwrap_or("client_secret");
        let method = template::fill(template, |name| self.setting(name));
        match method.as_deref() {
            Some("none") => Ok(ClientAuthentication::None),
            Some("basic" | "post") if !has_secret => {
                Err(RegistrationError::new("client_secret", "It is missing."))
            }
            Some("basic") => Ok(ClientAuthentication::Basic),
            Some("post") => Ok(ClientAuthentication::Post),
            _ => Err(RegistrationError::new(field, "Choose basic, post or none.")),
        }
    }

    fn authorize_parameters(&self) -> Result<Vec<(String, String)>, RegistrationError> {
        let Some(template) = &self.provider.definition.authorize_parameters else {
            return Ok(Vec::new());
        };
        let field = template::sole_placeholder(template).unwrap_or_default();
        let query = template::fill(template, |name| {
            Some(self.setting(name).unwrap_or_default())
        });
        let query = query.unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes());
        let mut parameters = Vec::new();
        for (name, value) in pairs.into_owned() {
            match name.as_str() {
                "response_type" if value == "code" => {}
                "response_type" => {
                    return Err(RegistrationError::new(field, "response_type must be code."));
                }
                "client_id"
                | "redirect_uri"
                | "scope"
                | "state"
                | "nonce"
                | "code_challenge"
                | "code_challenge_method"
                | "request"
                | "request_uri"
                | "response_mode" => {
                    let message = format!("Leave {name} out: Tokenry sets it.");
                    return Err(RegistrationError::new(field, message));
                }
                _ if parameters.iter().any(|(known, _)| *known == name) => {
                    let message = format!("{name} is there twice.");
                    return Err(RegistrationError::new(field, message));
                }
                _ => parameters.push((name, value)),
            }
        }
        Ok(parameters)
    }
}

fn whole_url(field: &str, text: &str) -> Result<Url, RegistrationError> {
    let url = Url::parse(text)
        .map_err(|_| RegistrationError::new(field, "It must be a whole address (https://…)."))?;
    if url.fragment().is_some() {
        // RFC 6749 §3.1, §3.2
        return Err(RegistrationError::new(field, "Leave the part from # out."));
    }
    Ok(url)
}

fn is_segment(value: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    value.chars().all(allowed) && !matches!(value, "" | "." | "..")
}

fn is_guid(value: &str) -> bool {
    let groups: Vec<_> = value.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && value.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
