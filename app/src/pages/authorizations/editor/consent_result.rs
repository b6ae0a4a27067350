//! How the last trip to the provider ended: what the draft holds and Save would store.

use super::{errors::use_show_field, form::element_id, state::EditorState};
use crate::{
    components::{Banner, Button, ButtonSize, CopyButton, Tone},
    text,
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;
use model::{
    account::{AccountComparison, AccountInfo},
    authorization::{Editor, FlowError, GrantInfo, ProviderErrorInfo},
};

/// The result; it stays until the draft is saved or discarded, and takes the focus on the return.
#[component]
pub fn ConsentResult() -> impl IntoView {
    let state = EditorState::expect();
    let node = NodeRef::<html::Div>::new();
    let query = use_query_map();
    let returned = query.with_untracked(|query| query.get_str("flow").is_some());
    Effect::new(move |_| {
        if returned && let Some(node) = node.get() {
            let _ = node.focus();
        }
    });
    let failure = Memo::new(move |_| {
        state
            .editor
            .with(|editor| editor.draft.as_ref()?.flow_error.clone())
    });
    let granted = Memo::new(move |_| state.editor.with(Granted::of));
    view! {
        <div class="editor__result" tabindex="-1" node_ref=node>
            {move || failure.get().map(|error| view! { <Failed error/> })}
            {move || granted.get().map(|granted| view! { <Succeeded granted/> })}
        </div>
    }
}

/// A consent that waits to be saved, and the account it would replace.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Granted {
    grant: GrantInfo,
    /// Another account, of which somebody said that it may go.
    replaces: Option<AccountInfo>,
    /// The provider did not say who signed in, now or then.
    unknown: bool,
    /// Nobody has said yet whose account to use.
    asked: bool,
}

impl Granted {
    fn of(editor: &Editor) -> Option<Self> {
        let draft = editor.draft.as_ref();
        let waits = draft.is_some_and(|draft| draft.has_grant);
        let grant = editor.grant.clone().filter(|_| waits)?;
        let stored = editor.saved.as_ref().and_then(|saved| saved.grant.as_ref());
        let before = stored.and_then(|stored| stored.account.as_ref());
        let comparison = AccountInfo::compare(before, grant.account.as_ref());
        let asked = draft.is_some_and(|draft| draft.account_question.is_some());
        Some(Self {
            replaces: before
                .filter(|_| comparison == AccountComparison::Other && !asked)
                .cloned(),
            unknown: stored.is_some() && comparison == AccountComparison::Unknown,
            asked,
            grant,
        })
    }
}

#[component]
fn Succeeded(granted: Granted) -> impl IntoView {
    let Granted {
        grant,
        replaces,
        unknown,
        asked,
    } = granted;
    let who = grant.account.as_ref().map_or_else(
        || "the account that signed in".to_owned(),
        |account| account.label().to_owned(),
    );
    let name = who.clone();
    let personal = grant
        .account
        .as_ref()
        .is_some_and(|account| account.personal);
    view! {
        <Banner tone=Tone::Success title="Authorized, not saved yet" live=true>
            <p>
                <strong>{name}</strong>
                {format!(
                    " consented, and {} came back. {}",
                    text::count(grant.granted_scopes.len(), "scope"),
                    if asked {
                        "Say which account to use, then save; until then nothing uses it."
                    } else {
                        "Save to store it; until then nothing uses it."
                    },
                )}
            </p>
        </Banner>
        {replaces
            .map(|before| {
                view! {
                    <Banner tone=Tone::Warning title="Another account than before">
                        <p>
                            "The stored consent is of "
                            <strong>{before.label().to_owned()}</strong>
                            ", the new one of "
                            <strong>{who}</strong>
                            ". Saving replaces it, and the integration then acts for the new account. Discard the draft if that was not meant."
                        </p>
                    </Banner>
                }
            })}
        {unknown
            .then(|| {
                view! {
                    <Banner title="Whether it is the same account is not known">
                        <p>
                            "The provider did not say who signed in, now or the last time. Saving replaces the stored consent."
                        </p>
                    </Banner>
                }
            })}
        {personal
            .then(|| {
                view! {
                    <Banner tone=Tone::Warning title="This looks like a person's own account">
                        <p>
                            "If it is deactivated, this authorization is cancelled and the integration stops working. A service account outlives people's jobs; authorize again with one if you can."
                        </p>
                    </Banner>
                }
            })}
        {(!grant.refreshable)
            .then(|| {
                view! {
                    <Banner tone=Tone::Warning title="The provider gave no refresh token">
                        <p>
                            "When the access token ends, somebody has to authorize again. Check the app registration and the scopes."
                        </p>
                    </Banner>
                }
            })}
    }
}

#[component]
fn Failed(error: FlowError) -> impl IntoView {
    let show = use_show_field();
    let FlowError {
        message,
        provider,
        field,
        admin_consent_url,
    } = error;
    view! {
        <Banner tone=Tone::Error title="The provider gave no consent" live=true>
            <p>{message}</p>
            {admin_consent_url.map(|url| view! { <AdminConsent url/> })}
            {provider.map(|said| view! { <ProviderSaid said/> })}
            {field
                .map(|field| {
                    let id = element_id(&field);
                    view! {
                        <Button size=ButtonSize::Small on_press=move |()| show.run(id.clone())>
                            "Go to the field"
                        </Button>
                    }
                })}
        </Banner>
    }
}

/// What to send to an administrator.
#[component]
fn AdminConsent(url: String) -> impl IntoView {
    view! {
        <p class="editor__admin">
            <a href=url.clone() target="_blank" rel="noopener noreferrer">
                "Open the admin consent page"
            </a>
            <CopyButton text=url what="link to the admin consent page"/>
        </p>
    }
}

/// The provider's own words, to look up or to quote to its support.
#[component]
pub fn ProviderSaid(
    /// What it said.
    said: ProviderErrorInfo,
) -> impl IntoView {
    view! {
        <dl class="editor__said">
            <div>
                <dt>"The provider said"</dt>
                <dd>
                    <code>{said.code}</code>
                    {(!said.message.is_empty()).then(|| format!(" {}", said.message))}
                </dd>
            </div>
            {said
                .correlation_id
                .map(|id| {
                    view! {
                        <div>
                            <dt>"Correlation id"</dt>
                            <dd>
                                <code>{id}</code>
                            </dd>
                        </div>
                    }
                })}
            <div>
                <dt>"When"</dt>
                <dd>{text::utc(said.at)}</dd>
            </div>
        </dl>
    }
}
