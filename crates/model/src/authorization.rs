//! Authorizations: the form, its draft, and what lists and the REST API show.

use crate::{
    AuthorizationId, ConnectorId,
    account::{AccountInfo, AccountQuestion},
    client_secret::ClientSecretInfo,
    health::StateGroup,
    revocation::Revocation,
    settings::Settings,
    status::{Status, StatusLabel},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the form edits and `POST /authorizations` takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorizationInput {
    /// Unique in the workspace, whatever the case.
    pub name: String,
    /// Provider id. Cannot be changed once saved.
    pub provider: String,
    /// Values of the provider's fields. A secret that is absent or blank is kept as it is.
    #[serde(default)]
    pub settings: Settings,
    /// Last day on which the client secret works, as the provider said when it was made.
    #[serde(default)]
    pub client_secret_expires_on: Option<NaiveDate>,
    /// Connectors that use it.
    #[serde(default)]
    pub connectors: Vec<ConnectorId>,
    /// Scopes chosen, without the automatic ones and without a resource prefix.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// What `PATCH /authorizations/{id}` takes: only what is given changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorizationPatch {
    /// New name.
    pub name: Option<String>,
    /// Fields to change; `""` clears one that is not secret.
    pub settings: Option<Settings>,
    /// New expiry day of the client secret.
    pub client_secret_expires_on: Option<NaiveDate>,
    /// The whole new list.
    pub connectors: Option<Vec<ConnectorId>>,
    /// The whole new list.
    pub scopes: Option<Vec<String>>,
}

/// An authorization as the REST API answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Authorization {
    /// Its id.
    pub id: AuthorizationId,
    /// Unique in the workspace.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// Inactive ones are hidden and not published.
    pub active: bool,
    /// *Authorized* or *Not authorized*.
    pub status: StatusLabel,
    /// Why: `reason` and, for some, `reason_detail`.
    #[serde(flatten)]
    pub state: Status,
    /// What to do next, in words; empty when there is nothing to do.
    pub next_action: String,
    /// Settings without secrets.
    pub settings: Settings,
    /// What is known of the secret fields: of each the secret that is first.
    pub secrets: BTreeMap<String, SecretInfo>,
    /// All client secrets, by position.
    pub client_secrets: Vec<ClientSecretInfo>,
    /// The redirect URI to register, exactly as it is sent.
    pub redirect_uri: String,
    /// Connectors that use it.
    pub connectors: Vec<ConnectorId>,
    /// Scopes chosen.
    pub scopes: Vec<String>,
    /// The consent in force or the last one.
    pub grant: Option<GrantInfo>,
    /// Part of the last publication.
    pub published: bool,
    /// Goes up with every save; the `ETag`.
    pub version: i64,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of the last save.
    pub updated_at: DateTime<Utc>,
}

/// An authorization, named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorizationRef {
    /// Its id.
    pub id: AuthorizationId,
    /// Its name.
    pub name: String,
}

/// What may be told of a stored secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretInfo {
    /// The last four characters, when it is long enough for them to tell nothing.
    pub ends_in: Option<String>,
    /// Last day on which it works.
    pub expires_on: Option<NaiveDate>,
    /// When it was put in.
    pub set_at: DateTime<Utc>,
}

/// What may be told of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantInfo {
    /// Who consented, when the provider tells.
    pub account: Option<AccountInfo>,
    /// When.
    pub authorized_at: DateTime<Utc>,
    /// Scopes asked for at the consent, as sent.
    pub asked_scopes: Vec<String>,
    /// Scopes the provider granted.
    pub granted_scopes: Vec<String>,
    /// Asked and not granted (S13).
    pub missing_scopes: Vec<String>,
    /// Granted without being asked for (S13).
    pub extra_scopes: Vec<String>,
    /// End of the current access token; unknown when the provider does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// Last successful refresh.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// The provider gave a refresh token.
    pub refreshable: bool,
    /// What the provider said last, when it refused.
    pub last_error: Option<ProviderErrorInfo>,
    /// What a call with the fresh token showed that a consent cannot (organization policy).
    pub warning: Option<String>,
}

/// What the provider said when it refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderErrorInfo {
    /// Its error code: `invalid_grant`.
    pub code: String,
    /// Its explanation, shortened.
    pub message: String,
    /// Its id of the failed request, to quote to its support.
    pub correlation_id: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRow {
    /// Its id.
    pub id: AuthorizationId,
    /// Its name.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// Provider name.
    pub provider_name: String,
    /// Icon key.
    pub icon: String,
    /// Active or put aside.
    pub active: bool,
    /// State of its consent.
    pub state: Status,
    /// Account that consented.
    pub account: Option<AccountInfo>,
    /// Last successful refresh.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// When it is refreshed next.
    pub next_refresh_at: Option<DateTime<Utc>>,
    /// First failure since the last success.
    pub failing_since: Option<DateTime<Utc>>,
    /// End of the current access token.
    pub expires_at: Option<DateTime<Utc>>,
    /// Number of connectors.
    pub connectors: usize,
    /// Last day of the client secret.
    pub secret_expires_on: Option<NaiveDate>,
    /// Part of the last publication.
    pub published: bool,
    /// The `ETag`.
    pub version: i64,
}

/// A page of a list. `next` is the cursor of the following page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Give it as `cursor` to go on; absent on the last page.
    pub next: Option<String>,
}

/// Which authorizations to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationFilter {
    /// Part of the name, any case.
    pub search: Option<String>,
    /// Only active (`true`) or only inactive (`false`) ones; both when absent.
    pub active: Option<bool>,
    /// Only those in a state of this group.
    pub state: Option<StateGroup>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Entries a page, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
}

/// Everything the editor shows: the form (draft or stored), and what surrounds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editor {
    /// Its id; given before the first save, since the redirect URI may hold it.
    pub id: AuthorizationId,
    /// Values to edit, secrets left blank.
    pub input: AuthorizationInput,
    /// What is stored; `None` before the first save.
    pub saved: Option<Authorization>,
    /// The form differs from what is stored and lives in a draft.
    pub draft: Option<DraftInfo>,
    /// The consent that Save would store, or the stored one.
    pub grant: Option<GrantInfo>,
    /// State of that consent.
    pub state: Status,
    /// Secrets set, in the draft or stored.
    pub secrets: BTreeMap<String, SecretInfo>,
    /// What became of consents that ended, newest first; the last few.
    pub revocations: Vec<Revocation>,
    /// The redirect URI to register.
    pub redirect_uri: String,
    /// Version of the stored authorization the form started from; 0 for a new one.
    pub base_version: i64,
}

/// An unsaved form kept on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftInfo {
    /// When it was last kept.
    pub updated_at: DateTime<Utc>,
    /// It holds a consent that Save will store.
    pub has_grant: bool,
    /// Its consent is for another account than the stored one: Save waits for the answer.
    pub account_question: Option<AccountQuestion>,
    /// How the last trip to the provider ended, when it ended badly.
    pub flow_error: Option<FlowError>,
}

/// A trip to the provider that brought no consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowError {
    /// What happened and what to do, in words.
    pub message: String,
    /// What the provider said.
    pub provider: Option<ProviderErrorInfo>,
    /// The field to look at: `settings.client_secret`.
    pub field: Option<String>,
    /// Where an administrator of the directory consents for everybody, when that is what it takes.
    #[serde(default)]
    pub admin_consent_url: Option<String>,
}

/// A token as connectors read it (`GET /authorizations/{id}/token`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// The access token.
    pub access_token: String,
    /// Always `Bearer` today.
    pub token_type: String,
    /// End of its life; absent when the provider does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// Goes up with every refresh. To be named when the service does not take the token any more.
    pub generation: i64,
}

/// A connector's report that a service does not take a token (`POST /authorizations/{id}/token/rejected`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenRejected {
    /// `generation` of the token that was not taken.
    pub generation: i64,
}
