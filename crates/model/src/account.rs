//! The account that consented at the provider.

use serde::{Deserialize, Serialize};

/// Who signed in at the provider, as far as the provider told.
///
/// Two accounts are the same when `subject` and `tenant` are (Microsoft: `oid` + `tid`;
/// `OpenID` Connect: `sub` + issuer).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountInfo {
    /// The provider's stable identifier of the account.
    pub subject: String,
    /// The directory (Microsoft `tid`) or issuer the subject is unique in.
    pub tenant: Option<String>,
    /// Sign-in name to show; may change over time.
    pub username: Option<String>,
    /// Name to show; may change over time.
    pub display_name: Option<String>,
    /// A person's own account rather than one of the organization.
    pub personal: bool,
}

impl AccountInfo {
    /// The same account at the provider, whatever it is called today.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.subject == other.subject && self.tenant == other.tenant
    }

    /// The most telling name there is.
    pub fn label(&self) -> &str {
        self.username
            .as_deref()
            .or(self.display_name.as_deref())
            .unwrap_or(&self.subject)
    }
}
