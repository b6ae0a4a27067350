//! `wasm-bindgen-test-runner` in the version that `Cargo.lock` pins: cargo calls it with a test's `.wasm` file.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
