//! Scopes that are typed in because the catalogue does not have them.

use super::catalogue::choose;
use crate::{
    components::{Button, Field, Icon, IconName, InputKind, TextInput},
    pages::authorizations::editor::{form::element_id, state::EditorState},
};
use leptos::prelude::*;
use model::scopes;

/// The scopes in a piece of text, or why one of them is refused.
fn typed(text: &str) -> Result<Vec<String>, String> {
    let list = scopes::parse(text);
    if list.is_empty() {
        return Err(scopes::check("")
            .map_err(String::from)
            .err()
            .unwrap_or_default());
    }
    for scope in &list {
        scopes::check(scope).map_err(|error| format!("{scope}: {error}"))?;
    }
    Ok(list)
}

/// One line to add scopes by their codes.
#[component]
pub fn CustomScope(
    /// There are scopes to choose from above.
    has_catalogue: bool,
) -> impl IntoView {
    let state = EditorState::expect();
    let text = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<String>);
    let error = move || refused.get().or_else(|| state.error_of("scopes"));
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // A guard in the `match` would be held over its arms, which write what it reads.
        let typed = typed(&text.read_untracked());
        match typed {
            Ok(list) => {
                for scope in &list {
                    choose(state, scope, true);
                }
                text.set(String::new());
                refused.set(None);
            }
            Err(message) => refused.set(Some(message)),
        }
    };
    let help = if has_catalogue {
        "For a scope that is not listed. Several may be separated by spaces."
    } else {
        "As the provider documents them. Several may be separated by spaces."
    };
    view! {
        <form class="scopes__custom" on:submit=add novalidate>
            <Field
                id=element_id("scopes")
                label="Custom scope"
                help
                error=Signal::derive(error)
            >
                <TextInput
                    kind=InputKind::Code
                    value=text
                    on_input=move |typed| {
                        text.set(typed);
                        refused.set(None);
                    }
                />
            </Field>
            <Button submit=true>
                <Icon name=IconName::Plus/>
                "Add"
            </Button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn several_scopes_may_be_pasted_at_once() {
        assert_eq!(
            typed("  vso.work\n vso.code vso.work "),
            Ok(vec!["vso.work".to_owned(), "vso.code".to_owned()])
        );
    }

    #[test]
    fn a_refused_scope_is_named() {
        assert!(
            typed("vso.work \"quoted\"")
                .unwrap_err()
                .starts_with("\"quoted\":")
        );
        assert!(!typed("  ").unwrap_err().is_empty());
    }
}
