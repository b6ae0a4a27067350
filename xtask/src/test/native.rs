//! Suites that cargo runs on this machine.
//!
//! `frontend` is left out of the native ones: cargo would switch `app`'s features `hydrate` and `ssr` on together, and
//! the server would be tested with code that only browsers get.

use anyhow::Result;

use super::{Context, Outcome, reliability};
use crate::{
    process, sqlx_prepare,
    tools::{self, WASM},
    ui,
};

pub(super) const NATIVE: [&str; 3] = ["--workspace", "--exclude", "frontend"];

/// The code is formatted as rustfmt does it.
pub fn format(context: &Context) -> Result<Outcome> {
    process::run(process::cargo(context.workspace).args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed)
}

/// `.sqlx` holds what the queries and migrations need.
pub fn queries(context: &Context) -> Result<Outcome> {
    sqlx_prepare::check(context.workspace)?;
    Ok(Outcome::Passed)
}

/// No warnings: natively with all tests, and what browsers load for their target.
pub fn clippy(context: &Context) -> Result<Outcome> {
    let workspace = context.workspace;
    process::run(process::cargo(workspace).arg("clippy").args(NATIVE).args([
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    tools::wasm_target(workspace)?;
    process::run(
        process::cargo(workspace)
            .args(["clippy", "--package", "frontend", "--package", "app"])
            .args(["--features", "app/hydrate", "--target", WASM])
            .args(["--", "--deny", "warnings"]),
    )?;
    Ok(Outcome::Passed)
}

/// Unit and integration tests, with nextest where it is installed. Those of the reliability suite have their own.
pub fn tests(context: &Context) -> Result<Outcome> {
    let workspace = context.workspace;
    let mut command = process::cargo(workspace);
    if tools::has_cargo(workspace, "nextest") {
        command
            .args(["nextest", "run", "--no-fail-fast"])
            .args(NATIVE)
            .args([
                "--filterset",
                &format!("not binary({})", reliability::TARGET),
            ]);
    } else {
        ui::note("cargo-nextest would be quicker: cargo install --locked cargo-nextest");
        command
            .args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"])
            .args(NATIVE)
            .args(["--", "--skip", reliability::PREFIX]);
    }
    process::run(&mut command)?;
    Ok(Outcome::Passed)
}

/// Examples in the documentation compile and run.
pub fn docs(context: &Context) -> Result<Outcome> {
    process::run(
        process::cargo(context.workspace)
            .args(["test", "--doc"])
            .args(NATIVE),
    )?;
    Ok(Outcome::Passed)
}
