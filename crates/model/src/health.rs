//! How authorizations are doing: the last 30 days of one, and an overview of all.
//!
//! A refresh leaves a number in its day's counter; only what changes something (a consent, another
//! state, an error that was not there before) leaves an [event](HealthEvent). Days are days in UTC.

use crate::{
    account::AccountInfo,
    authorization::{AuthorizationRef, ProviderErrorInfo},
    status::{Status, StatusLabel},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Days that are shown, today included.
pub const DAYS: usize = 30;

/// What `GET /authorizations/{id}/health` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// State of the consent.
    #[serde(flatten)]
    pub state: Status,
    /// What to do next, in words; empty when there is nothing to do.
    pub next_action: String,
    /// End of the current access token; absent when there is none or the provider does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// Last successful refresh.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// When it is refreshed next; absent when it is not.
    pub next_refresh_at: Option<DateTime<Utc>>,
    /// First failure since the last success.
    pub failing_since: Option<DateTime<Utc>>,
    /// Failures since the last success.
    pub attempts: u32,
    /// What the provider said last, when it refused.
    pub last_error: Option<ProviderErrorInfo>,
    /// The last 30 days, oldest first, today last.
    pub days: Vec<HealthDay>,
    /// What happened in the last 30 days, newest first, at most 200.
    pub events: Vec<HealthEvent>,
}

/// One day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthDay {
    /// The day.
    pub day: NaiveDate,
    /// Refreshes that brought a token.
    pub refreshed: u32,
    /// Refreshes that brought none.
    pub failed: u32,
}

/// Something that happened to an authorization's consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: HealthEventKind,
    /// The state after it.
    pub state: Status,
    /// What the provider said.
    pub error: Option<ProviderErrorInfo>,
    /// Who consented.
    pub account: Option<AccountInfo>,
}

/// What can happen to a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HealthEventKind {
    /// Somebody consented for the first time.
    Consented,
    /// Somebody consented again.
    Reconsented,
    /// A refresh failed: the first one, or in another way than the ones before.
    Failed,
    /// A failure that also changed the state.
    StateChanged,
    /// A refresh brought a token after some had failed.
    Recovered,
    /// The consent is over, by a decision made here.
    Ended,
}

impl HealthEventKind {
    /// What happened, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Consented => "Authorized",
            Self::Reconsented => "Authorized again",
            Self::Failed => "Refresh failed",
            Self::StateChanged => "State changed",
            Self::Recovered => "Recovered",
            Self::Ended => "Ended",
        }
    }
}

/// What an overview counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StateGroup {
    /// All is well.
    Working,
    /// Refreshes fail for a reason that should pass.
    RefreshFailing,
    /// The client registration has to be corrected.
    Misconfigured,
    /// Somebody has to sign in again.
    ReauthorizationNeeded,
    /// The consent is over.
    Cancelled,
    /// Nobody has consented yet.
    Never,
}

impl StateGroup {
    /// All, from well to not there yet.
    pub const ALL: [Self; 6] = [
        Self::Working,
        Self::RefreshFailing,
        Self::Misconfigured,
        Self::ReauthorizationNeeded,
        Self::Cancelled,
        Self::Never,
    ];

    /// Its name in addresses; as in JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::RefreshFailing => "refresh_failing",
            Self::Misconfigured => "misconfigured",
            Self::ReauthorizationNeeded => "reauthorization_needed",
            Self::Cancelled => "cancelled",
            Self::Never => "never",
        }
    }

    /// The group of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.key() == key)
    }

    /// The group of a state.
    pub const fn of(state: Status) -> Self {
        match state {
            Status::Healthy => Self::Working,
            Status::RefreshFailing => Self::RefreshFailing,
            Status::Misconfigured(_) => Self::Misconfigured,
            Status::ReauthorizationNeeded(_) => Self::ReauthorizationNeeded,
            Status::Cancelled(_) => Self::Cancelled,
            Status::Never | Status::Consenting => Self::Never,
        }
    }

    /// Its name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Working => "Working",
            Self::RefreshFailing => "Refresh failing",
            Self::Misconfigured => "Misconfigured",
            Self::ReauthorizationNeeded => "Needs re-authorization",
            Self::Cancelled => "Cancelled",
            Self::Never => "Not yet authorized",
        }
    }
}

/// What `GET /overview` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    /// Active authorizations by state; every group once, from well to not there yet.
    pub counts: Vec<StateCount>,
    /// Authorizations put aside.
    pub inactive: u64,
    /// What needs attention, the most urgent first, at most 100.
    pub attention: Vec<Attention>,
    /// Refreshes of today, in UTC, of all authorizations.
    pub today: HealthDay,
    /// Refreshes of yesterday.
    pub yesterday: HealthDay,
    /// The soonest refresh that is planned.
    pub next_refresh_at: Option<DateTime<Utc>>,
}

impl Overview {
    /// Active authorizations.
    pub fn active(&self) -> u64 {
        self.counts.iter().map(|count| count.number).sum()
    }

    /// Active authorizations of one group.
    pub fn count(&self, group: StateGroup) -> u64 {
        self.counts
            .iter()
            .filter(|count| count.group == group)
            .map(|count| count.number)
            .sum()
    }
}

/// How many active authorizations are in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateCount {
    /// The group.
    pub group: StateGroup,
    /// How many.
    pub number: u64,
}

/// An authorization somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attention {
    /// Which.
    pub authorization: AuthorizationRef,
    /// How urgent it is.
    pub urgency: Urgency,
    /// *Authorized* or *Not authorized*.
    pub status: StatusLabel,
    /// State of its consent.
    #[serde(flatten)]
    pub state: Status,
    /// Part of the last publication: connectors count on it.
    pub published: bool,
    /// Connectors that depend on it, by name.
    pub connectors: Vec<String>,
    /// What is the matter, in words: `Cancelled: account disabled`.
    pub what: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// What to do next, in words.
    pub next_action: String,
    /// Last day of its client secret, when that is why it is here.
    pub secret_expires_on: Option<NaiveDate>,
}

/// How urgent something is; what sorts first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Connectors get no token, or will not when the current one expires, until somebody acts.
    Broken,
    /// It goes wrong unless it passes by itself or somebody acts in time.
    AtRisk,
    /// Nobody has set it up to the end.
    Open,
}

/// What the browser is told as it happens; it asks for the rest. Ids only, so that nothing can leak.
///
/// One event of the stream is a batch of these, as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum LiveChange {
    /// There is a new publication.
    Published,
    /// Authorizations or connectors were changed.
    Configuration,
    /// The consent of an authorization changed, or was refreshed.
    Authorization(crate::AuthorizationId),
    /// There is a new notification.
    Notified,
    /// So much has happened that everything is to be read again.
    Resync,
}

#[cfg(test)]
mod tests {
    use super::{LiveChange, StateGroup};
    use crate::{
        AuthorizationId,
        status::{CancelReason, Status},
    };
    use uuid::Uuid;

    #[test]
    fn every_state_has_its_group() {
        assert_eq!(StateGroup::of(Status::Healthy), StateGroup::Working);
        assert_eq!(StateGroup::of(Status::Consenting), StateGroup::Never);
        assert_eq!(
            StateGroup::of(Status::Cancelled(CancelReason::AccountDisabled)),
            StateGroup::Cancelled
        );
        for (index, group) in StateGroup::ALL.iter().enumerate() {
            let json = serde_json::to_value(group).unwrap();
            assert_eq!(json, group.key());
            assert_eq!(StateGroup::from_key(group.key()), Some(*group));
            assert!(StateGroup::ALL[..index].iter().all(|other| other < group));
        }
    }

    #[test]
    fn a_live_change_is_kind_and_id() {
        let change = LiveChange::Authorization(AuthorizationId(Uuid::from_u128(7)));
        let json = serde_json::to_string(&[LiveChange::Resync, change]).unwrap();
        assert_eq!(
            json,
            r#"[{"kind":"resync"},{"kind":"authorization","id":"00000000-0000-0000-0000-000000000007"}]"#
        );
    }
}
