//! Do browsers get through to us when a provider sends them back? A proxy that passes `/healthz` on
//! may still ask for a sign-in of its own at `/callback/`, or have rules by path.

use super::{
    Finding,
    patient::Patient,
    public_url::{Found, ask},
};
use futures::future::join_all;
use std::collections::BTreeSet;
use uuid::Uuid;

const CHECK: &str = "redirect_uris";

pub async fn check(patient: &Patient) -> Vec<Finding> {
    let Some(uris) = in_use(patient) else {
        return vec![Finding::skipped(CHECK, "the database cannot be read")];
    };
    let (Some(instance), Ok(client)) = (&patient.instance, patient.own_client()) else {
        return vec![Finding::skipped(CHECK, "the public URL does not lead here")];
    };
    if uris.is_empty() {
        return vec![Finding::ok(CHECK, "None is in use yet.")];
    }
    // Without a query a callback is refused, whoever gets it. Who it was is what counts.
    let asked = uris
        .iter()
        .map(async |uri| conclude(uri, ask(&client, uri).await, instance));
    let findings: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
    if findings.is_empty() {
        let summary = format!("Every one in use leads here ({}).", uris.len());
        return vec![Finding::ok(CHECK, summary)];
    }
    findings
}

/// One for each provider in use.
fn in_use(patient: &Patient) -> Option<BTreeSet<String>> {
    let authorizations = patient.authorizations.as_ref()?;
    let providers = authorizations
        .iter()
        .filter_map(|one| patient.catalogue.get(&one.provider));
    // Those of a generic provider differ in the id at their end alone, and nobody looks it up.
    let any = Uuid::nil().into();
    Some(
        providers
            .map(|provider| provider.redirect_uri(&patient.public_url, any))
            .collect(),
    )
}

fn conclude(uri: &str, found: Found, instance: &str) -> Option<Finding> {
    let summary = match found {
        Found::Tokenry(id) if id == instance => return None,
        Found::Tokenry(_) => format!("Another Tokenry answers at {uri}."),
        Found::Other(status) => format!("Something else answers at {uri} (HTTP {status})."),
        Found::Nobody(error) => format!("Nobody answers at {uri}: {error}."),
    };
    Some(Finding::failure(
        CHECK,
        summary,
        "Let the proxy in front pass everything below `/callback/` on, without a sign-in of its own: providers send browsers there.",
    ))
}
