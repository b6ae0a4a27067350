//! Release builds carry `target/site` inside (see `src/assets.rs`). Says so when what is there is not fit for a release.

use std::fs;

/// Written by `cargo xtask build`.
const MANIFEST: &str = "../target/site/assets.json";

#[expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Debug builds read the folder when they run; cargo need not look at it.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={MANIFEST}");
        match fs::read_to_string(MANIFEST) {
            Err(_) => println!(
                "cargo::warning=this server will have no web app inside: run `cargo xtask build --release` instead"
            ),
            Ok(manifest) if !manifest.contains("\"release\": true") => println!(
                "cargo::warning=the web app inside is not optimised: run `cargo xtask build --release` instead"
            ),
            Ok(_) => {}
        }
    }
}
