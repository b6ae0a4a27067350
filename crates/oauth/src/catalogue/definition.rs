//! The form of a provider definition (`providers/*.toml`).
//!
//! Strings marked *template* may hold `{name}` placeholders: a base of the definition
//! (`[bases]`, which the operator can override) or a settings field.

use std::collections::BTreeMap;

use model::provider::{OptionalScope, ScopeInfo, SettingsField, SetupStep};
use serde::Deserialize;

use crate::reason::ReasonRow;

/// A provider as its file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    /// Stable id, part of the redirect URI.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// One sentence for the person choosing.
    pub description: String,
    /// Key of the icon the web app draws.
    pub icon: String,
    /// Why not to choose it any more, and what instead.
    pub deprecation: Option<String>,
    /// Where the provider documents app registration.
    pub docs_url: Option<String>,
    /// Path of the redirect URI under the public URL; `{authorization_id}` makes it one per
    /// authorization (S3).
    pub redirect_path: String,
    /// The wire format.
    pub dialect: Dialect,
    /// `basic`, `post` or `none`, or a template that yields one.
    pub client_authentication: String,
    /// PKCE S256 on every flow; `false` is an explicit opt-out (S5).
    pub pkce: bool,
    /// Asked for in every case.
    #[serde(default)]
    pub automatic_scopes: Vec<String>,
    /// Asked for when the person ticks a box.
    #[serde(default)]
    pub optional_scopes: Vec<OptionalScope>,
    /// Put before every chosen scope on the wire: the resource they belong to.
    #[serde(default)]
    pub scope_prefix: String,
    /// Name of the list of scopes (see `catalogue::SCOPE_LISTS`).
    pub scope_list: Option<String>,
    /// A harmless GET under a connector's base URL that any good token may make.
    pub probe_path: Option<String>,
    /// Connector types it works with, and the scopes each of them needs.
    pub connectors: BTreeMap<String, Vec<String>>,
    /// Extra parameters of the authorization request, as a query string (template).
    pub authorize_parameters: Option<String>,
    /// Values the operator may override: base URLs.
    #[serde(default)]
    pub bases: BTreeMap<String, String>,
    /// Where the provider answers.
    pub endpoints: EndpointTemplates,
    /// How a person ends a consent at the provider, where apps cannot.
    pub revocation_hint: Option<String>,
    /// How the provider is asked to show a screen.
    #[serde(default)]
    pub prompts: Prompts,
    /// Where the account's identity comes from.
    pub identity: IdentitySource,
    /// How tokens live and die.
    pub tokens: TokenProfile,
    /// The Settings tab.
    #[serde(default)]
    pub fields: Vec<FieldDefinition>,
    /// What to do at the provider first.
    #[serde(default)]
    pub steps: Vec<SetupStep>,
    /// The provider's codes.
    #[serde(default)]
    pub reasons: Vec<ReasonRow>,
}

/// The wire formats. Each is a strategy in `dialect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// RFC 6749 §4.1 as it stands.
    AuthorizationCode,
    /// Microsoft Entra ID v2.0: the same with `scope` on refresh and an `id_token`.
    EntraV2,
    /// The Azure DevOps app model of before Entra: assertions instead of codes.
    AzureDevOpsLegacy,
}

/// Templates of the endpoints. An optional one whose placeholder is blank does not exist.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointTemplates {
    pub authorization: String,
    pub token: String,
    /// RFC 7009.
    pub revocation: Option<String>,
    /// Issuer of `id_token`s; `{tid}` is the tenant the token names.
    pub issuer: Option<String>,
    /// Published keys (JWKS).
    pub jwks: Option<String>,
    /// Profile of the account that consented.
    pub profile: Option<String>,
    /// Where an administrator consents for the whole directory.
    pub admin_consent: Option<String>,
}

/// Values of `prompt` and the hints the provider knows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Prompts {
    /// Lets the person choose the account.
    pub select_account: Option<String>,
    /// Shows the consent screen again.
    pub consent: Option<String>,
    /// Goes with every request for `offline_access`: the scope is ignored without it (OpenID
    /// Connect Core §11).
    pub with_offline_access: Option<String>,
    /// Understands `login_hint`.
    pub login_hint: bool,
}

/// Where the account's identity comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum IdentitySource {
    /// The `id_token`, if one comes and the issuer's keys are known.
    IdToken {
        /// Claim that names the account for good.
        subject_claim: String,
        /// Claim that names the directory the subject is unique in; absent: the issuer.
        tenant_claim: Option<String>,
        /// The directory of personal accounts.
        personal_tenant: Option<String>,
    },
    /// The profile endpoint, if one of these scopes was granted.
    Profile {
        /// Scopes that open the endpoint.
        scopes: Vec<String>,
    },
}

/// How tokens live and die at this provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenProfile {
    /// Lifetime of an access token when the answer names none; absent: unknown.
    pub default_lifetime_seconds: Option<u64>,
    /// `scope` must be repeated on refresh.
    #[serde(default)]
    pub refresh_repeats_scope: bool,
    /// A refresh brings a new refresh token that replaces the old one.
    pub rotates: bool,
    /// How long a replaced refresh token keeps working. Within it a refresh whose answer was lost
    /// may be repeated once.
    #[serde(default)]
    pub grace_seconds: u64,
    /// A 200 that holds an `error` means it (otherwise it is taken for trouble of a proxy).
    #[serde(default)]
    pub errors_with_ok: bool,
    /// Prefix of the numeric codes in messages (`AADSTS50057`), for answers without `error_codes`.
    pub code_prefix: Option<String>,
}

/// Who fills in a settings field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Owner {
    /// The person who sets the authorization up.
    #[default]
    User,
    /// The operator of this installation, in the configuration; not shown.
    Operator,
}

/// One settings field.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FieldDefinition {
    #[serde(default)]
    pub owner: Owner,
    #[serde(flatten)]
    pub field: SettingsField,
}

/// A file of scopes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeList {
    pub scopes: Vec<ScopeInfo>,
}
