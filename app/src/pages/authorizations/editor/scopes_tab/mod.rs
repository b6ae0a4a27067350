//! The Scopes tab: the provider's catalogue, scopes typed in, and what will be asked for.

mod catalogue;
mod custom;
mod summary;

use super::state::EditorState;
use catalogue::Catalogue;
use custom::CustomScope;
use leptos::prelude::*;
use model::provider::{Privilege, ScopeInfo};
use summary::Summary;

/// Choosing what the integration may do.
#[component]
pub fn ScopesTab() -> impl IntoView {
    let provider = EditorState::expect().provider();
    let has_catalogue = !provider.scopes.is_empty();
    view! {
        <div class="scopes">
            <div class="scopes__choice">
                <p class="editor__advice">
                    "Choose as little as the integration needs. Whoever has the token can do all of this, and only this, in the name of the account that signs in."
                </p>
                {has_catalogue.then(|| view! { <Catalogue/> })}
                <CustomScope has_catalogue/>
            </div>
            <Summary/>
        </div>
    }
}

/// The level of a scope in a word or two.
const fn privilege_text(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Read => "Read",
        Privilege::Write => "Read and write",
        Privilege::Execute => "Run",
        Privilege::Manage => "Manage",
        Privilege::Full => "Full control",
    }
}

/// The same as a value for the style sheet.
const fn privilege_slug(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Read => "read",
        Privilege::Write => "write",
        Privilege::Execute => "execute",
        Privilege::Manage => "manage",
        Privilege::Full => "full",
    }
}

/// The same in two words, for a list in which it would be repeated: the whole warning stands beside
/// what was chosen.
fn caution(info: &ScopeInfo) -> Option<&'static str> {
    match warning(&info.value, Some(info)) {
        Some(_) if info.value != "user_impersonation" => Some("High privilege"),
        other => other,
    }
}

/// What to think about before choosing a scope; `None` when there is nothing special about it.
fn warning(scope: &str, info: Option<&ScopeInfo>) -> Option<&'static str> {
    if scope.rsplit('/').next() == Some("user_impersonation") {
        Some(
            "With it the integration may do everything the account may do. Choose scopes of single areas if they are enough.",
        )
    } else if info.is_some_and(|info| info.high_privilege) {
        Some(
            "High privilege: a leaked token could do real damage. Choose a smaller one if it is enough.",
        )
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impersonation_is_warned_of_whatever_its_prefix() {
        assert!(warning("user_impersonation", None).is_some());
        assert!(warning("https://management.azure.com/user_impersonation", None).is_some());
        assert!(warning("vso.work", None).is_none());
    }
}
