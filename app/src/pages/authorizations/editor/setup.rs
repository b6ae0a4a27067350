//! How to get what the Settings tab asks for.

use super::state::EditorState;
use crate::components::{Icon, IconName};
use leptos::prelude::*;
use model::provider::SetupStep;

/// The provider's steps, numbered; open for a new authorization.
#[component]
pub fn Setup() -> impl IntoView {
    let state = EditorState::expect();
    let provider = state.provider();
    let new = state.editor.with_untracked(|editor| editor.saved.is_none());
    let steps = provider.setup_steps.clone();
    (!steps.is_empty()).then(|| {
        view! {
            <details class="editor__setup" open=new>
                <summary>"How to get these"</summary>
                <ol>
                    {steps
                        .into_iter()
                        .map(|step| view! { <li><Step step/></li> })
                        .collect_view()}
                </ol>
                {provider
                    .docs_url
                    .clone()
                    .map(|url| {
                        view! {
                            <p>
                                <Elsewhere url text="The provider's own documentation".to_owned()/>
                            </p>
                        }
                    })}
            </details>
        }
    })
}

#[component]
fn Step(step: SetupStep) -> impl IntoView {
    view! {
        {step.text}
        {step
            .link
            .map(|url| {
                let text = host(&url);
                view! {
                    " "
                    <Elsewhere url text/>
                }
            })}
    }
}

/// A link to another site, in a new tab: the form stays open beside it.
#[component]
fn Elsewhere(url: String, text: String) -> impl IntoView {
    view! {
        <a href=url target="_blank" rel="noopener">
            {text}
            <Icon name=IconName::External/>
            <span class="visually-hidden">" (opens in a new tab)"</span>
        </a>
    }
}

/// The host that a link leads to.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn links_name_their_host() {
        assert_eq!(
            host("https://entra.microsoft.com/#view"),
            "entra.microsoft.com"
        );
        assert_eq!(host("https://learn.microsoft.com"), "learn.microsoft.com");
    }
}
