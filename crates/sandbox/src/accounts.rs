//! The people (and the service account) who can sign in.

use serde::{Deserialize, Serialize};

use crate::config::example::{CONTOSO_TENANT, PERSONAL_TENANT};

/// An account of the sandbox. `name` is how the control API addresses it; the email address works as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Short name: `service`, `personal` or `disabled`.
    pub name: &'static str,
    /// The user name, and what the account picker's button is called.
    pub email: &'static str,
    /// The person's or service's name.
    pub display_name: &'static str,
    /// Entra's object id: with `tid` the account's identity.
    pub oid: &'static str,
    /// Entra's tenant id.
    pub tid: &'static str,
    /// A disabled account cannot sign in, refresh or call.
    pub active: bool,
    /// A locked account cannot sign in or refresh; its access tokens still work until they expire.
    pub locked: bool,
    /// The user took the consent back and did not consent again since.
    pub consent_revoked: bool,
}

impl Account {
    /// Whether the address is one of Microsoft's personal accounts.
    pub fn is_personal(&self) -> bool {
        self.tid == PERSONAL_TENANT
    }
}

/// What [`crate::Sandbox::set_account`] and `POST /_sandbox/accounts/{name}` change; absent fields stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// Enables or disables the account.
    pub active: Option<bool>,
    /// Locks or unlocks the account.
    pub locked: Option<bool>,
    /// `true` takes back everything the account consented to: those grants stay dead. `false` only clears the mark,
    /// as consenting again does.
    pub consent_revoked: Option<bool>,
}

/// The accounts at the start and after a reset.
pub(crate) fn predefined() -> Vec<Account> {
    let account = |name, email, display_name, oid, tid, active| Account {
        name,
        email,
        display_name,
        oid,
        tid,
        active,
        locked: false,
        consent_revoked: false,
    };
    vec![
        account(
            "service",
            "svc-integrations@contoso.example",
            "Contoso Integrations",
            "0b6f9d52-3c1e-4d7a-a2f8-5e94c07b1d36",
            CONTOSO_TENANT,
            true,
        ),
        account(
            "personal",
            "maya.personal@outlook.example",
            "Maya Lindqvist",
            "00000000-0000-0000-7c5a-1e90b3d4f268",
            PERSONAL_TENANT,
            true,
        ),
        account(
            "disabled",
            "disabled@contoso.example",
            "Robin Former",
            "e5d20c84-7a9b-4f13-8b6d-c3f1a0987e42",
            CONTOSO_TENANT,
            false,
        ),
    ]
}
