//! `tokenry`: see `tokenry --help`, or `server::cli` for how it is put together.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
