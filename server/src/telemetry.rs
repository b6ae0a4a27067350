//! `/metrics`: where measurements are kept, and who may read them. What is measured is listed in
//! `broker::telemetry`.

use crate::config::{ConfigError, MetricsSection};
use broker::{
    ExposeSecret as _,
    telemetry::{self, list},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// The process has one set of measurements, whoever reads them.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// The measurements, and the secret that opens them.
pub struct Metrics {
    recorder: PrometheusHandle,
    /// Hash of the token; `None` when everybody may read.
    token: Option<[u8; 32]>,
}

impl Metrics {
    /// Measures from now on; `None` when the operator does not want it.
    ///
    /// # Errors
    /// When the section is not valid.
    pub fn start(section: &MetricsSection) -> Result<Option<Self>, ConfigError> {
        if !section.enabled {
            return Ok(None);
        }
        let token = section.bearer_token()?;
        Ok(Some(Self {
            recorder: RECORDER.get_or_init(install).clone(),
            token: token.map(|token| vault::hash_token(token.expose_secret())),
        }))
    }

    /// Whether a request with this bearer token, or none, may read. Takes as long for a wrong token
    /// as for the right one.
    pub fn opens_with(&self, sent: Option<&str>) -> bool {
        match (&self.token, sent) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(token), Some(sent)) => vault::hashes_equal(token, &vault::hash_token(sent)),
        }
    }

    /// Everything, in Prometheus' text format.
    pub fn text(&self) -> String {
        self.recorder.render()
    }

    /// Sorts what was measured into its buckets. Unsorted values pile up, so this is done now and
    /// then, whether or not anybody reads.
    pub fn settle(&self) {
        self.recorder.run_upkeep();
    }
}

fn install() -> PrometheusHandle {
    let builder = list::ALL
        .iter()
        .fold(PrometheusBuilder::new(), |builder, metric| {
            match metric.kind {
                list::Kind::Histogram(buckets) => builder
                    .set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)
                    .expect("a list of buckets is not empty"),
                list::Kind::Counter | list::Kind::Gauge => builder,
            }
        });
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::error!("something else in this process measures already; /metrics stays empty");
    }
    telemetry::describe();
    handle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_opens_and_nothing_else() {
        let open = Metrics::start(&MetricsSection::default()).unwrap().unwrap();
        assert!(open.opens_with(None));
        let section = MetricsSection::default().with_token("scrape".into());
        let closed = Metrics::start(&section).unwrap().unwrap();
        assert!(closed.opens_with(Some("scrape")));
        for wrong in [
            None,
            Some(""),
            Some("scrap"),
            Some("scraper"),
            Some("SCRAPE"),
        ] {
            assert!(!closed.opens_with(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn nothing_is_measured_when_it_is_not_wanted() {
        assert!(Metrics::start(&MetricsSection::off()).unwrap().is_none());
    }
}
