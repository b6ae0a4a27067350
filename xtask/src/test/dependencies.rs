//! Suites about the crates of others.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::{Context, Outcome};
use crate::{
    process,
    tools::{self, CratesIo, WASM},
    ui,
};

/// What a browser must not load: each of these means that server code got into the web app.
const SERVER_ONLY: &[&str] = &[
    "axum", "broker", "oauth", "oauth2", "reqwest", "rustls", "sqlx", "storage", "tokio", "vault",
];

/// For CI; newer ones that are installed already do as well.
const CARGO_DENY: CratesIo = CratesIo {
    package: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    options: &["--locked"],
};

/// `frontend`'s dependencies for browsers hold nothing of the server.
pub fn browser_tree(context: &Context) -> Result<Outcome> {
    let tree = process::read(
        process::cargo(context.workspace)
            .args(["tree", "--package", "frontend", "--target", WASM])
            .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]),
    )?;
    let crates = names(&tree);
    let found: Vec<_> = SERVER_ONLY
        .iter()
        .copied()
        .filter(|name| crates.contains(name))
        .collect();
    if !found.is_empty() {
        bail!(
            "{} would be sent to browsers; `cargo tree --package frontend --target {WASM} --edges normal \
             --invert {}` says why",
            found.join(", "),
            found[0]
        );
    }
    ui::note(&format!("{} crates, none of the server's", crates.len()));
    Ok(Outcome::Passed)
}

/// The names in the output of `cargo tree --prefix none --format {p}`: `name v1.2.3 (where from)` per line.
fn names(tree: &str) -> BTreeSet<&str> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

/// `deny.toml` is kept. Advisories are left out: they come from outside and change without a change of ours.
pub fn deny(context: &Context) -> Result<Outcome> {
    let workspace = context.workspace;
    let mut command = if tools::has_cargo(workspace, "deny") {
        process::cargo(workspace)
    } else if context.full {
        std::process::Command::new(CARGO_DENY.install(workspace)?)
    } else {
        return Ok(Outcome::Skipped(
            "cargo-deny is not installed (cargo install --locked cargo-deny)".to_owned(),
        ));
    };
    process::run(command.current_dir(workspace.root()).args([
        "deny",
        "--workspace",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_names() {
        let crates = names("frontend v0.1.0 (/somewhere/frontend)\ntokio-util v0.7.0\n\n");
        assert!(crates.contains("frontend"));
        assert!(!crates.contains("tokio"));
    }
}
