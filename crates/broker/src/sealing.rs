//! Sealing and opening the columns that hold secrets. Each column has its place named here, so that
//! a value moved elsewhere in the database does not open (S18).

use crate::{Broker, error::Fault};
use model::{
    AuthorizationId, ChannelId, FlowId, GrantId, RevocationId, SecretId, UserId, WorkspaceId,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use storage::Ciphertext;
use vault::Place;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A column that holds a secret, and the row it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    /// A client secret.
    ClientSecret(SecretId),
    /// An unsaved form.
    DraftForm(AuthorizationId, UserId),
    /// What a consent flow must remember.
    FlowDetails(FlowId),
    /// An access token of one generation.
    AccessToken(GrantId),
    /// A refresh token of one generation.
    RefreshToken(GrantId),
    /// An answer in the journal.
    JournalRecord(GrantId),
    /// What a revocation sends.
    RevocationRequest(RevocationId),
    /// What a webhook is signed with.
    WebhookSecret(ChannelId),
}

impl Column {
    fn names(self) -> (&'static str, String, &'static str) {
        match self {
            Self::ClientSecret(id) => ("secrets", id.to_string(), "value"),
            Self::DraftForm(authorization, user) => {
                ("drafts", format!("{authorization}/{user}"), "form")
            }
            Self::FlowDetails(id) => ("flows", id.to_string(), "details"),
            Self::AccessToken(id) => ("grants", id.to_string(), "access_token"),
            Self::RefreshToken(id) => ("grants", id.to_string(), "refresh_token"),
            Self::JournalRecord(id) => ("journal", id.to_string(), "record"),
            Self::RevocationRequest(id) => ("revocations", id.to_string(), "request"),
            Self::WebhookSecret(id) => ("notification_channels", id.to_string(), "secret"),
        }
    }

    pub(crate) fn in_place<T>(
        self,
        workspace: WorkspaceId,
        work: impl FnOnce(&Place<'_>) -> T,
    ) -> T {
        let (table, row, column) = self.names();
        work(&Place {
            workspace: &workspace.to_string(),
            table,
            row: &row,
            column,
        })
    }
}

/// A secret inside something that is serialised only to be sealed.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(crate) struct Sensitive(String);

impl From<&SecretString> for Sensitive {
    fn from(secret: &SecretString) -> Self {
        Self(secret.expose_secret().to_owned())
    }
}

impl From<&Sensitive> for SecretString {
    fn from(secret: &Sensitive) -> Self {
        Self::from(secret.0.as_str())
    }
}

impl Broker {
    /// Seals a text for its column.
    pub(crate) fn seal(
        &self,
        workspace: WorkspaceId,
        column: Column,
        secret: &SecretString,
    ) -> Result<Ciphertext, Fault> {
        self.seal_bytes(workspace, column, secret.expose_secret().as_bytes())
    }

    /// Opens a text of its column.
    pub(crate) fn open(
        &self,
        workspace: WorkspaceId,
        column: Column,
        sealed: &Ciphertext,
    ) -> Result<SecretString, Fault> {
        let bytes = self.open_bytes(workspace, column, sealed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Fault::Unreadable("a sealed text"))?;
        Ok(SecretString::from(text))
    }

    /// Seals a structure for its column.
    pub(crate) fn seal_json<T: Serialize>(
        &self,
        workspace: WorkspaceId,
        column: Column,
        value: &T,
    ) -> Result<Ciphertext, Fault> {
        let json = Zeroizing::new(
            serde_json::to_vec(value).map_err(|_| Fault::Unreadable("a form being sealed"))?,
        );
        self.seal_bytes(workspace, column, &json)
    }

    /// Opens a structure of its column.
    pub(crate) fn open_json<T: DeserializeOwned>(
        &self,
        workspace: WorkspaceId,
        column: Column,
        sealed: &Ciphertext,
    ) -> Result<T, Fault> {
        let bytes = self.open_bytes(workspace, column, sealed)?;
        serde_json::from_slice(&bytes).map_err(|_| Fault::Unreadable("a sealed form"))
    }

    fn seal_bytes(
        &self,
        workspace: WorkspaceId,
        column: Column,
        bytes: &[u8],
    ) -> Result<Ciphertext, Fault> {
        let mut rng = self.rng();
        let sealed = column.in_place(workspace, |place| {
            self.vault().seal(place, bytes, &mut *rng)
        })?;
        Ok(Ciphertext(sealed))
    }

    fn open_bytes(
        &self,
        workspace: WorkspaceId,
        column: Column,
        sealed: &Ciphertext,
    ) -> Result<Zeroizing<Vec<u8>>, Fault> {
        Ok(column.in_place(workspace, |place| self.vault().open(place, &sealed.0))?)
    }
}
