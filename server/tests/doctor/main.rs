//! `tokenry doctor`, the real binary, on installations that are in order and on broken ones.

#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests of routes use the rest")]
mod support;

mod broken;
mod healthy;
mod installation;
mod warnings;
