//! The configuration: defaults, then the file, then the environment.
//!
//! A key `a.b` of the file is `TOKENRY_A__B` in the environment. Every secret `x` has a twin
//! `x_file` that names a file holding it. A key that nobody knows is an error that names it.
//!
//! To add an option: a field with a default in its section, its check in the section's `validate`,
//! and a line in `docs/`. A new section is a module here.

mod egress;
mod log;
mod metrics;
mod providers;
mod refresh;
mod secret;
mod session;
mod smtp;
mod storage;
mod web;

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde::Deserialize;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};
use url::Url;

pub use egress::EgressSection;
pub use log::{LogFormat, LogSection};
pub use metrics::MetricsSection;
pub use providers::ProviderSection;
pub use refresh::RefreshSection;
pub use session::SessionSection;
pub use smtp::{SmtpSection, SmtpServer, SmtpTls};
pub use storage::StorageSection;
pub use web::WebSection;

/// Read when no other file is named and it exists.
const DEFAULT_FILE: &str = "tokenry.toml";
/// What every environment variable starts with.
const PREFIX: &str = "TOKENRY_";

/// Everything the operator decides.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Where to listen. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where browsers reach this server, without a path. What [`Self::listen`] says when absent.
    pub public_url: Option<Url>,
    /// Where the sandbox listens when it is started along.
    pub sandbox_listen: SocketAddr,
    /// Database and root key.
    #[serde(flatten)]
    pub storage: StorageSection,
    /// Where requests to providers may go.
    pub egress: EgressSection,
    /// What is logged, and how.
    pub log: LogSection,
    /// Who may read what is measured.
    pub metrics: MetricsSection,
    /// How tokens are kept fresh.
    pub refresh: RefreshSection,
    /// How long a sign-in lasts.
    pub session: SessionSection,
    /// The mail server that notifications go through.
    pub smtp: SmtpSection,
    /// Proxies in front, and rate limits.
    pub web: WebSection,
    /// Changes to the provider catalogue, by provider id.
    pub providers: std::collections::BTreeMap<String, ProviderSection>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
            public_url: None,
            sandbox_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 3100)),
            storage: StorageSection::default(),
            egress: EgressSection::default(),
            log: LogSection::default(),
            metrics: MetricsSection::default(),
            refresh: RefreshSection::default(),
            session: SessionSection::default(),
            smtp: SmtpSection::default(),
            web: WebSection::default(),
            providers: std::collections::BTreeMap::default(),
        }
    }
}

/// Why the configuration is not good.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The named file is not there.
    #[error("the configuration file {} does not exist", .0.display())]
    NoFile(PathBuf),
    /// A key or a value is not understood; the message names both and where they stand.
    #[error("{0}")]
    Malformed(Box<figment::Error>),
    /// A value is understood but makes no sense.
    #[error("{key}: {message}")]
    Invalid {
        /// The key, as in the file.
        key: String,
        /// What is wrong and what to do.
        message: String,
    },
}

impl ConfigError {
    fn invalid(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            key: key.into(),
            message: message.into(),
        }
    }
}

/// The keys at the top. `#[serde(flatten)]` and `deny_unknown_fields` exclude each other, so they
/// are compared with this list.
const TOP_LEVEL: [&str; 16] = [
    "listen",
    "public_url",
    "sandbox_listen",
    "data_dir",
    "database_url",
    "database_url_file",
    "root_key",
    "root_key_file",
    "egress",
    "log",
    "metrics",
    "refresh",
    "session",
    "smtp",
    "web",
    "providers",
];

impl Config {
    /// Reads the file (`tokenry.toml` if it exists and no other is named) and the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        // TOKENRY_CONFIG names the file and is the command line's; the failpoints are the tests'.
        let environment = Env::prefixed(PREFIX)
            .ignore(&["config", "failpoints", "failpoint_release"])
            .split("__");
        Self::from_figment(&from_file(file)?.merge(environment))
    }

    fn from_figment(figment: &Figment) -> Result<Self, ConfigError> {
        let malformed = |error| ConfigError::Malformed(Box::new(error));
        let keys: figment::value::Dict = figment.extract().map_err(malformed)?;
        if let Some(unknown) = keys.keys().find(|key| !TOP_LEVEL.contains(&key.as_str())) {
            return Err(ConfigError::invalid(
                unknown,
                format!(
                    "there is no such option; there are {}",
                    TOP_LEVEL.join(", ")
                ),
            ));
        }
        let config: Self = figment.extract().map_err(malformed)?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.public_url {
            validate_public_url(url)?;
        }
        self.storage.validate()?;
        self.egress.validate()?;
        self.log.validate()?;
        self.metrics.validate()?;
        self.refresh.validate()?;
        self.session.validate()?;
        self.smtp.validate()?;
        self.web.validate()?;
        self.provider_overrides().map(drop)
    }

    /// The public URL of a server that listens at `address`.
    pub fn public_url_at(&self, address: SocketAddr) -> Url {
        self.public_url.clone().unwrap_or_else(|| url_of(address))
    }

    /// The overrides of the provider catalogue, secrets read from their files.
    pub fn provider_overrides(&self) -> Result<Vec<oauth::ProviderOverride>, ConfigError> {
        self.providers
            .iter()
            .map(|(id, section)| section.to_override(id))
            .collect()
    }
}

fn from_file(named: Option<&Path>) -> Result<Figment, ConfigError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    match (path.exists(), named) {
        (true, _) => Ok(Figment::from(Toml::file_exact(path))),
        (false, None) => Ok(Figment::new()),
        (false, Some(_)) => Err(ConfigError::NoFile(path.to_owned())),
    }
}

/// `http://address`; a wildcard address is reached at the loopback address.
///
/// # Panics
/// Never: every socket address is a URL's authority.
pub fn url_of(address: SocketAddr) -> Url {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let address = SocketAddr::new(ip, address.port());
    Url::parse(&format!("http://{address}")).expect("a socket address makes an authority")
}

/// Redirect URIs, links and cookies all hang on it (S8).
fn validate_public_url(url: &Url) -> Result<(), ConfigError> {
    let problem = if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        "must start with https:// (or http:// on this machine)"
    } else if !url.username().is_empty() || url.password().is_some() {
        "must not hold a user name or password"
    } else if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        "must be scheme, host and port alone; Tokenry lives at the root of its host"
    } else {
        return Ok(());
    };
    Err(ConfigError::invalid("public_url", problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::from_figment(&Figment::from(Toml::string(text)))
    }

    #[test]
    fn nothing_said_means_this_machine_alone() {
        let config = parse("").unwrap();
        assert!(config.listen.ip().is_loopback());
        assert_eq!(
            config.public_url_at(config.listen).as_str(),
            "http://127.0.0.1:3000/"
        );
        assert!(config.web.trusted_proxies.is_empty());
    }

    #[test]
    fn a_file_that_is_named_must_be_there_and_another_need_not() {
        assert!(from_file(None).is_ok());
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tokenry.toml");
        assert!(matches!(
            from_file(Some(&path)),
            Err(ConfigError::NoFile(_))
        ));
        std::fs::write(&path, "listen = \"127.0.0.1:4000\"").unwrap();
        let config = Config::from_figment(&from_file(Some(&path)).unwrap()).unwrap();
        assert_eq!(config.listen.port(), 4000);
    }

    #[test]
    fn unknown_keys_are_named() {
        for (text, key) in [
            ("lisen = \"127.0.0.1:1\"", "lisen"),
            ("[log]\nlevel = \"debug\"", "level"),
            ("[metrics]\ntoken = \"x\"", "token"),
            ("[egress]\nalow = []", "alow"),
            ("[session]\nidle = 3", "idle"),
            ("[smtp]\nserver = \"x\"", "server"),
            ("[web]\nproxies = []", "proxies"),
            ("[providers.azure-devops]\nbase = {}", "base"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn s8_a_public_url_is_an_origin() {
        assert!(parse("public_url = \"https://tokens.example.com\"").is_ok());
        for bad in [
            "https://example.com/tokenry",
            "https://example.com/?a=b",
            "https://u:p@example.com",
            "ftp://example.com",
        ] {
            assert!(parse(&format!("public_url = \"{bad}\"")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wildcard_address_is_reached_on_this_machine() {
        let at = |text: &str| url_of(text.parse().unwrap()).to_string();
        assert_eq!(at("0.0.0.0:3000"), "http://127.0.0.1:3000/");
        assert_eq!(at("[::]:80"), "http://[::1]/");
        assert_eq!(at("192.0.2.7:3000"), "http://192.0.2.7:3000/");
    }
}
