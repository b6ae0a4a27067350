//! E-mail over SMTP: the broker's port for mail, with `lettre` behind it.

use crate::config::{ConfigError, SmtpServer, SmtpTls};
use async_trait::async_trait;
use broker::{
    ExposeSecret as _,
    ports::{Mail, MailError, Mailer},
};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use std::{error::Error as _, time::Duration};
use url::Url;

/// How long the server may be silent.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends through one server, with a connection for each message: there are few.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// What stands behind the @ of message ids, and introduces us: the name of this server.
    domain: String,
}

impl SmtpMailer {
    /// A mailer for the configured server, of a Tokenry at `public_url`.
    ///
    /// # Errors
    /// When TLS cannot be set up for that host.
    pub fn new(server: &SmtpServer, public_url: &Url) -> Result<Self, ConfigError> {
        let domain = public_url.host_str().unwrap_or("localhost").to_owned();
        let tls = match server.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::Starttls => Tls::Required(parameters(&server.host)?),
            SmtpTls::Implicit => Tls::Wrapper(parameters(&server.host)?),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(TIMEOUT))
            .hello_name(ClientId::Domain(domain.clone()));
        if let Some((username, password)) = &server.credentials {
            let password = password.expose_secret().to_owned();
            transport = transport.credentials(Credentials::new(username.clone(), password));
        }
        Ok(Self {
            transport: transport.build(),
            from: server.from.clone(),
            domain,
        })
    }

    /// Connects, signs in and leaves: what a message would run into before it is one.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub async fn knock(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("it closes the connection".to_owned()),
            Err(error) => Err(in_words(&error)),
        }
    }

    /// The message as it is sent. Addresses are parsed and subjects encoded, so that neither can
    /// bring a header of its own.
    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let to = address(&mail.to).map_err(permanent)?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(mail.at.into())
            .message_id(Some(format!("<{}@{}>", mail.id, self.domain)))
            .subject(&mail.subject)
            .multipart(MultiPart::alternative_plain_html(
                mail.text.clone(),
                mail.html.clone(),
            ))
            .map_err(|error| permanent(format!("the message cannot be made: {error}")))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    fn check(&self, to: &str) -> Result<(), String> {
        address(to).map(drop)
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(MailError {
                permanent: error.is_permanent(),
                message: in_words(&error),
            }),
        }
    }
}

fn parameters(host: &str) -> Result<TlsParameters, ConfigError> {
    TlsParameters::new(host.to_owned()).map_err(|error| ConfigError::Invalid {
        key: "smtp.host".to_owned(),
        message: format!("TLS cannot be set up: {error}"),
    })
}

fn address(text: &str) -> Result<Address, String> {
    text.parse()
        .map_err(|_| "Enter an e-mail address such as ada@example.com.".to_owned())
}

fn permanent(message: String) -> MailError {
    MailError {
        permanent: true,
        message,
    }
}

/// What the server said, or why it could not be asked: the cause at the bottom is the one that helps.
fn in_words(error: &lettre::transport::smtp::Error) -> String {
    let mut cause = error.source();
    let mut deepest = None;
    while let Some(source) = cause {
        deepest = Some(source.to_string());
        cause = source.source();
    }
    let what = if error.is_permanent() || error.is_transient() {
        "the mail server refused"
    } else if error.is_timeout() {
        "the mail server did not answer in time"
    } else if error.is_tls() {
        "no secure connection to the mail server"
    } else {
        "the mail server cannot be used"
    };
    deepest.map_or_else(|| what.to_owned(), |cause| format!("{what}: {cause}"))
}
