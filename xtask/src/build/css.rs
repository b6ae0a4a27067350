//! One style sheet out of `style/`, minified, with prefixes and fallbacks for the browsers of the last two years.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions},
    targets::{Browsers, Targets},
};

/// The versions of November 2024. Once a year these move on.
const BROWSERS: Browsers = Browsers {
    android: None,
    chrome: Some(version(131, 0)),
    edge: Some(version(131, 0)),
    firefox: Some(version(132, 0)),
    ie: None,
    ios_saf: Some(version(18, 1)),
    opera: None,
    safari: Some(version(18, 1)),
    samsung: None,
};

const fn version(major: u32, minor: u32) -> u32 {
    major << 16 | minor << 8
}

/// Bundles `entry` with all it imports.
///
/// # Errors
/// When a file is missing or not CSS; the message names file and line.
pub fn build(entry: &Path) -> Result<String> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    // Their errors borrow from what is bundled, so their text is taken.
    let mut sheet = bundler
        .bundle(entry)
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("{} is not right", entry.display()))?;
    let targets = Targets::from(BROWSERS);
    sheet
        .minify(MinifyOptions {
            targets,
            ..MinifyOptions::default()
        })
        .map_err(|error| anyhow!("{error}"))?;
    let output = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets,
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("{error}"))?;
    Ok(output.code)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn imports_are_inlined_and_layers_kept() {
        let folder = tempfile::tempdir().unwrap();
        let entry = folder.path().join("main.css");
        fs::write(folder.path().join("base.css"), "body { margin: 0px; }").unwrap();
        fs::write(
            &entry,
            "@import \"base.css\" layer(base);\na { color: #ff0000; }",
        )
        .unwrap();
        assert_eq!(
            build(&entry).unwrap(),
            "@layer base{body{margin:0}}a{color:red}"
        );
    }

    #[test]
    fn an_error_names_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let entry = folder.path().join("main.css");
        fs::write(&entry, "a { color: red }\n}\n").unwrap();
        let message = format!("{:#}", build(&entry).unwrap_err());
        assert!(message.contains("main.css:2"), "{message}");
    }
}
