//! Does what is sealed open where it lies? A changed byte shows here and nowhere else (S18, R16).

use super::{Finding, patient::Patient};
use broker::inspection::{self, ColumnSeen};

const CHECK: &str = "sealed_values";
/// Of each kind, when not all are opened.
const SAMPLE: u64 = 1000;

pub async fn check(patient: &Patient) -> Vec<Finding> {
    let (Some(storage), Some(vault)) = (patient.readable_storage(), &patient.vault) else {
        let because = "the keys or the database do not open";
        return vec![Finding::skipped(CHECK, because)];
    };
    let limit = (!patient.scope.deep).then_some(SAMPLE);
    match inspection::sealed_values(storage, vault, limit).await {
        Ok(columns) => conclude(&columns, limit),
        Err(error) => vec![super::database::unreadable(&error)],
    }
}

fn conclude(columns: &[ColumnSeen], limit: Option<u64>) -> Vec<Finding> {
    let damaged = columns.iter().filter(|column| column.damaged > 0);
    let mut findings: Vec<_> = damaged.map(finding).collect();
    if findings.is_empty() {
        let opened: u64 = columns.iter().map(|column| column.opened).sum();
        let is_sample = limit.is_some_and(|limit| {
            let mut seen = columns.iter().map(|column| column.opened + column.damaged);
            seen.any(|seen| seen >= limit)
        });
        let summary = if is_sample {
            format!("A sample opens ({opened} values); `--deep` tries all.")
        } else {
            format!("Everything that is sealed opens ({opened}).")
        };
        findings.push(Finding::ok(CHECK, summary));
    }
    findings
}

fn finding(column: &ColumnSeen) -> Finding {
    let rows: Vec<_> = column.rows.iter().map(ToString::to_string).collect();
    Finding::failure(
        CHECK,
        format!(
            "{} of {} values in {} do not open: they were altered or moved. Rows: {}.",
            column.damaged,
            column.damaged + column.opened,
            column.column.name(),
            rows.join(", "),
        ),
        "Restore a backup, or enter the secrets and give the consents of these rows again.",
    )
}
