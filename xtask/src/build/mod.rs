//! `cargo xtask build`: the web app into `target/site`, then the server.
//!
//! ```text
//! frontend ─cargo─▶ .wasm ─bindgen─▶ .js + .wasm ─wasm-opt─▶ ┐
//! style/main.css ─lightningcss─▶ .css ────────────────────▶ ├─ hash, compress ─▶ target/site ─▶ server
//! public/* ───────────────────────────────────────────────▶ ┘
//! ```
//! `server/src/assets.rs` serves the folder: debug builds read it, release builds carry it inside.

mod compress;
mod css;
mod site;
mod wasm;
mod wasm_opt;

use std::path::PathBuf;

use anyhow::Result;

use self::site::Site;
use crate::{
    process, tools,
    ui::{self, Stopwatch},
    workspace::Workspace,
};

pub use self::{site::Manifest, wasm::compiled};

/// How to build.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Optimise, compress, and put the web app inside the server: one file is the product
    #[arg(long)]
    release: bool,
}

/// What a build is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Quick to build
    Dev,
    /// Small and fast to load
    Release,
}

impl Mode {
    /// Cargo's profile of the code that browsers load.
    fn wasm_profile(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }

    /// The folder of cargo's profile of the server.
    fn server_folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// Runs the subcommand.
///
/// # Errors
/// When something does not build.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mode = if options.release {
        Mode::Release
    } else {
        Mode::Dev
    };
    site(workspace, mode)?;
    let server = server(workspace, mode)?;
    let size = std::fs::metadata(&server)?.len();
    ui::note(&format!("{} ({})", server.display(), ui::size(size)));
    Ok(())
}

/// Builds the web app into [`Workspace::site`].
///
/// # Errors
/// When a tool is missing, or code or style sheets are wrong.
pub fn site(workspace: &Workspace, mode: Mode) -> Result<()> {
    let watch = Stopwatch::start();
    ui::heading("Web app");
    tools::wasm_target(workspace)?;
    let mut site = Site::default();
    let code = wasm::build(workspace, mode)?;
    let style = css::build(&workspace.path("style/main.css"))?;
    let css = site.add_hashed("main", "css", style.into_bytes());
    site.add_folder(&workspace.path("public"))?;
    if mode == Mode::Release {
        compress::all(&mut site)?;
    }
    let manifest = site::Manifest {
        js: code.js,
        wasm: code.wasm,
        css,
        release: mode == Mode::Release,
    };
    site.extend(code.files);
    site.add_manifest(&manifest)?;
    let changed = site.write(&workspace.site())?;
    ui::note(&format!(
        "{} in {}",
        if changed { "written" } else { "unchanged" },
        ui::duration(watch.elapsed())
    ));
    Ok(())
}

/// Builds the server and gives the path of its binary. In release mode it carries what is in [`Workspace::site`].
///
/// # Errors
/// When it does not compile.
pub fn server(workspace: &Workspace, mode: Mode) -> Result<PathBuf> {
    let watch = Stopwatch::start();
    ui::heading("Server");
    let mut command = process::cargo(workspace);
    command.args(["build", "--package", "server"]);
    if mode == Mode::Release {
        command.arg("--release");
    }
    process::run(&mut command)?;
    ui::note(&format!("built in {}", ui::duration(watch.elapsed())));
    let name = format!("tokenry{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace.target().join(mode.server_folder()).join(name))
}
