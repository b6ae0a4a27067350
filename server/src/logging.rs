//! Logs: one line an event on standard error, so that standard output stays the programs'.
//!
//! What goes in: what happened, to which id, in which request. What never goes in: query strings,
//! bodies, headers, secrets (S17).

use crate::config::{ConfigError, LogFormat, LogSection};
use tracing::Subscriber;
use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt as _};

/// A subscriber that writes to `writer`.
pub fn subscriber<W>(
    section: &LogSection,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, ConfigError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let registry = tracing_subscriber::registry().with(section.env_filter()?);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    Ok(match section.format {
        LogFormat::Text => Box::new(registry.with(lines.with_ansi(false).with_target(false))),
        LogFormat::Json => Box::new(registry.with(lines.json().flatten_event(true))),
    })
}

/// Logs to standard error from now on. The first call counts.
pub fn init(section: &LogSection) -> Result<(), ConfigError> {
    let subscriber = subscriber(section, std::io::stderr)?;
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        tracing::debug!("logging was set up before");
    }
    Ok(())
}
