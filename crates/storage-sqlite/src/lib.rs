//! The SQLite engine: [`storage`]'s repositories in SQL.
//!
//! One writer connection, a few readers, one file per repository. Queries are checked when they are
//! compiled, against `.sqlx/`; `cargo xtask sqlx-prepare` renews that after a change of a query or a
//! migration. What a column holds and how it is converted is in [`columns`], how errors are told in
//! [`error`]: repositories do neither themselves.
//!
//! To add a repository: a migration, a file here with a row struct and the trait's methods, an
//! accessor in [`transaction`], `cargo xtask sqlx-prepare`. A migration that was released is never
//! changed.

mod authorizations;
mod columns;
mod connectors;
mod credentials;
mod cursor;
mod drafts;
mod error;
mod examine;
mod flows;
mod grants;
mod history;
mod key_ring;
mod notifications;
mod open;
mod overview;
mod processes;
mod publications;
mod revocations;
mod sealed;
mod statistics;
mod transaction;
mod users;
mod waiting_consents;

pub use examine::Schema;
pub use open::SqliteStorage;
