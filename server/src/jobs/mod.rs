//! What happens without anybody asking. Each job is a loop that ends at shutdown.
//!
//! To add one: a module with a `run`, spawned in `cli::serve`.

pub mod deliver;
pub mod measure;
pub mod notify;
pub mod refresh;
pub mod revoke;
pub mod sweep;
