//! The list of everything that is measured: name, kind, labels, meaning.
//!
//! To add one: an entry here, a function in [`super`] that feeds it, and a line in `docs/metrics.md`
//! (a test compares the two). Names follow Prometheus' conventions: base units, `_total` for
//! counters. A label holds one of a few words, never an id or a name that somebody typed: every
//! value is a time series of its own.

use metrics::Unit;

/// Something that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// Its unit; `None` for things that are counted.
    pub unit: Option<Unit>,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it tells, in one sentence.
    pub help: &'static str,
}

/// What kind of number it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only goes up, until the process ends.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Spread over buckets; these are their upper bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// As Prometheus calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// Of requests to providers, which take from a blink to the deadline.
const REQUEST_SECONDS: &[f64] = &[
    0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0,
];
/// Of our own answers.
const ANSWER_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];
/// Of lives of tokens: fine where it gets tight, coarse up to a day.
const LIFE_SECONDS: &[f64] = &[
    0.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 2700.0, 3600.0, 7200.0, 28800.0, 86400.0,
];

macro_rules! metrics {
    ($($name:ident = $metric:literal, $kind:expr, $unit:expr, $labels:expr, $help:literal;)+) => {
        $(
            #[doc = $help]
            pub const $name: Metric = Metric {
                name: $metric,
                kind: $kind,
                unit: $unit,
                labels: &$labels,
                help: $help,
            };
        )+

        /// All of them.
        pub const ALL: &[Metric] = &[$($name),+];
    };
}

metrics! {
    REFRESHES = "tokenry_refreshes_total", Kind::Counter, None, ["provider", "outcome"],
        "Refreshes that ended, by what came of them.";
    REFRESH_SECONDS = "tokenry_refresh_duration_seconds",
        Kind::Histogram(REQUEST_SECONDS), Some(Unit::Seconds), ["provider"],
        "Time from the decision to refresh to the new token being served.";
    TOKEN_REQUEST_SECONDS = "tokenry_token_request_duration_seconds",
        Kind::Histogram(REQUEST_SECONDS), Some(Unit::Seconds), ["provider"],
        "Time that the provider took to answer a refresh, or to fail to.";
    REFRESHES_IN_FLIGHT = "tokenry_refreshes_in_flight", Kind::Gauge, None, ["provider"],
        "Refreshes that this process is making right now.";
    REFRESH_QUEUE_DEPTH = "tokenry_refresh_queue_depth", Kind::Gauge, None, [],
        "Refreshes whose time has come and that were not made yet.";
    REFRESH_QUEUE_AGE = "tokenry_refresh_queue_age_seconds",
        Kind::Gauge, Some(Unit::Seconds), [],
        "How long the oldest of the refreshes in the queue has been waiting.";
    TOKEN_LIFE = "tokenry_token_time_to_expiry_seconds",
        Kind::Histogram(LIFE_SECONDS), Some(Unit::Seconds), ["provider"],
        "Life left of the tokens that were handed out, where the provider tells it.";
    EXPIRED_TOKENS_REFUSED = "tokenry_expired_tokens_refused_total", Kind::Counter, None, [],
        "Token reads that were refused because the token had expired and no new one was to be had.";
    GRANTS = "tokenry_grants", Kind::Gauge, None, ["provider", "status"],
        "Consents that active authorizations point to, by state.";
    PROVIDER_PAUSED = "tokenry_provider_paused", Kind::Gauge, None, ["provider"],
        "1 from when a provider is paused, because it failed or said so, until it answers again; else 0.";
    PROVIDER_CLOCK_SKEW = "tokenry_provider_clock_skew_seconds",
        Kind::Gauge, Some(Unit::Seconds), ["provider"],
        "The provider's clock minus ours, as its last answer told it.";
    JOURNAL_BYTES = "tokenry_journal_bytes", Kind::Gauge, Some(Unit::Bytes), [],
        "Size of the refresh journals on the disk.";
    DELIVERIES_PENDING = "tokenry_deliveries_pending", Kind::Gauge, None, [],
        "Notifications by e-mail and webhook that wait to be sent.";
    REVOCATIONS_PENDING = "tokenry_revocations_pending", Kind::Gauge, None, [],
        "Ended consents that wait to be revoked at their provider.";
    READY = "tokenry_ready", Kind::Gauge, None, [],
        "1 while the server can do its work (what /readyz answers), else 0.";
    HTTP_REQUESTS = "tokenry_http_requests_total",
        Kind::Counter, None, ["route", "method", "status"],
        "HTTP requests answered, by the pattern of their route.";
    HTTP_REQUEST_SECONDS = "tokenry_http_request_duration_seconds",
        Kind::Histogram(ANSWER_SECONDS), Some(Unit::Seconds), ["route", "method"],
        "Time from a request's arrival to the head of its answer.";
    BUILD_INFO = "tokenry_build_info", Kind::Gauge, None, ["version"],
        "1, with the version that is running.";
    PROCESS_CPU = "process_cpu_seconds_total", Kind::Counter, Some(Unit::Seconds), [],
        "Processor time spent by the process.";
    PROCESS_MEMORY = "process_resident_memory_bytes", Kind::Gauge, Some(Unit::Bytes), [],
        "Memory of the process.";
    PROCESS_FILES = "process_open_fds", Kind::Gauge, None, [],
        "Files and connections that the process has open.";
}
