//! Ending a consent at the provider, and what came of it (RFC 7009, S16).

use crate::{RevocationId, authorization::ProviderErrorInfo};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How far a revocation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RevocationState {
    /// Not sent yet, or to be tried again.
    Pending,
    /// The provider no longer accepts the token.
    Done,
    /// The provider offers apps no revocation; see `advice`.
    NotOffered,
    /// The provider refused, or could not be reached for a week; see `last_error` and `advice`.
    Failed,
}

/// One ended consent, on its way to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revocation {
    /// Its id.
    pub id: RevocationId,
    /// Name of the authorization when the consent ended; absent when it was never saved.
    pub authorization_name: Option<String>,
    /// Who had consented, when the provider told.
    pub account: Option<String>,
    /// How far it has come.
    pub state: RevocationState,
    /// Requests made so far.
    pub attempts: u32,
    /// Time of the next request, while it is pending.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Why the last request failed.
    pub last_error: Option<ProviderErrorInfo>,
    /// End of the last access token, which works until then unless it was revoked; unknown when the
    /// provider does not say.
    pub token_ends_at: Option<DateTime<Utc>>,
    /// What a person can do; empty when there is nothing to do.
    pub advice: String,
    /// When the consent ended here.
    pub created_at: DateTime<Utc>,
    /// When the matter was over.
    pub finished_at: Option<DateTime<Utc>>,
}
