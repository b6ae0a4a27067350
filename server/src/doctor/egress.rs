//! Do the egress rules let requests to the providers through, and nothing but? (S24)

use super::{Finding, patient::Patient};
use oauth::http::AllowEntry;
use std::collections::BTreeSet;

const CHECK: &str = "egress";

pub fn check(patient: &Patient) -> Vec<Finding> {
    let mut findings = wide_entries(patient);
    findings.extend(refused(patient));
    if findings.is_empty() {
        findings.push(Finding::ok(
            CHECK,
            "The rules let every provider in use through.",
        ));
    }
    findings
}

/// Entries with which the rules are hardly rules any more.
fn wide_entries(patient: &Patient) -> Vec<Finding> {
    // They were parsed before.
    let entries = patient.config.egress.entries().unwrap_or_default();
    let wide = entries.into_iter().filter_map(|entry| match entry {
        AllowEntry::Network(network) if network.prefix_len() < 8 => Some(network),
        _ => None,
    });
    wide.map(|network| {
        Finding::warning(
            CHECK,
            format!("`egress.allow` has {network}, which is almost everything."),
            "Name the hosts that are meant: whoever edits an authorization can make Tokenry call there.",
        )
    })
    .collect()
}

/// Providers in use that the rules do not let through.
fn refused(patient: &Patient) -> Vec<Finding> {
    let used = patient.authorizations.iter().flatten();
    let refused: BTreeSet<_> = used
        .filter_map(|one| {
            let url = one.token_endpoint.as_ref()?;
            let refusal = patient.egress.check(url).err()?;
            Some((one.provider.clone(), refusal.to_string()))
        })
        .collect();
    refused
        .into_iter()
        .map(|(provider, refusal)| {
            Finding::failure(
                CHECK,
                format!("Tokens of {provider} cannot be refreshed: {refusal}."),
                "Add the address to `egress.allow`, if it is the provider's.",
            )
        })
        .collect()
}
