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

/// Whether two consents act for the same account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountComparison {
    /// They do.
    Same,
    /// They do not: somebody has to say that this is meant.
    Other,
    /// The provider did not tell, for one of them or for both.
    Unknown,
}

/// A consent came back for another account than before; nothing is replaced until somebody answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountQuestion {
    /// The account so far.
    pub before: AccountInfo,
    /// The account that signed in now.
    pub now: AccountInfo,
    /// The account so far was deactivated: another one is what is wanted.
    pub expected: bool,
}

impl AccountInfo {
    /// The same account at the provider, whatever it is called today.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.subject == other.subject && self.tenant == other.tenant
    }

    /// Whether a consent of `now` acts for the same account as the one `before`.
    pub fn compare(before: Option<&Self>, now: Option<&Self>) -> AccountComparison {
        match (before, now) {
            (Some(before), Some(now)) if before.is_same_as(now) => AccountComparison::Same,
            (Some(_), Some(_)) => AccountComparison::Other,
            _ => AccountComparison::Unknown,
        }
    }

    /// A name for people who need not know it: `sv…@contoso.example`. Tells its owner which account
    /// is meant, and a stranger little.
    pub fn masked_label(&self) -> String {
        let label = self.label();
        let (name, host) = label
            .split_once('@')
            .map_or((label, None), |(name, host)| (name, Some(host)));
        let start: String = name.chars().take(2).collect();
        match host {
            Some(host) => format!("{start}…@{host}"),
            None => format!("{start}…"),
        }
    }

    /// The most telling name there is.
    pub fn label(&self) -> &str {
        self.username
            .as_deref()
            .or(self.display_name.as_deref())
            .unwrap_or(&self.subject)
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountComparison, AccountInfo};

    fn account(subject: &str, tenant: Option<&str>) -> AccountInfo {
        AccountInfo {
            subject: subject.to_owned(),
            tenant: tenant.map(str::to_owned),
            username: Some("svc@contoso.example".to_owned()),
            display_name: None,
            personal: false,
        }
    }

    #[test]
    fn subject_and_tenant_make_the_account_and_names_do_not() {
        let before = account("1", Some("contoso"));
        let renamed = AccountInfo {
            username: Some("renamed@contoso.example".to_owned()),
            ..before.clone()
        };
        let compare = |now| AccountInfo::compare(Some(&before), Some(now));
        assert_eq!(compare(&renamed), AccountComparison::Same);
        let elsewhere = account("1", Some("fabrikam"));
        assert_eq!(compare(&elsewhere), AccountComparison::Other);
        let colleague = account("2", Some("contoso"));
        assert_eq!(compare(&colleague), AccountComparison::Other);
    }

    #[test]
    fn what_is_not_known_is_not_asked_about() {
        let known = account("1", None);
        for (before, now) in [(None, None), (Some(&known), None), (None, Some(&known))] {
            let comparison = AccountInfo::compare(before, now);
            assert_eq!(comparison, AccountComparison::Unknown);
        }
    }

    #[test]
    fn a_masked_name_tells_little() {
        let mut account = account("8f3a-77", None);
        assert_eq!(account.masked_label(), "sv…@contoso.example");
        account.username = None;
        assert_eq!(account.masked_label(), "8f…");
        account.username = Some("ü".to_owned());
        assert_eq!(account.masked_label(), "ü…");
    }
}
