//! `wasm-opt` (Binaryen), from the npm package that `xtask/package-lock.json` pins. Takes a third off the WASM.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};

use crate::{process, tools, ui, workspace::Workspace};

/// What rustc uses for wasm32-unknown-unknown. Told, as stripped modules do not say it themselves.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// An installed `wasm-opt`.
pub struct Optimiser {
    program: PathBuf,
    version: String,
}

impl Optimiser {
    /// Installs it when Node is there. Without Node the web app is only larger; in CI that is an error.
    pub fn find(workspace: &Workspace) -> Result<Option<Self>> {
        if !tools::has_node() {
            if workspace.ci() {
                return Err(tools::node_is_missing());
            }
            ui::note(
                "wasm-opt left out: it needs Node (nodejs and npm). The web app works but is larger",
            );
            return Ok(None);
        }
        let folder = workspace.path("xtask");
        tools::npm_ci(&folder)?;
        let package = folder.join("node_modules/binaryen");
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(package.join("package.json"))?)?;
        Ok(Some(Self {
            program: package.join("bin/wasm-opt"),
            version: manifest["version"].as_str().unwrap_or_default().to_owned(),
        }))
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Makes a module smaller.
    pub fn optimise(&self, wasm: &[u8]) -> Result<Vec<u8>> {
        let scratch = tempfile::tempdir()?;
        let input = scratch.path().join("input.wasm");
        let output = scratch.path().join("output.wasm");
        fs::write(&input, wasm)?;
        process::run(
            Command::new("node")
                .arg(&self.program)
                .arg("-Oz")
                .args(FEATURES)
                .arg(&input)
                .arg("-o")
                .arg(&output),
        )?;
        fs::read(&output).context("wasm-opt wrote nothing")
    }
}
