//! What browser and server share: ids, DTOs, validation, status and error codes.
//!
//! Everything here compiles to WASM and knows nothing of a database, a clock or the network.
//! The JSON of these types *is* the REST API and the wire format of the web app's server functions,
//! so a rename here is a change of contract.
//!
//! To add a resource: an id in [`ids`], a module with its view and input types, its checks in
//! [`validate`], and, if it can fail in a new way, a code in [`problem`].

pub mod account;
pub mod api_key;
pub mod authorization;
pub mod client_secret;
pub mod connector;
pub mod health;
pub mod ids;
pub mod notification;
pub mod problem;
pub mod provider;
pub mod publish;
pub mod revocation;
pub mod scopes;
pub mod settings;
pub mod status;
pub mod user;
pub mod validate;

pub use ids::{
    ApiKeyId, AuthorizationId, ChannelId, ConnectorId, DeliveryId, FlowId, GrantId, NotificationId,
    RevocationId, SecretId, UserId, WorkspaceId,
};
