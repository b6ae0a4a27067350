//! `#[wasm_bindgen_test]`s: unit tests of shared code that have to run as WASM, in Node.
//!
//! What needs a page is a user story and belongs into `end2end/`.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use super::{Context, Outcome};
use crate::{
    process,
    tools::{self, CratesIo, WASM},
    ui,
    workspace::Workspace,
};

/// Packages that may have such tests, and their folders.
const PACKAGES: &[(&str, &str)] = &[("model", "crates/model"), ("app", "app")];

const MARK: &str = "#[wasm_bindgen_test";

/// Runs the tests of each package that has some.
pub fn tests(context: &Context) -> Result<Outcome> {
    let workspace = context.workspace;
    let packages: Vec<_> = PACKAGES
        .iter()
        .filter(|(_, folder)| mentions(&workspace.path(folder), MARK))
        .map(|(package, _)| *package)
        .collect();
    if packages.is_empty() {
        ui::note("there are none at present");
        return Ok(Outcome::Passed);
    }
    if !tools::has_node() {
        return context.lacking(tools::node_is_missing().to_string());
    }
    tools::wasm_target(workspace)?;
    let version = wasm_bindgen_version(workspace)?;
    let runner = CratesIo {
        package: "wasm-bindgen-cli",
        version: &version,
        program: "wasm-bindgen-test-runner",
        options: &["--no-default-features"],
    }
    .install(workspace)?;
    for package in packages {
        let mut command = process::cargo(workspace);
        command
            .args(["test", "--package", package, "--target", WASM])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner);
        if package == "app" {
            command.args(["--features", "hydrate"]);
        }
        process::run(&mut command)?;
    }
    Ok(Outcome::Passed)
}

/// The version in `Cargo.lock`: code and runner have to be of the same.
fn wasm_bindgen_version(workspace: &Workspace) -> Result<String> {
    let id = process::read(process::cargo(workspace).args(["pkgid", "wasm-bindgen"]))?;
    let (_, version) = id
        .trim()
        .rsplit_once('@')
        .with_context(|| format!("cargo names wasm-bindgen in a new way: {id}"))?;
    Ok(version.to_owned())
}

/// Whether a Rust file below `folder` contains `text`.
fn mentions(folder: &Path, text: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            mentions(&path, text)
        } else {
            path.extension().is_some_and(|extension| extension == "rs")
                && fs::read_to_string(&path).is_ok_and(|code| code.contains(text))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_found_in_subfolders_of_rust_code_only() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tests")).unwrap();
        fs::write(folder.path().join("notes.md"), MARK).unwrap();
        assert!(!mentions(folder.path(), MARK));
        fs::write(folder.path().join("tests/store.rs"), format!("{MARK}]")).unwrap();
        assert!(mentions(folder.path(), MARK));
    }
}
