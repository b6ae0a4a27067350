//! Does our clock go with those of the providers? Lifetimes of tokens are counted by it (R12).

use super::{Finding, patient::Patient};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use oauth::http::{HttpClient as _, HttpError};
use std::collections::BTreeMap;
use url::Url;

const CHECK: &str = "provider_clock";
/// More than the second that a Date header is exact to, and a slow network.
const NOTABLE: TimeDelta = TimeDelta::seconds(30);
/// Signatures and lifetimes are off by then.
const TOO_MUCH: TimeDelta = TimeDelta::minutes(5);

pub async fn check(patient: &Patient) -> Vec<Finding> {
    let Some(authorizations) = &patient.authorizations else {
        return vec![Finding::skipped(CHECK, "the database cannot be read")];
    };
    // One endpoint an origin: they share a clock.
    let mut asked: BTreeMap<String, (&str, Url)> = BTreeMap::new();
    for one in authorizations {
        if let Some(url) = &one.token_endpoint
            && patient.egress.check(url).is_ok()
        {
            let origin = url.origin().ascii_serialization();
            asked.entry(origin).or_insert((&one.provider, url.clone()));
        }
    }
    if asked.is_empty() {
        return vec![Finding::ok(CHECK, "No provider is in use yet.")];
    }
    let findings = asked.into_iter().map(async |(origin, (provider, url))| {
        let subject = format!("{provider} ({origin})");
        conclude(&subject, ahead(patient, &url).await)
    });
    join_all(findings).await
}

/// How far the clock of whoever answers there is ahead of ours; `None` when they do not say.
async fn ahead(patient: &Patient, url: &Url) -> Result<Option<TimeDelta>, HttpError> {
    // Nothing is asked for: whatever is answered, it has a Date (RFC 9110 §6.6.1).
    let request = axum::http::Request::head(url.as_str())
        .body(Vec::new())
        .map_err(|error| HttpError::Malformed(error.to_string()))?;
    let sent = patient.now();
    let answer = patient.http.execute(request).await?;
    let received = patient.now();
    let date = answer.headers().get(axum::http::header::DATE);
    let theirs = date.and_then(|date| DateTime::parse_from_rfc2822(date.to_str().ok()?).ok());
    let ours = sent + (received - sent) / 2;
    Ok(theirs.map(|theirs| theirs.with_timezone(&Utc) - ours))
}

fn conclude(subject: &str, ahead: Result<Option<TimeDelta>, HttpError>) -> Finding {
    let ahead = match ahead {
        Ok(Some(ahead)) => ahead,
        Ok(None) => {
            return Finding::ok(
                CHECK,
                format!("{subject} answers, without telling the time."),
            );
        }
        Err(error) => {
            return Finding::warning(
                CHECK,
                format!("{subject} does not answer: {error}."),
                "Check name resolution, the firewall and the provider's status page.",
            );
        }
    };
    let (by, way) = (ahead.abs().num_seconds(), direction(ahead));
    let next = "Synchronise this machine's clock (NTP). If it is right, the provider's is wrong.";
    if ahead.abs() > TOO_MUCH {
        let summary = format!("Our clock is {by} s {way} that of {subject}.");
        Finding::failure(CHECK, summary, next)
    } else if ahead.abs() > NOTABLE {
        let summary = format!("Our clock is {by} s {way} that of {subject}.");
        Finding::warning(CHECK, summary, next)
    } else {
        Finding::ok(CHECK, format!("Our clock goes with that of {subject}."))
    }
}

fn direction(ahead: TimeDelta) -> &'static str {
    if ahead > TimeDelta::zero() {
        "behind"
    } else {
        "ahead of"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn r12_skew_is_judged_by_its_size() {
        for (seconds, status) in [
            (0, Status::Ok),
            (-30, Status::Ok),
            (31, Status::Warning),
            (-299, Status::Warning),
            (301, Status::Failure),
            (-86_400, Status::Failure),
        ] {
            let finding = conclude("x", Ok(Some(TimeDelta::seconds(seconds))));
            assert_eq!(finding.status, status, "{seconds}");
        }
        let late = conclude("x", Ok(Some(TimeDelta::seconds(60))));
        assert!(late.summary.contains("60 s behind"), "{}", late.summary);
    }
}
