//! The mail server that notifications go through. Without this section no e-mail is sent.

use super::{
    ConfigError,
    secret::{InlineSecret, resolve},
};
use secrecy::SecretString;
use serde::Deserialize;
use std::path::PathBuf;

/// `[smtp]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmtpSection {
    /// Name or address of the mail server.
    pub host: Option<String>,
    /// Its port; 587 with `starttls`, 465 with `implicit`, 25 with `none` when absent.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User name, when the server wants one.
    pub username: Option<String>,
    /// Password of that user.
    pub password: Option<InlineSecret>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// Sender: `tokenry@example.com` or `Tokenry <tokenry@example.com>`.
    pub from: Option<String>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// It begins in the clear and must be upgraded before anything is said (RFC 3207).
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314 §3.3).
    Implicit,
    /// Not at all: for a relay on this machine or network.
    None,
}

impl SmtpTls {
    const fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

/// A mail server that can be asked.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User name and password.
    pub credentials: Option<(String, SecretString)>,
    /// Sender.
    pub from: lettre::message::Mailbox,
}

impl SmtpSection {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.server().map(drop)
    }

    /// The mail server; `None` when nothing is configured.
    pub fn server(&self) -> Result<Option<SmtpServer>, ConfigError> {
        let (host, from) = match (&self.host, &self.from) {
            (Some(host), Some(from)) => (host.clone(), from),
            (None, None) if self.username.is_none() && self.port.is_none() => return Ok(None),
            (None, _) => return Err(ConfigError::invalid("smtp.host", "is missing")),
            (Some(_), None) => return Err(ConfigError::invalid("smtp.from", "is missing")),
        };
        let from = from.parse().map_err(|_| {
            let example = "must be an address such as Tokenry <tokenry@example.com>";
            ConfigError::invalid("smtp.from", example)
        })?;
        let password = resolve(
            "smtp.password",
            self.password.as_ref(),
            self.password_file.as_ref(),
        )?;
        let credentials = match (self.username.clone(), password) {
            (Some(username), Some(password)) => Some((username, password)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(ConfigError::invalid(
                    "smtp.password",
                    "is missing beside username",
                ));
            }
            (None, Some(_)) => {
                return Err(ConfigError::invalid(
                    "smtp.username",
                    "is missing beside password",
                ));
            }
        };
        if credentials.is_some() && self.tls == SmtpTls::None && !is_loopback(&host) {
            return Err(ConfigError::invalid(
                "smtp.tls",
                "is none, so the password would travel readable by all; use starttls or implicit",
            ));
        }
        Ok(Some(SmtpServer {
            host,
            port: self.port.unwrap_or(self.tls.port()),
            tls: self.tls,
            credentials,
            from,
        }))
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{SmtpSection, SmtpTls};
    use figment::{
        Figment,
        providers::{Format, Toml},
    };

    fn server(text: &str) -> Result<Option<super::SmtpServer>, String> {
        let section: SmtpSection = Figment::from(Toml::string(text)).extract().unwrap();
        section.server().map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_said_means_no_mail() {
        assert!(server("").unwrap().is_none());
    }

    #[test]
    fn the_port_follows_from_the_protection() {
        let port = |tls: &str| {
            let text =
                format!("host = \"mail.example\"\nfrom = \"a@example.com\"\ntls = \"{tls}\"");
            server(&text).unwrap().unwrap().port
        };
        assert_eq!(
            [port("starttls"), port("implicit"), port("none")],
            [587, 465, 25]
        );
        assert_eq!(SmtpTls::default(), SmtpTls::Starttls);
    }

    #[test]
    fn half_a_section_names_what_is_missing() {
        for (text, key) in [
            ("host = \"mail.example\"", "smtp.from"),
            ("from = \"a@example.com\"", "smtp.host"),
            ("host = \"m\"\nfrom = \"nobody\"", "smtp.from"),
            (
                "host = \"m\"\nfrom = \"a@b.c\"\nusername = \"u\"",
                "smtp.password",
            ),
            (
                "host = \"m\"\nfrom = \"a@b.c\"\npassword = \"p\"",
                "smtp.username",
            ),
        ] {
            let error = server(text).unwrap_err();
            assert!(error.starts_with(key), "{error}");
        }
    }

    #[test]
    fn a_password_does_not_travel_in_the_clear() {
        let text = |host: &str| {
            format!(
                "host = \"{host}\"\nfrom = \"a@b.c\"\ntls = \"none\"\nusername = \"u\"\npassword = \"p\""
            )
        };
        assert!(server(&text("mail.example")).is_err());
        assert!(server(&text("127.0.0.1")).is_ok());
        assert!(server(&text("localhost")).is_ok());
    }
}
