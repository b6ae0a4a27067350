//! Arithmetic on scopes: what a selection already contains, and what came back of what was asked.
//!
//! Scopes are compared byte for byte (RFC 6749 §3.3: case-sensitive, order without meaning). What
//! contains what is data, [`ScopeInfo::includes`]; nothing here knows a provider.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::provider::ScopeInfo;

/// Scopes of `OpenID` Connect and the refresh token's. They ask for a sign-in, not for access to
/// an API, and providers do not reliably list them in what they granted.
pub const SIGN_IN_SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// Why a typed scope is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ScopeError {
    /// Nothing was typed.
    #[error("Type a scope.")]
    Empty,
    /// A space would make it several scopes.
    #[error("A scope has no spaces. Add several scopes one by one.")]
    Space,
    /// Outside the characters of RFC 6749 §3.3.
    #[error("A scope can't contain {0:?}.")]
    Character(char),
}

impl From<ScopeError> for String {
    fn from(error: ScopeError) -> Self {
        error.to_string()
    }
}

/// Checks one typed scope (`scope-token`, RFC 6749 §3.3).
pub fn check(scope: &str) -> Result<(), ScopeError> {
    if scope.is_empty() {
        return Err(ScopeError::Empty);
    }
    match scope.chars().find(|&c| !is_scope_character(c)) {
        None => Ok(()),
        Some(c) if c.is_whitespace() => Err(ScopeError::Space),
        Some(c) => Err(ScopeError::Character(c)),
    }
}

fn is_scope_character(c: char) -> bool {
    matches!(c, '\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e')
}

/// Splits a `scope` parameter; each scope once, in the order of its first appearance.
pub fn parse(scope: &str) -> Vec<String> {
    distinct(scope.split_whitespace())
}

/// Writes a `scope` parameter.
pub fn join(scopes: &[String]) -> String {
    scopes.join(" ")
}

/// What is really asked for: the automatic scopes and the selected ones, each once.
pub fn effective(automatic: &[String], selected: &[String]) -> Vec<String> {
    distinct(automatic.iter().chain(selected).map(String::as_str))
}

/// Selected scopes as they are sent: with the provider's resource prefix, unless one names a
/// resource of its own or asks for a sign-in.
pub fn on_the_wire(resource_prefix: &str, selected: &[String]) -> Vec<String> {
    selected
        .iter()
        .map(|scope| {
            if scope.contains('/') || SIGN_IN_SCOPES.contains(&scope.as_str()) {
                scope.clone()
            } else {
                format!("{resource_prefix}{scope}")
            }
        })
        .collect()
}

/// The scope as the catalogue names it: without the provider's resource prefix, if it has it.
pub fn without_prefix<'a>(scope: &'a str, resource_prefix: &str) -> &'a str {
    scope.strip_prefix(resource_prefix).unwrap_or(scope)
}

/// Every scope that the selection contains beyond its own members, with the selected scope that
/// contains it. A selected scope appears too when another selected one contains it.
pub fn covered_by(selected: &[String], catalogue: &[ScopeInfo]) -> BTreeMap<String, String> {
    let mut covered = BTreeMap::new();
    for scope in selected {
        for included in included_in(scope, catalogue) {
            covered
                .entry(included.to_owned())
                .or_insert_with(|| scope.clone());
        }
    }
    covered
}

/// The selected scopes that could be left out, because another selected scope contains them.
pub fn redundant(selected: &[String], catalogue: &[ScopeInfo]) -> Vec<String> {
    let covered = covered_by(selected, catalogue);
    distinct(selected.iter().map(String::as_str))
        .into_iter()
        .filter(|scope| covered.contains_key(scope))
        .collect()
}

/// How what was granted differs from what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeComparison {
    /// Asked for, neither granted nor contained in something granted.
    pub missing: Vec<String>,
    /// Granted, neither asked for nor contained in something asked for.
    pub extra: Vec<String>,
}

impl ScopeComparison {
    /// Nothing missing, nothing extra.
    pub fn is_exact(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty()
    }
}

/// Compares what was asked with what was granted (S13).
///
/// `resource_prefix` is taken off on both sides, [`SIGN_IN_SCOPES`] are left out of it.
pub fn compare(
    asked: &[String],
    granted: &[String],
    catalogue: &[ScopeInfo],
    resource_prefix: &str,
) -> ScopeComparison {
    let plain = |scopes: &[String]| {
        let scopes = scopes
            .iter()
            .map(|scope| without_prefix(scope, resource_prefix));
        distinct(scopes.filter(|scope| !SIGN_IN_SCOPES.contains(scope)))
    };
    let (asked, granted) = (plain(asked), plain(granted));
    ScopeComparison {
        missing: uncovered(&asked, &granted, catalogue),
        extra: uncovered(&granted, &asked, catalogue),
    }
}

/// The members of `scopes` that `by` does not contain.
fn uncovered(scopes: &[String], by: &[String], catalogue: &[ScopeInfo]) -> Vec<String> {
    let covered = covered_by(by, catalogue);
    scopes
        .iter()
        .filter(|scope| !by.contains(scope) && !covered.contains_key(*scope))
        .cloned()
        .collect()
}

/// The scopes below `scope`, nearest first. Ends even if the data goes round in a circle.
fn included_in<'a>(scope: &str, catalogue: &'a [ScopeInfo]) -> Vec<&'a str> {
    let includes = |value: &str| {
        let info = catalogue.iter().find(|info| info.value == value)?;
        info.includes.as_deref()
    };
    let mut found: Vec<&str> = Vec::new();
    let mut next = includes(scope);
    while let Some(value) = next.filter(|value| *value != scope && !found.contains(value)) {
        found.push(value);
        next = includes(value);
    }
    found
}

fn distinct<'a>(scopes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    scopes
        .filter(|scope| seen.insert(*scope))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::provider::Privilege;

    fn info(value: &str, includes: Option<&str>) -> ScopeInfo {
        ScopeInfo {
            value: value.to_owned(),
            category: "Code".to_owned(),
            label: value.to_owned(),
            description: String::new(),
            privilege: Privilege::Read,
            high_privilege: false,
            includes: includes.map(str::to_owned),
        }
    }

    fn catalogue() -> Vec<ScopeInfo> {
        vec![
            info("code", None),
            info("code_write", Some("code")),
            info("code_full", Some("code_write")),
            info("wiki", None),
        ]
    }

    fn list(scopes: &str) -> Vec<String> {
        parse(scopes)
    }

    #[test]
    fn a_wider_scope_covers_the_whole_chain_below() {
        let covered = covered_by(&list("code_full wiki"), &catalogue());
        let covered: Vec<_> = covered
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(
            covered,
            [("code", "code_full"), ("code_write", "code_full")]
        );
        assert_eq!(
            redundant(&list("code wiki code_full"), &catalogue()),
            ["code"]
        );
        assert!(redundant(&list("code wiki"), &catalogue()).is_empty());
    }

    #[test]
    fn s13_differences_ignore_prefix_order_and_sign_in() {
        let asked = list("res/code_write res/wiki openid offline_access");
        let granted = list("wiki code_write profile");
        assert!(compare(&asked, &granted, &catalogue(), "res/").is_exact());
    }

    #[test]
    fn s13_less_and_more_are_told_apart() {
        let difference = compare(
            &list("code_write wiki"),
            &list("code custom"),
            &catalogue(),
            "",
        );
        assert_eq!(difference.missing, ["code_write", "wiki"]);
        // `code` is inside what was asked for, so it is no surprise.
        assert_eq!(difference.extra, ["custom"]);
    }

    #[test]
    fn circular_data_ends() {
        let circle = [info("a", Some("b")), info("b", Some("a"))];
        assert_eq!(covered_by(&list("a"), &circle).len(), 1);
        assert_eq!(redundant(&list("a"), &circle), Vec::<String>::new());
    }

    #[test]
    fn typed_scopes_are_checked_against_the_grammar() {
        for good in [
            "vso.work",
            "https://graph.microsoft.com/.default",
            "a:b+c",
            "!",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check(""), Err(ScopeError::Empty));
        assert_eq!(check("a b"), Err(ScopeError::Space));
        assert_eq!(check("a\tb"), Err(ScopeError::Space));
        for bad in ['"', '\\', '\x7f', 'é', '\0'] {
            let scope = format!("a{bad}");
            assert_eq!(check(&scope), Err(ScopeError::Character(bad)));
        }
    }

    fn selection() -> impl Strategy<Value = Vec<String>> {
        let one = prop::sample::select(vec!["code", "code_write", "code_full", "wiki", "custom"]);
        prop::collection::vec(one.prop_map(str::to_owned), 0..8)
    }

    proptest! {
        #[test]
        fn parsing_what_was_joined_gives_the_same(scopes in selection()) {
            let once = effective(&[], &scopes);
            prop_assert_eq!(parse(&join(&once)), once);
        }

        #[test]
        fn leaving_out_the_redundant_loses_nothing(selected in selection()) {
            let extra = redundant(&selected, &catalogue());
            let kept: Vec<_> = selected.iter().filter(|s| !extra.contains(s)).cloned().collect();
            prop_assert!(compare(&selected, &kept, &catalogue(), "").is_exact());
            prop_assert!(redundant(&kept, &catalogue()).is_empty());
        }

        #[test]
        fn what_is_granted_as_asked_never_differs(asked in selection(), prefixed in any::<bool>()) {
            let prefix = if prefixed { "res/" } else { "" };
            let sent: Vec<_> = asked.iter().map(|scope| format!("{prefix}{scope}")).collect();
            prop_assert!(compare(&sent, &asked, &catalogue(), prefix).is_exact());
        }

        #[test]
        fn a_valid_scope_survives_the_parameter(scope in "[!-~]{1,30}") {
            if check(&scope).is_ok() {
                prop_assert_eq!(parse(&scope), vec![scope]);
            }
        }

        #[test]
        fn validation_never_panics(scope in ".*") {
            let _ = check(&scope);
        }
    }
}
