//! What the documents say of metrics is what there is.

use broker::telemetry::{Outcome, list};
use serde_norway::Value;
use std::{collections::BTreeSet, fs, path::PathBuf};

fn document(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Names of metrics of ours in a text.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c: char| !is_part(c))
        .filter(|word| word.starts_with("tokenry_") || word.starts_with("process_"))
        .collect()
}

/// The metric that a series belongs to: a histogram has three kinds of them.
fn metric_of(series: &str) -> Option<&'static list::Metric> {
    list::ALL.iter().find(|metric| match metric.kind {
        list::Kind::Histogram(_) => ["_bucket", "_sum", "_count"]
            .iter()
            .any(|suffix| series.strip_suffix(suffix) == Some(metric.name)),
        list::Kind::Counter | list::Kind::Gauge => metric.name == series,
    })
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    let found = value.get(key).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text {key} in {value:?}"))
}

#[test]
fn every_alert_is_about_metrics_that_exist_and_says_what_to_do() {
    let rules: Value = serde_norway::from_str(&document("alerts/tokenry.rules.yml")).unwrap();
    let mut names = BTreeSet::new();
    let mut metrics = BTreeSet::new();
    for group in rules["groups"].as_sequence().unwrap() {
        for rule in group["rules"].as_sequence().unwrap() {
            let name = text(rule, "alert");
            assert!(names.insert(name), "{name} is there twice");
            let expression = text(rule, "expr");
            for series in metrics_in(expression) {
                assert!(metric_of(series).is_some(), "{name}: there is no {series}");
                metrics.insert(series);
            }
            assert!(!text(&rule["annotations"], "summary").is_empty(), "{name}");
            assert!(
                text(&rule["annotations"], "description").len() > 40,
                "{name}"
            );
            let severity = text(&rule["labels"], "severity");
            assert!(["page", "ticket"].contains(&severity), "{name}: {severity}");
        }
    }
    assert!(
        names.len() >= 8 && metrics.len() >= 8,
        "{names:?} {metrics:?}"
    );
}

/// Labels of one kind have one of a few values; a typing error in an alert would never match.
#[test]
fn alerts_name_outcomes_and_states_that_exist() {
    let known: BTreeSet<&str> = Outcome::ALL
        .map(Outcome::as_str)
        .into_iter()
        .chain(broker::telemetry::GRANT_STATES)
        .collect();
    let rules: Value = serde_norway::from_str(&document("alerts/tokenry.rules.yml")).unwrap();
    let mut found = 0;
    for rule in rules["groups"][0]["rules"].as_sequence().unwrap() {
        let expression = text(rule, "expr");
        for label in ["outcome", "status"] {
            for part in expression.split(label).skip(1) {
                let Some(values) = part.trim_start_matches(['!', '=', '~']).strip_prefix('"')
                else {
                    continue;
                };
                for value in values.split('"').next().unwrap().split('|') {
                    assert!(known.contains(value), "{value} in {expression}");
                    found += 1;
                }
            }
        }
    }
    assert!(found >= 5, "{found} values were found");
}

#[test]
fn the_page_lists_what_there_is() {
    let page = document("metrics.md");
    for metric in list::ALL {
        let labels: Vec<_> = metric
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let labels = labels.join(", ");
        let row = format!("| `{}` | {} | {labels} |", metric.name, metric.kind.name());
        let row = row.replace("|  |", "| |");
        assert!(page.contains(&row), "docs/metrics.md lacks the row {row}");
    }
    for name in metrics_in(&page) {
        assert!(
            list::ALL.iter().any(|metric| metric.name == name),
            "docs/metrics.md tells of {name}, which does not exist"
        );
    }
    for outcome in Outcome::ALL {
        let row = format!("| `{}` |", outcome.as_str());
        assert!(page.contains(&row), "docs/metrics.md lacks the row {row}");
    }
}
