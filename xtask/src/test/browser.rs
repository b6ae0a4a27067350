//! The user stories of `end2end/`, in a real browser against the real server.

use std::process::Command;

use anyhow::Result;

use super::{Context, Outcome};
use crate::{
    build::{self, Mode},
    process, tools, ui,
};

/// Builds what `cargo xtask run` would start, and lets Playwright use it.
pub fn tests(context: &Context) -> Result<Outcome> {
    let workspace = context.workspace;
    if !tools::has_node() {
        return context.lacking(tools::node_is_missing().to_string());
    }
    let chromium = match tools::chromium(workspace, context.full) {
        Ok(found) => found,
        Err(missing) => return context.lacking(format!("{missing:#}")),
    };
    build::site(workspace, Mode::Dev)?;
    let server = build::server(workspace, Mode::Dev)?;
    let folder = workspace.path("end2end");
    tools::npm_ci(&folder)?;
    process::run(
        Command::new("node")
            .current_dir(&folder)
            .args(["node_modules/typescript/bin/tsc", "--noEmit"]),
    )?;
    ui::note(&format!("Playwright with {}", chromium.display()));
    process::run(
        Command::new("node")
            .current_dir(&folder)
            .args(["node_modules/@playwright/test/cli.js", "test"])
            .env("CHROMIUM_PATH", chromium)
            .env("TOKENRY_BIN", server),
    )?;
    Ok(Outcome::Passed)
}
