//! tokenry
fn main() {}
