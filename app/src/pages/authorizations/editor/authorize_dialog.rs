//! What a person should know before the browser leaves for the provider.

use super::{
    actions::Actions,
    form::FormStoreFields as _,
    state::{Asking, EditorState, Work},
};
use crate::{
    components::{Button, ButtonKind, Dialog, Icon, IconName},
    text,
};
use leptos::prelude::*;
use model::{
    provider::{FieldKind, ProviderInfo},
    settings::Settings,
    validate,
};

/// The dialog before consent.
#[component]
pub fn AuthorizeDialog() -> impl IntoView {
    let state = EditorState::expect();
    let open = Signal::derive(move || state.asking.read().as_ref() == Some(&Asking::Authorize));
    let close = Callback::new(move |()| state.asking.set(None));
    let title = Signal::derive(move || {
        if state.was_authorized() {
            "Before you re-authorize"
        } else {
            "Before you authorize"
        }
        .to_owned()
    });
    view! {
        <Dialog id="authorize" open title on_close=close>
            <Advice close/>
        </Dialog>
    }
}

#[component]
fn Advice(close: Callback<()>) -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let provider = state.provider();
    let host = state
        .form
        .settings()
        .with_untracked(|settings| sign_in_host(&provider, settings));
    let go = match &host {
        Some(host) => format!("Continue to {host}"),
        None => format!("Continue to {}", provider.name),
    };
    let scopes = state.chosen_scopes().with_untracked(Vec::len);
    let busy = Signal::derive(move || state.busy.get() == Some(Work::Leaving));
    view! {
        <div class="dialog__text editor__advice-list">
            <p class="editor__risk">
                <Icon name=IconName::Warning/>
                <span>
                    <strong>"Sign in with a service account, not with your own. "</strong>
                    "The authorization lives as long as the account that signs in: if that account is deactivated, the authorization is cancelled and the integration stops working."
                </span>
            </p>
            <ol>
                <li>
                    "You leave for "
                    <strong>{host.unwrap_or_else(|| provider.name.clone())}</strong>
                    " in this tab. Your edits are kept as a draft."
                </li>
                <li>
                    "Sign in, and approve the consent screen if it lists what you chose: "
                    {text::count(scopes, "scope")}
                    "."
                </li>
                <li>"You come back here, see what was granted, and save."</li>
            </ol>
        </div>
        <div class="dialog__actions">
            <Button on_press=close>"Cancel"</Button>
            <Button kind=ButtonKind::Primary busy on_press=move |()| actions.authorize()>
                {go}
                <Icon name=IconName::ChevronRight/>
            </Button>
        </div>
    }
}

/// The host where the person signs in: the provider's, or the one of the login URL typed in, which
/// is the first address that a generic provider asks for.
fn sign_in_host(provider: &ProviderInfo, settings: &Settings) -> Option<String> {
    if provider.sign_in_host.is_some() {
        return provider.sign_in_host.clone();
    }
    let field = provider
        .fields
        .iter()
        .find(|field| field.kind == FieldKind::Url)?;
    let url = validate::absolute_url(&field.label, settings.get(&field.key)?).ok()?;
    url.host_str().map(str::to_owned)
}
