//! Will the authorizations go on working? Secrets that end, consents that need somebody.

use super::{Finding, database::unreadable, patient::Patient};
use broker::inspection::{self, AuthorizationSeen, SecretSeen};
use chrono::NaiveDate;
use model::status::{CancelReason, Status};
use std::collections::BTreeMap;

const SECRETS: &str = "client_secrets";
const CONSENTS: &str = "consents";
/// When the end of a secret is worth a word, in days.
const SOON: i64 = 30;

/// Reads them, and leaves them with the patient.
pub async fn read(patient: &mut Patient) -> Vec<Finding> {
    let Some(storage) = patient.readable_storage() else {
        return Vec::new();
    };
    let read = inspection::authorizations(storage, &patient.catalogue, &patient.public_url);
    match read.await {
        Ok(authorizations) => {
            patient.authorizations = Some(authorizations);
            Vec::new()
        }
        Err(error) => vec![unreadable(&error)],
    }
}

/// Which secrets have expired, and which will soon.
pub fn secrets(patient: &Patient) -> Vec<Finding> {
    let Some(authorizations) = &patient.authorizations else {
        return vec![Finding::skipped(SECRETS, "the database cannot be read")];
    };
    let today = patient.now().date_naive();
    let mut findings: Vec<_> = authorizations
        .iter()
        .flat_map(|one| by_field(one).into_values().map(move |of| (one, of)))
        .filter_map(|(one, secrets)| secret(one, &secrets, today))
        .collect();
    if findings.is_empty() {
        let summary = format!("None expires within {SOON} days.");
        findings.push(Finding::ok(SECRETS, summary));
    }
    findings
}

fn by_field(one: &AuthorizationSeen) -> BTreeMap<&str, Vec<&SecretSeen>> {
    let mut fields: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for secret in &one.secrets {
        fields.entry(&*secret.field).or_default().push(secret);
    }
    fields
}

/// The secret that lasts longest counts: the others are tried before it or after it.
fn secret(one: &AuthorizationSeen, secrets: &[&SecretSeen], today: NaiveDate) -> Option<Finding> {
    let (last, end) = secrets
        .iter()
        .map(|secret| (secret, secret.expires_on))
        .max_by_key(|(_, end)| end.unwrap_or(NaiveDate::MAX))?;
    let end = end?;
    let days = (end - today).num_days();
    let which = last
        .ends_in
        .as_ref()
        .map_or_else(String::new, |text| format!(" that ends in …{text}"));
    let subject = format!("The client secret{which} of {}", name(one));
    let next = "Make a new one at the provider and enter it; nobody has to consent again.";
    Some(match days {
        ..0 => Finding::failure(SECRETS, format!("{subject} expired on {end}."), next),
        0..=1 => Finding::warning(
            SECRETS,
            format!("{subject} expires within a day."),
            format!("Today: {}{}", next[..1].to_lowercase(), &next[1..]),
        ),
        2..=SOON => Finding::warning(
            SECRETS,
            format!("{subject} expires on {end}, in {days} days."),
            next,
        ),
        _ => return None,
    })
}

/// Which consents somebody has to do something about.
pub fn consents(patient: &Patient) -> Vec<Finding> {
    let Some(authorizations) = &patient.authorizations else {
        return vec![Finding::skipped(CONSENTS, "the database cannot be read")];
    };
    let mut findings: Vec<_> = authorizations.iter().filter_map(consent).collect();
    if findings.is_empty() {
        let given = authorizations.iter().filter(|one| one.status.is_some());
        let summary = format!("None of {} needs anybody.", given.count());
        findings.push(Finding::ok(CONSENTS, summary));
    }
    findings
}

fn consent(one: &AuthorizationSeen) -> Option<Finding> {
    let status = one.status?;
    match status {
        Status::Never
        | Status::Consenting
        | Status::Healthy
        // On purpose.
        | Status::Cancelled(CancelReason::Deauthorized) => None,
        Status::RefreshFailing
        | Status::ReauthorizationNeeded(_)
        | Status::Cancelled(CancelReason::AccountDisabled | CancelReason::Revoked)
        | Status::Misconfigured(_) => Some(Finding::warning(
            CONSENTS,
            format!("{}: {}.", name(one), status.reason_text()),
            status.next_action(),
        )),
    }
}

fn name(one: &AuthorizationSeen) -> String {
    format!("{:?} in {}", one.name, one.workspace)
}
