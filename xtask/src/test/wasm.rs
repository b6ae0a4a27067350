//! `#[wasm_bindgen_test]`s: tests of shared code that have to pass as WASM too, in Node.
//!
//! They live in `tests/wasm.rs` of the packages named here. What needs a page is a user story and
//! belongs into `end2end/`.

use anyhow::{Context as _, Result};

use super::{Context, Outcome};
use crate::{
    process,
    tools::{self, CratesIo, WASM},
    workspace::Workspace,
};

/// Packages that have such tests.
const PACKAGES: &[&str] = &["model"];

/// Runs them.
pub fn tests(context: &Context) -> Result<Outcome> {
    let workspace = context.workspace;
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
    for package in PACKAGES {
        process::run(
            process::cargo(workspace)
                .args(["test", "--package", package, "--test", "wasm"])
                .args(["--target", WASM])
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner),
        )?;
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
