//! The Azure DevOps scopes: what each means and which it includes. The table is data (`data/azure-devops-scopes.tsv`).

use std::sync::LazyLock;

/// The Azure DevOps resource in Microsoft Entra ID; its scopes are `{resource}/vso.work` and so on.
pub const AZURE_DEVOPS_RESOURCE: &str = "499b84ac-1321-427f-aa17-267ca6975798";

/// Grants whatever the user may do.
pub const USER_IMPERSONATION: &str = "user_impersonation";

/// The OpenID Connect scopes with what the consent screen says about each (Core §5.4, §11).
pub const OPENID: [(&str, &str); 4] = [
    ("openid", "Sign you in"),
    ("profile", "See your name and user name"),
    ("email", "See your email address"),
    (
        "offline_access",
        "Keep the access you give it while you are away",
    ),
];

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The name, for example `vso.work_write`.
    pub scope: &'static str,
    /// The area of the product it belongs to.
    pub category: &'static str,
    /// What it allows, in words.
    pub label: &'static str,
    /// Whether Azure DevOps marks it as high privilege.
    pub high_privilege: bool,
    /// The scope that comes with it.
    pub includes: Option<&'static str>,
}

static TABLE: LazyLock<Vec<Scope>> = LazyLock::new(|| {
    include_str!("../data/azure-devops-scopes.tsv")
        .lines()
        .skip(1)
        .filter_map(row)
        .collect()
});

fn row(line: &'static str) -> Option<Scope> {
    let mut columns = line.split('\t');
    Some(Scope {
        scope: columns.next()?,
        category: columns.next()?,
        label: columns.next()?,
        high_privilege: columns.next()? == "yes",
        includes: columns.next().filter(|included| !included.is_empty()),
    })
}

/// All Azure DevOps scopes.
pub fn all() -> &'static [Scope] {
    &TABLE
}

/// The scope with this name, without a resource prefix.
pub fn find(name: &str) -> Option<&'static Scope> {
    TABLE.iter().find(|scope| scope.scope == name)
}

/// Whether a token with the scopes `granted` may do what `needed` names: directly, by inclusion, or because it may
/// do everything.
pub fn covers<'a>(granted: impl IntoIterator<Item = &'a str>, needed: &str) -> bool {
    granted
        .into_iter()
        .any(|scope| scope == USER_IMPERSONATION || includes(scope, needed))
}

fn includes(scope: &str, needed: &str) -> bool {
    let mut current = Some(scope);
    while let Some(name) = current {
        if name == needed {
            return true;
        }
        current = find(name).and_then(|scope| scope.includes);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_names_only_scopes_it_has() {
        assert_eq!(all().len(), 86);
        for scope in all() {
            if let Some(included) = scope.includes {
                assert!(
                    find(included).is_some(),
                    "{} includes {included}",
                    scope.scope
                );
            }
        }
    }

    #[test]
    fn inclusion_is_transitive_and_one_way() {
        assert!(
            covers(["vso.code_full"], "vso.profile"),
            "code_full > … > hooks > profile"
        );
        assert!(covers(["vso.work_write"], "vso.work"));
        assert!(!covers(["vso.work"], "vso.work_write"));
        assert!(!covers(["vso.project"], "vso.profile"));
        assert!(covers(["user_impersonation"], "vso.work_full"));
        assert!(!covers([], "vso.profile"));
    }
}
