//! Where things are: the folders of this checkout and the switches of its environment.
//!
//! The only module that reads environment variables. A new one is read here, once, and becomes a field.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// This checkout and the environment it is worked on in.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
    cargo: OsString,
    ci: bool,
    chromium: Option<PathBuf>,
}

impl Workspace {
    /// Reads the environment that `cargo run` gives this program.
    ///
    /// # Errors
    /// When this program lies outside a workspace or the current folder cannot be read.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of xtask that reads the environment"
    )]
    pub fn from_env() -> Result<Self> {
        // Cargo says at run time where the package is. The path of the build is only the fallback: a target folder
        // can outlive the clone it was built from.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("xtask has to lie in the workspace's folder")?
            .to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => env::current_dir()?.join(dir),
            None => root.join("target"),
        };
        Ok(Self {
            root,
            target,
            cargo: env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            ci: env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false")),
            chromium: env::var_os("CHROMIUM_PATH").map(PathBuf::from),
        })
    }

    /// A path below the workspace's root.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The workspace's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder (`CARGO_TARGET_DIR` or `target`).
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The built web app. Always below the workspace, wherever the target folder is: `server` embeds it by this path.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// The cargo that runs this program.
    pub fn cargo(&self) -> &OsString {
        &self.cargo
    }

    /// Whether this is a CI run, in which nothing may be skipped.
    pub fn ci(&self) -> bool {
        self.ci
    }

    /// The browser that `CHROMIUM_PATH` names.
    pub fn chromium(&self) -> Option<&Path> {
        self.chromium.as_deref()
    }
}
