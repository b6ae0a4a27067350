//! A provider as the catalogue shows it: fields to fill in, scopes to choose from, steps to follow.

use serde::{Deserialize, Serialize};

/// One entry of the catalogue (`GET /providers`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderInfo {
    /// Stable id, also in the redirect URI: `azure-devops`.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// One sentence for the person choosing.
    pub description: String,
    /// Key of the icon the web app draws.
    pub icon: String,
    /// Why not to choose it any more, and what to choose instead.
    pub deprecation: Option<String>,
    /// Where the provider documents app registration.
    pub docs_url: Option<String>,
    /// Where the provider's sign-in lives, for display: `login.microsoftonline.com`.
    pub sign_in_host: Option<String>,
    /// The redirect URI to register; `{authorization_id}` is filled in per authorization.
    pub redirect_uri: String,
    /// What to fill in, in the order of the form.
    pub fields: Vec<SettingsField>,
    /// Scopes the provider documents. Custom ones may be typed in besides.
    pub scopes: Vec<ScopeInfo>,
    /// Scopes asked for in every case (sign-in and refresh), beside the chosen ones.
    pub automatic_scopes: Vec<String>,
    /// Put before every scope that the catalogue knows when it is sent; empty when there is none.
    pub resource_prefix: String,
    /// What a person must do at the provider first, in order.
    pub setup_steps: Vec<SetupStep>,
}

impl ProviderInfo {
    /// The definition of a settings field.
    pub fn field(&self, key: &str) -> Option<&SettingsField> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// Keys of the fields whose values are secret.
    pub fn secret_keys(&self) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(|field| field.kind == FieldKind::Secret)
            .map(|field| field.key.as_str())
    }

    /// The redirect URI of one authorization, exactly as it is sent.
    pub fn redirect_uri_for(&self, authorization: crate::AuthorizationId) -> String {
        self.redirect_uri
            .replace("{authorization_id}", &authorization.to_string())
    }
}

/// One field of the Settings tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsField {
    /// Key in `settings`: `client_id`.
    pub key: String,
    /// Label to show: "App ID".
    pub label: String,
    /// How it is typed and checked.
    pub kind: FieldKind,
    /// Must be filled in.
    pub required: bool,
    /// One sentence under the field.
    pub help: Option<String>,
    /// Example inside the empty field.
    pub placeholder: Option<String>,
    /// Value a new authorization starts with.
    pub default: Option<String>,
    /// Values to choose from (`choice` only).
    #[serde(default)]
    pub choices: Vec<Choice>,
}

/// How a settings field is typed and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// A UUID, as Microsoft gives for apps and directories.
    Guid,
    /// Write-only text.
    Secret,
    /// An absolute http(s) URL.
    Url,
    /// `true` or `false`.
    Bool,
    /// One of [`SettingsField::choices`].
    Choice,
    /// Extra query parameters, written as a query string: `a=b&c=d`.
    KeyValues,
}

/// One value of a `choice` field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// One scope of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeInfo {
    /// As the provider documents it, without a resource prefix: `vso.work`.
    pub value: String,
    /// Heading it is listed under.
    pub category: String,
    /// Short name: "Work items (read)".
    pub label: String,
    /// What it lets an integration do, in a sentence.
    pub description: String,
    /// How far it reaches.
    pub privilege: Privilege,
    /// The provider marks it as high privilege.
    pub high_privilege: bool,
    /// The scope that it contains, if any.
    pub includes: Option<String>,
}

/// How far a scope reaches, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    /// Looks.
    Read,
    /// Looks and changes.
    Write,
    /// Starts work that others defined (builds, releases).
    Execute,
    /// Changes settings and permissions.
    Manage,
    /// Everything the account may do in that area.
    Full,
}

/// One step of "how to get these".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupStep {
    /// What to do, in plain words.
    pub text: String,
    /// Where to do it or read about it.
    pub link: Option<String>,
}
