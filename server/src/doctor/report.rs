//! What was found, for people and for programs.

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::{
    fmt::Write as _,
    io::{self, Write},
};

/// How something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    #[default]
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// Something does not work, or will not after the next start.
    Failure,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    const fn style(self) -> Style {
        let colour = match self {
            Self::Ok => AnsiColor::Green,
            Self::Warning => AnsiColor::Yellow,
            Self::Failure => AnsiColor::Red,
        };
        colour.on_default()
    }
}

/// One thing that was found. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which check found it; stable, for programs.
    pub check: &'static str,
    /// How it is.
    pub status: Status,
    /// What it is, in one sentence.
    pub summary: String,
    /// What to do about it; absent when there is nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_action: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(check: &'static str, summary: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Ok,
            summary: summary.into(),
            next_action: None,
        }
    }

    /// Somebody should look at it.
    pub fn warning(
        check: &'static str,
        summary: impl Into<String>,
        next_action: impl Into<String>,
    ) -> Self {
        Self {
            status: Status::Warning,
            next_action: Some(next_action.into()),
            ..Self::ok(check, summary)
        }
    }

    /// It does not work.
    pub fn failure(
        check: &'static str,
        summary: impl Into<String>,
        next_action: impl Into<String>,
    ) -> Self {
        Self {
            status: Status::Failure,
            ..Self::warning(check, summary, next_action)
        }
    }

    /// It could not be looked at, for another finding's reason.
    pub fn skipped(check: &'static str, because: &str) -> Self {
        Self::warning(
            check,
            format!("Not looked at: {because}."),
            "Put that right first, then run the doctor again.",
        )
    }
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds several.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// The findings, in the order of the checks.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The worst of all.
    pub fn status(&self) -> Status {
        let all = self.findings.iter().map(|finding| finding.status);
        all.max().unwrap_or_default()
    }

    /// As one JSON object.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let object = serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "status": self.status(),
            "findings": self.findings,
        });
        writeln!(out, "{object:#}")
    }

    /// As a table with what to do below its lines. Styles are in it; whoever writes to something
    /// other than a terminal takes them out.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = |finding: &Finding| finding.check.len();
        let width = self.findings.iter().map(width).max().unwrap_or(0);
        let bold = Style::new().bold();
        for finding in &self.findings {
            let style = finding.status.style();
            writeln!(
                out,
                "{style}{:<7}{style:#}  {bold}{:<width$}{bold:#}  {}",
                finding.status.word(),
                finding.check,
                finding.summary
            )?;
            if let Some(next) = &finding.next_action {
                writeln!(out, "{:1$}→ {next}", "", 7 + 2 + width + 2)?;
            }
        }
        writeln!(out, "\n{}", self.conclusion())
    }

    fn conclusion(&self) -> String {
        let count = |status| {
            let same = self.findings.iter().filter(|one| one.status == status);
            same.count()
        };
        let mut parts = Vec::new();
        for (status, one) in [(Status::Failure, "failure"), (Status::Warning, "warning")] {
            let number = count(status);
            if number > 0 {
                let mut part = format!("{number} {one}");
                if number > 1 {
                    // Writing to a String cannot fail.
                    let _ = part.write_char('s');
                }
                parts.push(part);
            }
        }
        if parts.is_empty() {
            "Everything is in order.".to_owned()
        } else {
            format!("{}.", parts.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::default();
        report.add(Finding::ok("database", "It opens."));
        report.add(Finding::warning("clock", "It is late.", "Set it."));
        report.add(Finding::failure("root_key", "It is gone.", "Put it back."));
        report
    }

    #[test]
    fn the_worst_counts() {
        assert_eq!(Report::default().status(), Status::Ok);
        assert_eq!(report().status(), Status::Failure);
    }

    #[test]
    fn people_read_a_table() {
        let mut text = Vec::new();
        report().write_text(&mut text).unwrap();
        let text = anstream::adapter::strip_bytes(&text).into_vec();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @r"
        ok       database  It opens.
        warning  clock     It is late.
                           → Set it.
        failure  root_key  It is gone.
                           → Put it back.

        1 failure, 1 warning.
        ");
    }

    #[test]
    fn programs_read_json() {
        let mut text = Vec::new();
        report().write_json(&mut text).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(json["status"], "failure");
        assert_eq!(json["findings"][1]["next_action"], "Set it.");
        assert!(json["findings"][0].get("next_action").is_none());
    }
}
