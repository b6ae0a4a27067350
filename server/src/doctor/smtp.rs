//! Does the mail server let us in? People hear of what needs them through it.

use super::{Finding, patient::Patient};
use crate::mail::SmtpMailer;

const CHECK: &str = "smtp";

pub async fn check(patient: &Patient) -> Vec<Finding> {
    let server = match patient.config.smtp.server() {
        Ok(Some(server)) => server,
        Ok(None) => return vec![Finding::ok(CHECK, "No mail server is configured.")],
        Err(error) => return vec![super::configuration::unusable(&error)],
    };
    let shown = format!("{}:{}", server.host, server.port);
    let knocked = match SmtpMailer::new(&server, &patient.public_url) {
        Ok(mailer) => mailer.knock().await,
        Err(error) => Err(error.to_string()),
    };
    vec![match knocked {
        Ok(()) => Finding::ok(CHECK, format!("{shown} lets us in.")),
        Err(error) => Finding::failure(
            CHECK,
            format!("{shown} does not let us in: {error}. No e-mail is sent."),
            "Check host, port, `smtp.tls`, user name and password, and whether the firewall lets it through.",
        ),
    }]
}
