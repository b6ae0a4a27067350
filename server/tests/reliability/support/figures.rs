//! How large a run is, and where its figures go.

use std::{fs::OpenOptions, io::Write as _, path::Path};

/// Set by `cargo xtask test --full`: the counts that the reference names, which take an hour.
const FULL: &str = "RELIABILITY_FULL";

/// Whether the full counts are wanted.
#[expect(
    clippy::disallowed_methods,
    reason = "the one switch of these tests, read where it is used"
)]
pub fn full() -> bool {
    std::env::var_os(FULL).is_some()
}

/// A count that is smaller in everyday runs.
pub fn reduced<T>(reduced: T, whole: T) -> T {
    if full() { whole } else { reduced }
}

/// Prints a test's figures, and adds them to `reliability.txt` in the target folder.
pub fn report(line: &str) {
    let line = if full() {
        format!("{line} (full)")
    } else {
        line.to_owned()
    };
    println!("{line}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("reliability.txt");
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut file| writeln!(file, "{line}"));
    if let Err(error) = written {
        panic!("{}: {error}", file.display());
    }
}
