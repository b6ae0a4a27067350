//! What is promised about refreshing, shown on real processes: R1-R17 of the reliability reference, each with its
//! figure (`docs/reliability.md` has the table).
//!
//! Every test starts its own sandbox and servers (`support/`), breaks something on purpose, and lets the sandbox's
//! ledger judge: refresh tokens spent twice, families revoked, grants whose stored token the provider would not take.
//! Counts are reduced unless `RELIABILITY_FULL` is set, as `cargo xtask test --full` does. Figures are also appended
//! to `reliability.txt` in the target folder; data and logs of a test that fails are kept, and it says where.
//!
//! Tests are called `fault_r…`, so that a runner that knows no suites can leave them out by name. They take turns by
//! a file lock, whatever runs them. To add one: a function in the module of its kind, and its line in the table.
//!
//! R18 (SQLite and `PostgreSQL` give the same results) is the storage contract suite, `crates/storage/src/contract/`:
//! one list of cases, run against every engine there is.

#![cfg(unix)]

mod backups;
mod corruption;
mod disk;
mod expiry;
mod outages;
mod replicas;
mod shutdown;
mod storms;
#[expect(dead_code, reason = "the benchmark needs the rest of it")]
mod support;
