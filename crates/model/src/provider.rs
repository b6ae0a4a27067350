//! A provider as the catalogue shows it: fields to fill in, scopes to choose from, steps to follow.

use crate::{scopes, settings::Settings};
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
    /// Scopes that a checkbox of the settings adds to them.
    #[serde(default)]
    pub optional_scopes: Vec<OptionalScope>,
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

    /// The scopes asked for in every case with these settings.
    pub fn automatic_scopes_with(&self, settings: &Settings) -> Vec<String> {
        let on = |key: &str| {
            let default = || self.field(key)?.default.as_deref();
            settings.get(key).or_else(default) == Some("true")
        };
        let ticked: Vec<_> = self
            .optional_scopes
            .iter()
            .filter(|optional| on(&optional.setting))
            .map(|optional| optional.scope.clone())
            .collect();
        scopes::effective(&self.automatic_scopes, &ticked)
    }

    /// Everything asked for, as it is sent: automatic scopes and `selected` ones.
    pub fn wire_scopes(&self, settings: &Settings, selected: &[String]) -> Vec<String> {
        let selected = scopes::on_the_wire(&self.resource_prefix, selected);
        scopes::effective(&self.automatic_scopes_with(settings), &selected)
    }

    /// The redirect URI of one authorization, exactly as it is sent.
    pub fn redirect_uri_for(&self, authorization: crate::AuthorizationId) -> String {
        self.redirect_uri
            .replace("{authorization_id}", &authorization.to_string())
    }
}

/// A scope that a checkbox adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OptionalScope {
    /// Key of the `bool` field.
    pub setting: String,
    /// What it adds.
    pub scope: String,
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

#[cfg(test)]
mod tests {
    use super::{FieldKind, OptionalScope, ProviderInfo, SettingsField};

    fn provider() -> ProviderInfo {
        ProviderInfo {
            id: "example".to_owned(),
            name: "Example".to_owned(),
            description: String::new(),
            icon: String::new(),
            deprecation: None,
            docs_url: None,
            sign_in_host: None,
            redirect_uri: String::new(),
            fields: vec![SettingsField {
                key: "offline".to_owned(),
                label: "Offline".to_owned(),
                kind: FieldKind::Bool,
                required: false,
                help: None,
                placeholder: None,
                default: Some("true".to_owned()),
                choices: Vec::new(),
            }],
            scopes: Vec::new(),
            automatic_scopes: vec!["openid".to_owned()],
            optional_scopes: vec![OptionalScope {
                setting: "offline".to_owned(),
                scope: "offline_access".to_owned(),
            }],
            resource_prefix: "499b84ac/".to_owned(),
            setup_steps: Vec::new(),
        }
    }

    #[test]
    fn the_resource_goes_before_scopes_that_name_none() {
        let chosen = ["vso.work", "https://other/.default", "email"].map(str::to_owned);
        let off = [("offline", "false")].into_iter().collect();
        assert_eq!(
            provider().wire_scopes(&off, &chosen).join(" "),
            "openid 499b84ac/vso.work https://other/.default email"
        );
    }

    #[test]
    fn a_box_that_was_not_touched_counts_as_its_default() {
        let automatic =
            provider().automatic_scopes_with(&std::iter::empty::<(&str, &str)>().collect());
        assert_eq!(automatic, ["openid", "offline_access"]);
    }
}
