//! What is measured, for `/metrics`. The list is in [`list`]; everybody who has something to tell
//! calls a function of this module, so that names and labels are written once.
//!
//! The functions cost next to nothing, and nothing at all where no recorder is installed. Labels are
//! provider ids of the catalogue and words of enums: nothing that a person typed, no secret (S17).

pub mod list;
mod stored;

use chrono::TimeDelta;
use list::Metric;
use metrics::{counter, gauge, histogram};
use model::status::{CancelReason, Status};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use storage::statistics::{GrantCount, Overdue, Unsent};
use tokio::time::Instant;

/// What came of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a new token.
    Refreshed,
    /// Somebody else had got one.
    Adopted,
    /// Nothing happened at the provider; tried again later.
    Transient,
    /// The answer was lost; the provider may have acted.
    Ambiguous,
    /// The refresh token is no longer accepted.
    InvalidGrant,
    /// The client registration is not accepted.
    InvalidClient,
    /// The request as configured cannot succeed.
    Configuration,
    /// A person has to be present.
    InteractionRequired,
    /// The token may have been spent by a request whose answer is lost: left alone.
    Uncertain,
    /// It was not the time: the provider is paused, or somebody else is at it.
    Postponed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Refreshed,
        Self::Adopted,
        Self::Transient,
        Self::Ambiguous,
        Self::InvalidGrant,
        Self::InvalidClient,
        Self::Configuration,
        Self::InteractionRequired,
        Self::Uncertain,
        Self::Postponed,
    ];

    /// As a label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refreshed => "refreshed",
            Self::Adopted => "adopted",
            Self::Transient => "transient",
            Self::Ambiguous => "ambiguous",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidClient => "invalid_client",
            Self::Configuration => "configuration",
            Self::InteractionRequired => "interaction_required",
            Self::Uncertain => "uncertain",
            Self::Postponed => "postponed",
        }
    }
}

impl From<oauth::ErrorClass> for Outcome {
    fn from(class: oauth::ErrorClass) -> Self {
        use oauth::ErrorClass;
        match class {
            ErrorClass::Transient => Self::Transient,
            ErrorClass::Ambiguous => Self::Ambiguous,
            ErrorClass::InvalidGrant => Self::InvalidGrant,
            ErrorClass::InvalidClient => Self::InvalidClient,
            ErrorClass::Configuration => Self::Configuration,
            ErrorClass::InteractionRequired => Self::InteractionRequired,
        }
    }
}

/// The states of [`grants`], each of which is told even when nobody is in it: a series that is
/// missing and one that is 0 are different things to an alert.
pub const GRANT_STATES: [&str; 6] = [
    "healthy",
    "refresh_failing",
    "reauthorization_needed",
    "misconfigured",
    "cancelled",
    "deauthorized",
];

/// Tells the installed recorder what everything means. Call it once, after installing it.
pub fn describe() {
    for metric in list::ALL {
        let Metric {
            name,
            kind,
            unit,
            help,
            ..
        } = *metric;
        let unit = unit.unwrap_or(metrics::Unit::Count);
        match kind {
            list::Kind::Counter => metrics::describe_counter!(name, unit, help),
            list::Kind::Gauge => metrics::describe_gauge!(name, unit, help),
            list::Kind::Histogram(_) => metrics::describe_histogram!(name, unit, help),
        }
    }
    gauge!(list::BUILD_INFO.name, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// A refresh that was decided on at `decided` begins. It counts as under way until it is dropped,
/// and as ended when [`ended`](RefreshUnderWay::ended) is called.
pub fn refresh_begins(provider: &str, decided: Instant) -> RefreshUnderWay {
    let gauge = gauge!(list::REFRESHES_IN_FLIGHT.name, "provider" => provider.to_owned());
    gauge.increment(1.0);
    RefreshUnderWay {
        provider: provider.to_owned(),
        decided,
        gauge,
    }
}

/// A refresh under way.
pub struct RefreshUnderWay {
    provider: String,
    decided: Instant,
    gauge: metrics::Gauge,
}

impl RefreshUnderWay {
    /// This came of it.
    pub fn ended(self, outcome: Outcome) {
        refresh_ended(&self.provider, outcome);
        histogram!(list::REFRESH_SECONDS.name, "provider" => self.provider.clone())
            .record(self.decided.elapsed());
    }
}

impl Drop for RefreshUnderWay {
    fn drop(&mut self) {
        self.gauge.decrement(1.0);
    }
}

/// A refresh came to this, without anything having been sent.
pub fn refresh_ended(provider: &str, outcome: Outcome) {
    counter!(
        list::REFRESHES.name,
        "provider" => provider.to_owned(), "outcome" => outcome.as_str()
    )
    .increment(1);
}

/// The provider has answered a refresh, or failed to.
pub fn token_request_ended(provider: &str, took: Duration) {
    histogram!(list::TOKEN_REQUEST_SECONDS.name, "provider" => provider.to_owned()).record(took);
}

/// A token was handed out; `left` is its life, where it is known.
pub fn token_handed_out(provider: &str, left: Option<TimeDelta>) {
    if let Some(left) = left {
        histogram!(list::TOKEN_LIFE.name, "provider" => provider.to_owned())
            .record(left.as_seconds_f64());
    }
}

/// Somebody went without a token because it had expired.
pub fn expired_token_refused() {
    counter!(list::EXPIRED_TOKENS_REFUSED.name).increment(1);
}

/// A provider is no longer asked, or is again.
pub fn provider_paused(provider: &str, paused: bool) {
    gauge!(list::PROVIDER_PAUSED.name, "provider" => provider.to_owned())
        .set(f64::from(u8::from(paused)));
}

/// What the provider's clock showed more than ours.
pub fn provider_clock(provider: &str, ahead: TimeDelta) {
    gauge!(list::PROVIDER_CLOCK_SKEW.name, "provider" => provider.to_owned())
        .set(ahead.as_seconds_f64());
}

/// What is late, and since when.
pub fn refresh_queue(overdue: Overdue, age: TimeDelta) {
    gauge!(list::REFRESH_QUEUE_DEPTH.name).set(float(overdue.count));
    gauge!(list::REFRESH_QUEUE_AGE.name).set(age.as_seconds_f64().max(0.0));
}

/// How many consents are in which state.
pub fn grants(counts: &[GrantCount]) {
    let mut by_state: HashMap<(&str, &str), u64> = HashMap::new();
    let mut seen = PROVIDERS_SEEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    for one in counts {
        *by_state
            .entry((&one.provider, grant_state(one.status)))
            .or_default() += one.count;
        if !seen.contains(&one.provider) {
            seen.insert(one.provider.clone());
        }
    }
    for provider in &*seen {
        for state in GRANT_STATES {
            let count = by_state.get(&(provider, state)).copied().unwrap_or(0);
            gauge!(list::GRANTS.name, "provider" => provider.clone(), "status" => state)
                .set(float(count));
        }
    }
}

/// Providers that have, or had, consents: what is no longer counted is 0, not what it was last.
static PROVIDERS_SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What somebody ended on purpose is told apart: nobody wants to be called for it.
const fn grant_state(status: Status) -> &'static str {
    match status {
        // The first two are states of authorizations without a grant.
        Status::Never | Status::Consenting | Status::Healthy => "healthy",
        Status::RefreshFailing => "refresh_failing",
        Status::ReauthorizationNeeded(_) => "reauthorization_needed",
        Status::Misconfigured(_) => "misconfigured",
        Status::Cancelled(CancelReason::Deauthorized) => "deauthorized",
        Status::Cancelled(CancelReason::AccountDisabled | CancelReason::Revoked) => "cancelled",
    }
}

/// What waits to be sent.
pub fn unsent(unsent: Unsent) {
    gauge!(list::DELIVERIES_PENDING.name).set(float(unsent.deliveries));
    gauge!(list::REVOCATIONS_PENDING.name).set(float(unsent.revocations));
}

/// Size of all journals.
pub fn journal_bytes(bytes: u64) {
    gauge!(list::JOURNAL_BYTES.name).set(float(bytes));
}

/// Whether the server can do its work.
pub fn ready(ready: bool) {
    gauge!(list::READY.name).set(f64::from(u8::from(ready)));
}

/// A request was answered. `route` is the pattern, `method` one of the standard ones.
pub fn http_answered(route: &str, method: &'static str, status: u16, took: Duration) {
    let route = route.to_owned();
    counter!(
        list::HTTP_REQUESTS.name,
        "route" => route.clone(), "method" => method, "status" => status.to_string()
    )
    .increment(1);
    histogram!(list::HTTP_REQUEST_SECONDS.name, "route" => route, "method" => method).record(took);
}

/// What the process takes of its machine.
pub fn process(cpu: Duration, resident_bytes: u64, open_files: u64) {
    counter!(list::PROCESS_CPU.name).absolute(cpu.as_secs());
    gauge!(list::PROCESS_MEMORY.name).set(float(resident_bytes));
    gauge!(list::PROCESS_FILES.name).set(float(open_files));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and sizes stay far below 2^52, where doubles stop being exact"
)]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{Outcome, list};
    use std::collections::HashSet;

    #[test]
    fn names_are_told_once_and_follow_the_conventions() {
        let mut names = HashSet::new();
        for metric in list::ALL {
            let name = metric.name;
            assert!(names.insert(name), "{name}");
            assert!(
                name.starts_with("tokenry_") || name.starts_with("process_"),
                "{name}"
            );
            let is_counter = metric.kind == list::Kind::Counter;
            assert_eq!(name.ends_with("_total"), is_counter, "{name}");
            if metric.unit == Some(metrics::Unit::Seconds) {
                assert!(
                    name.trim_end_matches("_total").ends_with("_seconds"),
                    "{name}"
                );
            }
        }
    }

    /// Ids, names and addresses would make a time series each.
    #[test]
    fn labels_are_few_words() {
        let known = [
            "provider", "outcome", "status", "route", "method", "version",
        ];
        for metric in list::ALL {
            for label in metric.labels {
                assert!(known.contains(label), "{}: {label}", metric.name);
            }
        }
    }

    #[test]
    fn buckets_go_up() {
        for metric in list::ALL {
            if let list::Kind::Histogram(buckets) = metric.kind {
                assert!(
                    buckets.is_sorted() && !buckets.is_empty(),
                    "{}",
                    metric.name
                );
            }
        }
    }

    #[test]
    fn outcomes_have_labels_of_their_own() {
        let labels: HashSet<_> = Outcome::ALL.map(Outcome::as_str).into();
        assert_eq!(labels.len(), Outcome::ALL.len());
    }
}
