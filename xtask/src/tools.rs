//! Programs from outside: finding them, installing them where that is safe, and saying exactly what to do where not.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Error, Result, anyhow};

use crate::{process, ui, workspace::Workspace};

/// The compile target of the code that browsers load.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Makes sure that rustc can compile for browsers.
///
/// # Errors
/// When the target is missing and rustup cannot add it.
pub fn wasm_target(workspace: &Workspace) -> Result<()> {
    let libraries = process::read(Command::new("rustc").current_dir(workspace.root()).args([
        "--print",
        "target-libdir",
        "--target",
        WASM,
    ]))?;
    if Path::new(libraries.trim()).exists() {
        return Ok(());
    }
    ui::note(&format!("adding the compile target {WASM}"));
    process::run(
        Command::new("rustup")
            .current_dir(workspace.root())
            .args(["target", "add", WASM]),
    )
    .context("rustc needs the standard library for wasm32-unknown-unknown: install it as you installed Rust")
}

/// Whether cargo has a subcommand of this name.
pub fn has_cargo(workspace: &Workspace, subcommand: &str) -> bool {
    process::succeeds(workspace.cargo(), &[subcommand, "--version"])
}

/// A program from crates.io, installed for this workspace alone.
pub struct CratesIo<'a> {
    /// The package
    pub package: &'a str,
    /// Its version
    pub version: &'a str,
    /// Which of its programs
    pub program: &'a str,
    /// Further arguments of `cargo install`
    pub options: &'a [&'a str],
}

impl CratesIo<'_> {
    /// Installs it into the target folder, unless it is there already, and gives its path.
    ///
    /// # Errors
    /// When it does not install.
    pub fn install(&self, workspace: &Workspace) -> Result<PathBuf> {
        let Self {
            package, version, ..
        } = self;
        let tools = workspace.target().join("tools");
        let folder = tools.join(format!("{package}-{version}"));
        let program = folder.join("bin").join(self.program);
        if !program.exists() {
            ui::note(&format!(
                "installing {package} {version} (some minutes, once)"
            ));
            process::run(
                process::cargo(workspace)
                    .args(["install", "--quiet", "--version", version])
                    .args([package, "--bin", self.program])
                    .args(self.options)
                    .arg("--root")
                    .arg(&folder)
                    // Unoptimised: they work for seconds, and an optimised build takes minutes.
                    .arg("--debug")
                    // One for all tools: what they have in common is built once.
                    .arg("--target-dir")
                    .arg(tools.join("target")),
            )?;
        }
        Ok(program)
    }
}

/// Whether Node can be run.
pub fn has_node() -> bool {
    process::succeeds("node", &["--version"])
}

/// What to say when Node is needed and not there.
pub fn node_is_missing() -> Error {
    anyhow!(
        "Node is missing: install Node 20 or newer with npm (Debian: `apt-get install -y nodejs npm`)"
    )
}

/// Installs what a folder's `package-lock.json` pins, unless it is there already.
///
/// # Errors
/// When Node is missing or the installation fails.
pub fn npm_ci(folder: &Path) -> Result<()> {
    if !has_node() {
        return Err(node_is_missing());
    }
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    // npm's own record is in another form; a copy of the lock says whether it is this lock that was installed.
    let record = folder.join("node_modules/.installed-lock.json");
    if fs::read(&record).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    ui::note(&format!("npm ci in {}", folder.display()));
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    process::run(Command::new(npm).current_dir(folder).args([
        "ci",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ]))?;
    fs::write(record, lock)?;
    Ok(())
}

/// A Chromium: the one that `CHROMIUM_PATH` names, the system's, or when `install` is set and this is root on Debian,
/// a new one.
///
/// # Errors
/// When there is none; the message says what to install.
pub fn chromium(workspace: &Workspace, install: bool) -> Result<PathBuf> {
    if let Some(named) = workspace.chromium() {
        if named.exists() {
            return Ok(named.to_path_buf());
        }
        return Err(anyhow!(
            "CHROMIUM_PATH names {}, which is not there",
            named.display()
        ));
    }
    if let Some(found) = installed_chromium() {
        return Ok(found);
    }
    if install {
        apt_get("chromium")?;
    }
    installed_chromium().ok_or_else(|| {
        anyhow!(
            "no Chromium found: install it (Debian: `apt-get install -y chromium`), \
             or set CHROMIUM_PATH to Chrome's or Chromium's program"
        )
    })
}

/// Makes sure that `libfaketime` is there, which gives a program a wrong clock.
///
/// # Errors
/// When it is missing and, with `install` set, this is not root on Debian; the message says what to install.
pub fn faketime(install: bool) -> Result<()> {
    let found = || process::succeeds("faketime", &["-f", "+1m", "true"]);
    if !found() && install {
        apt_get("faketime")?;
    }
    if found() {
        return Ok(());
    }
    Err(anyhow!(
        "libfaketime is missing: install it (Debian: `apt-get install -y faketime`)"
    ))
}

/// Installs a package of Debian's.
fn apt_get(package: &str) -> Result<()> {
    ui::note(&format!("installing {package}"));
    let apt = |args: &[&str]| {
        process::run(
            Command::new("apt-get")
                .args(args)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
    };
    apt(&["update", "-qq"])?;
    apt(&["install", "-y", "-qq", "--no-install-recommends", package])
}

fn installed_chromium() -> Option<PathBuf> {
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ]
    .into_iter()
    .map(PathBuf::from)
    .find(|path| path.exists())
}
