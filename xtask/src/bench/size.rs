//! `cargo xtask bench size`: bytes of a release. The table goes to standard output.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{
    build::{self, Mode},
    ui,
    workspace::Workspace,
};

/// Builds a release and prints its figures.
pub fn run(workspace: &Workspace) -> Result<()> {
    build::site(workspace, Mode::Release)?;
    let server = build::server(workspace, Mode::Release)?;
    let site = workspace.site();
    let manifest: build::Manifest = serde_json::from_slice(&fs::read(site.join("assets.json"))?)?;
    let entries = [&manifest.js, &manifest.wasm, &manifest.css]
        .map(|url| site.join(url.trim_start_matches('/')));

    println!("| file | bytes | brotli | gzip |");
    println!("|---|--:|--:|--:|");
    row(
        "WASM as compiled",
        length(&build::compiled(workspace, Mode::Release))?,
        None,
    );
    let mut first_page = [0; 3];
    for (path, name) in entries.iter().zip(["JavaScript", "WASM", "CSS"]) {
        let raw = length(path)?;
        // A file that compression does not make smaller is sent as it is.
        let compressed = |extension| length(&path.with_added_extension(extension)).unwrap_or(raw);
        let sizes = [raw, compressed("br"), compressed("gz")];
        row(name, sizes[0], Some((sizes[1], sizes[2])));
        for (sum, size) in first_page.iter_mut().zip(sizes) {
            *sum += size;
        }
    }
    let [raw, brotli, gzip] = first_page;
    row("first page, without its HTML", raw, Some((brotli, gzip)));
    row("`tokenry` (one file)", length(&server)?, None);
    Ok(())
}

fn length(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path)
        .with_context(|| format!("{} is missing", path.display()))?
        .len())
}

fn row(name: &str, raw: u64, compressed: Option<(u64, u64)>) {
    let (brotli, gzip) = compressed.map_or_else(Default::default, |(brotli, gzip)| {
        (ui::size(brotli), ui::size(gzip))
    });
    println!("| {name} | {} | {brotli} | {gzip} |", ui::size(raw));
}
