//! What a consent brought: who, when, and what was granted of what was asked for (S13).

use super::{consent_result::ProviderSaid, state::EditorState};
use crate::{
    components::{Banner, RelativeTime, Tone},
    text,
};
use leptos::prelude::*;
use model::{
    authorization::GrantInfo,
    provider::ProviderInfo,
    scopes::{self, SIGN_IN_SCOPES},
    status::Status,
};
use std::sync::Arc;

/// The consent that is shown, if there is one, with what deserves a look.
#[component]
pub fn GrantDetails() -> impl IntoView {
    let state = EditorState::expect();
    let provider = StoredValue::new(state.provider());
    let grant = Memo::new(move |_| {
        state.editor.with(|editor| {
            let over = matches!(editor.state, Status::Never | Status::Consenting);
            let grant = editor.grant.clone().filter(|_| !over)?;
            // Nothing of what is shown here changes with a refresh: what is unfolded stays so.
            Some(GrantInfo {
                expires_at: None,
                refreshed_at: None,
                ..grant
            })
        })
    });
    // Scopes chosen since the consent: the token does not have them until somebody consents again.
    let not_asked = Memo::new(move |_| {
        let grant = grant.read();
        let Some(grant) = grant.as_ref() else {
            return Vec::new();
        };
        provider.with_value(|provider| {
            let chosen = state.chosen_scopes();
            let asked = &grant.asked_scopes;
            scopes::compare(
                &chosen.read(),
                asked,
                &provider.scopes,
                &provider.resource_prefix,
            )
            .missing
        })
    });
    view! {
        {move || {
            let missing = not_asked.get();
            (!missing.is_empty())
                .then(|| {
                    view! {
                        <Banner tone=Tone::Info title="Scopes were added since the consent">
                            <p>
                                <Codes scopes=missing/>
                                " will be in the token after somebody re-authorizes."
                            </p>
                        </Banner>
                    }
                })
        }}
        {move || {
            grant.get().map(|grant| view! { <Details grant provider=provider.get_value()/> })
        }}
    }
}

#[component]
fn Details(grant: GrantInfo, provider: Arc<ProviderInfo>) -> impl IntoView {
    let summary = format!(
        "Granted: {}",
        text::count(grant.granted_scopes.len(), "scope")
    );
    let rows: Vec<_> = grant
        .granted_scopes
        .iter()
        .map(|scope| (scope.clone(), in_words(scope, &provider)))
        .collect();
    view! {
        <Differences missing=grant.missing_scopes extra=grant.extra_scopes/>
        {grant
            .warning
            .map(|warning| {
                view! {
                    <Banner tone=Tone::Warning title="The token was tried">
                        <p>{warning}</p>
                    </Banner>
                }
            })}
        {grant
            .last_error
            .map(|said| {
                view! {
                    <Banner tone=Tone::Warning title="The last refresh failed">
                        <ProviderSaid said/>
                    </Banner>
                }
            })}
        <details class="editor__granted">
            <summary>{summary}</summary>
            <p>"Authorized " <RelativeTime at=grant.authorized_at/> "."</p>
            <ul>
                {rows
                    .into_iter()
                    .map(|(scope, words)| {
                        view! {
                            <li>
                                <code>{scope}</code>
                                {words.map(|words| view! { <span>{words}</span> })}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </details>
    }
}

/// Granted is not what was asked for.
#[component]
fn Differences(missing: Vec<String>, extra: Vec<String>) -> impl IntoView {
    let differs = !missing.is_empty() || !extra.is_empty();
    differs.then(|| {
        view! {
            <Banner tone=Tone::Warning title="Granted is not what was asked for">
                {(!missing.is_empty())
                    .then(|| {
                        view! {
                            <p>
                                "Missing: "
                                <Codes scopes=missing/>
                                ". Calls that need them will be refused; add the permissions to the app registration, or approve them on the consent screen, and authorize again."
                            </p>
                        }
                    })}
                {(!extra.is_empty())
                    .then(|| {
                        view! {
                            <p>
                                "Granted besides: "
                                <Codes scopes=extra/>
                                ". The token can do more than was asked for."
                            </p>
                        }
                    })}
            </Banner>
        }
    })
}

/// Scopes in a row.
#[component]
fn Codes(scopes: Vec<String>) -> impl IntoView {
    let last = scopes.len().saturating_sub(1);
    scopes
        .into_iter()
        .enumerate()
        .map(|(at, scope)| {
            let comma = (at < last).then_some(", ");
            view! { <code>{scope}</code>{comma} }
        })
        .collect_view()
}

/// What a granted scope allows, as the catalogue puts it.
fn in_words(scope: &str, provider: &ProviderInfo) -> Option<String> {
    let plain = scopes::without_prefix(scope, &provider.resource_prefix);
    if SIGN_IN_SCOPES.contains(&plain) {
        return Some("for the sign-in and for refreshing the token".to_owned());
    }
    let info = provider.scopes.iter().find(|info| info.value == plain)?;
    Some(format!("{}. {}", info.label, info.description))
}
