//! `tokenry doctor`: is this installation in order, and if not, what is to be done?
//!
//! One module per check, which gives [`Finding`]s. A check changes nothing (the journal's leaves no
//! trace), works beside a running server, and turns whatever goes wrong into a finding: it is meant
//! for broken installations. To add one: a module with a function that takes the [`Patient`], its
//! call in [`examine`], a test in `tests/doctor/`, a row in `docs/operating.md`.

mod authorizations;
mod clock;
mod configuration;
mod database;
mod directory;
mod egress;
mod journal;
mod patient;
mod public_url;
mod redirect_uris;
mod report;
mod root_key;
mod sealed;
mod smtp;

pub use report::{Finding, Report, Status};

use crate::config::Config;
use patient::Patient;
use std::path::Path;

/// What to look at, and how closely.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope {
    /// Opens every sealed value and compares every index, however long it takes.
    pub deep: bool,
    /// The installation is served with `--sandbox`.
    pub sandbox: bool,
}

/// Runs all checks on the installation that this file and the environment describe.
pub async fn examine(file: Option<&Path>, scope: Scope) -> Report {
    let mut report = Report::default();
    let config = match Config::load(file) {
        Ok(config) => config,
        Err(error) => {
            report.add(configuration::unusable(&error));
            return report;
        }
    };
    report.extend(configuration::check(&config));
    let mut patient = match Patient::new(config, scope) {
        Ok(patient) => patient,
        Err(error) => {
            report.add(configuration::unusable(&error));
            return report;
        }
    };
    report.extend(directory::check(&patient));
    report.extend(database::check(&mut patient).await);
    report.extend(root_key::check(&mut patient).await);
    report.extend(sealed::check(&patient).await);
    report.extend(journal::check(&patient).await);
    report.extend(authorizations::read(&mut patient).await);
    report.extend(authorizations::secrets(&patient));
    report.extend(authorizations::consents(&patient));
    report.extend(egress::check(&patient));
    report.extend(clock::check(&patient).await);
    report.extend(public_url::check(&mut patient).await);
    report.extend(redirect_uris::check(&patient).await);
    report.extend(smtp::check(&patient).await);
    patient.close().await;
    report
}
