//! The pages; files mirror addresses.

mod api_keys;
pub mod authorizations;
mod connect_confirm;
mod connect_done;
mod connectors;
mod front;
mod not_found;
mod notifications;
mod overview;
mod publications;
mod settings;
mod setup;
mod sign_in;

pub use api_keys::ApiKeys;
pub use connect_confirm::ConnectConfirm;
pub use connect_done::ConnectDone;
pub use connectors::Connectors;
pub use not_found::NotFound;
pub use notifications::Notifications;
pub use overview::{Overview, Start};
pub use publications::Publications;
pub use settings::Settings;
pub use setup::Setup;
pub use sign_in::SignIn;
