//! What the sandbox knows at its start: its own address and the app registrations.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{dialects::Dialect, scopes};

/// The sandbox's own address and its app registrations.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Its own base, for example `http://127.0.0.1:3100`: in metadata, issuers and links. Without a path.
    pub public_url: Url,
    /// The registrations at the start, and again after a reset.
    pub apps: Vec<AppRegistration>,
}

impl SandboxConfig {
    /// A sandbox without any app; register them with [`crate::Sandbox::register`] or `POST /_sandbox/apps`.
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            apps: Vec::new(),
        }
    }

    /// A sandbox with the [`example`] apps, whose redirect URIs point at a Tokenry at `tokenry_public_url`.
    pub fn for_tokenry(public_url: Url, tokenry_public_url: &Url) -> Self {
        Self {
            public_url,
            apps: example::apps(tokenry_public_url),
        }
    }

    /// The base without the slash that [`Url`] puts at the end.
    pub(crate) fn base(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }
}

/// One client as the provider's portal would show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppRegistration {
    /// The App ID or client id: a GUID in all real registrations.
    pub client_id: String,
    /// What the consent screen calls the app.
    pub name: String,
    /// Which dialect's endpoints know this app.
    pub kind: Dialect,
    /// The secrets that are valid now. None at all makes a public client, which must use PKCE.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Secrets that were valid once; they are refused with the provider's own "expired" error.
    #[serde(default)]
    pub expired_secrets: Vec<String>,
    /// Redirect URIs, compared character by character (RFC 9700 §2.1).
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Prefixes that a redirect URI may have. No real provider should offer this; it is here because a generic
    /// authorization's callback ends in an id that is not known before.
    #[serde(default)]
    pub redirect_uri_prefixes: Vec<String>,
    /// The scopes this app may ask for, without a resource prefix.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Entra only: the one tenant this app lives in. Without it the app is multi-tenant.
    #[serde(default)]
    pub tenant: Option<String>,
}

impl AppRegistration {
    /// A registration without secrets, redirect URIs and scopes, to be completed with struct update syntax.
    pub fn new(client_id: impl Into<String>, name: impl Into<String>, kind: Dialect) -> Self {
        Self {
            client_id: client_id.into(),
            name: name.into(),
            kind,
            secrets: Vec::new(),
            expired_secrets: Vec::new(),
            redirect_uris: Vec::new(),
            redirect_uri_prefixes: Vec::new(),
            scopes: Vec::new(),
            tenant: None,
        }
    }

    /// Whether the callback may go there: an exact match, or one of the explicit prefixes.
    pub(crate) fn allows_redirect(&self, redirect_uri: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|registered| registered == redirect_uri)
            || self.redirect_uri_prefixes.iter().any(|prefix| {
                redirect_uri
                    .strip_prefix(prefix.as_str())
                    .is_some_and(|rest| {
                        // One path segment: an id, never "..", a host of its own or a query.
                        !rest.is_empty()
                            && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                    })
            })
    }
}

/// The ready-made apps and tenants that `tokenry serve --sandbox` uses. None of the secrets protects anything.
pub mod example {
    use super::{AppRegistration, Dialect, Url, scopes};

    /// The tenant of the example organization's accounts.
    pub const CONTOSO_TENANT: &str = "3f6c2b8e-9d41-4a57-8e0b-6c1d52f7a083";
    /// The tenant Microsoft keeps personal accounts in.
    pub const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

    /// Client id of the multi-tenant Entra app.
    pub const ENTRA_CLIENT_ID: &str = "5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911";
    /// Its secret.
    pub const ENTRA_CLIENT_SECRET: &str = "sandbox-entra-secret";
    /// Client id of an Entra app that lives in [`CONTOSO_TENANT`] only.
    pub const ENTRA_SINGLE_TENANT_CLIENT_ID: &str = "c41d9be7-0f35-4b62-a8d9-71e5b20c6f48";
    /// Its secret.
    pub const ENTRA_SINGLE_TENANT_CLIENT_SECRET: &str = "sandbox-entra-single-tenant-secret";
    /// App ID of the legacy Azure DevOps app.
    pub const LEGACY_CLIENT_ID: &str = "8e2f64d0-31ac-4f7b-b5c8-9ad0174e6b25";
    /// The older of its two secrets; both are valid.
    pub const LEGACY_CLIENT_SECRET: &str = "sandbox-legacy-secret";
    /// The newer of its two secrets.
    pub const LEGACY_SECOND_CLIENT_SECRET: &str = "sandbox-legacy-secret-2";
    /// Client id of the plain OAuth 2.0 app.
    pub const OAUTH2_CLIENT_ID: &str = "d7b91a3c-64e8-4c05-93f2-0b8e5d2a7c16";
    /// Its secret.
    pub const OAUTH2_CLIENT_SECRET: &str = "sandbox-oauth2-secret";

    /// The example apps, registered for a Tokenry at this address.
    pub fn apps(tokenry_public_url: &Url) -> Vec<AppRegistration> {
        let base = tokenry_public_url.as_str().trim_end_matches('/');
        let devops: Vec<String> = scopes::all()
            .iter()
            .map(|scope| scope.scope.to_owned())
            .collect();
        let with_openid: Vec<String> = scopes::OPENID
            .iter()
            .map(|&(scope, _)| scope.to_owned())
            .chain(devops.iter().cloned())
            .collect();
        let entra_callback = vec![format!("{base}/callback/azure-devops")];
        let secrets = |secrets: &[&str]| secrets.iter().map(|&secret| secret.to_owned()).collect();
        vec![
            AppRegistration {
                secrets: secrets(&[ENTRA_CLIENT_SECRET]),
                redirect_uris: entra_callback.clone(),
                scopes: with_openid.clone(),
                ..AppRegistration::new(ENTRA_CLIENT_ID, "Tokenry", Dialect::Entra)
            },
            AppRegistration {
                secrets: secrets(&[ENTRA_SINGLE_TENANT_CLIENT_SECRET]),
                redirect_uris: entra_callback,
                scopes: with_openid.clone(),
                tenant: Some(CONTOSO_TENANT.to_owned()),
                ..AppRegistration::new(
                    ENTRA_SINGLE_TENANT_CLIENT_ID,
                    "Tokenry (Contoso only)",
                    Dialect::Entra,
                )
            },
            AppRegistration {
                secrets: secrets(&[LEGACY_CLIENT_SECRET, LEGACY_SECOND_CLIENT_SECRET]),
                redirect_uris: vec![format!("{base}/callback/azure-devops-legacy")],
                scopes: devops,
                ..AppRegistration::new(LEGACY_CLIENT_ID, "Tokenry (legacy app)", Dialect::Legacy)
            },
            AppRegistration {
                secrets: secrets(&[OAUTH2_CLIENT_SECRET]),
                redirect_uri_prefixes: vec![format!("{base}/callback/oauth2/")],
                scopes: with_openid,
                ..AppRegistration::new(OAUTH2_CLIENT_ID, "Tokenry (OAuth 2.0)", Dialect::OAuth2)
            },
        ]
    }
}
