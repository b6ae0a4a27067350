//! Typed ids. All are `UUIDv7`, minted by the server, so that they sort by time of creation.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[doc = $doc:literal] $name:ident),+ $(,)?) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

id! {
    /// A company: the unit of membership and of publishing.
    WorkspaceId,
    /// A person who signs in to Tokenry.
    UserId,
    /// One client registration at one provider plus the scopes and connectors chosen.
    AuthorizationId,
    /// One client secret of an authorization.
    SecretId,
    /// What a consent brought: sealed tokens, granted scopes, the account.
    GrantId,
    /// One trip of one person's browser to the provider and back.
    FlowId,
    /// A configured instance of a connector type.
    ConnectorId,
    /// One ended consent, on its way to the provider.
    RevocationId,
    /// A credential of a program that calls the REST API.
    ApiKeyId,
    /// One thing that people were told.
    NotificationId,
    /// A way by which people are told: an e-mail address, a webhook.
    ChannelId,
    /// One notification on its way through one channel.
    DeliveryId,
}
