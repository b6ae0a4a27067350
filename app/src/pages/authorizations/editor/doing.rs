//! What one editor visit may be doing: work at the server, a question in a dialog.

use model::{
    SecretId, authorization::Authorization, client_secret::ClientSecretInfo, problem::Problem,
};

/// What is being done at the server; one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Save.
    Saving,
    /// Opening a consent flow.
    Leaving,
    /// Ending the stored consent.
    Deauthorizing,
    /// Refreshing the stored consent.
    Refreshing,
    /// Forgetting the draft.
    Discarding,
    /// Putting aside or bringing back.
    SettingActive,
    /// Fetching the version somebody else saved.
    Comparing,
    /// Answering whose account to use: the new one's, or not.
    ChoosingAccount(bool),
    /// Adding a client secret.
    AddingSecret,
    /// Changing or removing one.
    ChangingSecret(SecretId),
}

/// Failed attempts to keep the draft since the last success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedKeep {
    /// How many.
    pub count: u32,
    /// Why the last one failed.
    pub problem: Problem,
}

/// The dialogs of the editor; at most one is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Before the browser leaves for the provider.
    Authorize,
    /// Before the stored consent is ended.
    Deauthorize,
    /// Before the draft is forgotten.
    Discard,
    /// Before leaving the editor for another page, whose address this is.
    Leave(String),
    /// Which of two versions to save; the stored one is here.
    Conflict(Box<Authorization>),
    /// A connector to create in place.
    NewConnector,
    /// Another account signed in: whose is it to be?
    Account,
    /// A client secret to add.
    NewSecret,
    /// Before a client secret is removed.
    RemoveSecret(Box<ClientSecretInfo>),
}
