//! The editor of one authorization: `/authorizations/{id}/{settings|connectors|scopes}`.
//!
//! One form over three tabs. [`form`] holds the values and what can be said of them without a
//! browser, [`state`] what a visit knows, [`actions`] what it has the server do. The rest is what
//! is shown: a tab a module, a dialog a module. A new tab is a variant of [`form::Tab`], a module
//! here and a line in [`TabContent`]; a new field of the form starts in [`form::Form`].

#![expect(
    clippy::large_types_passed_by_value,
    reason = "the state is a bundle of arena handles, copied into closures as signals are"
)]

mod account_question;
mod action_bar;
mod actions;
mod authorize_dialog;
mod checks;
mod client_secrets;
mod conflict_dialog;
mod connector_dialog;
mod connectors_tab;
mod consent_result;
mod doing;
mod errors;
mod following;
mod form;
mod grant_details;
mod guard;
mod health;
mod keeping;
mod leave_dialogs;
mod notices;
mod refresh_now;
mod revocation_result;
mod scopes_tab;
mod settings_tab;
mod setup;
mod state;

use crate::{
    api::{
        UiError,
        editor::{EditorPage, load_editor},
    },
    components::{
        Failure, PageHeader, ProviderIcon, Skeleton, TabItem, TabPanel, Tabs, use_publish,
        use_toasts,
    },
    links,
};
use account_question::{AccountDialog, AccountNotice};
use action_bar::ActionBar;
use actions::Actions;
use authorize_dialog::AuthorizeDialog;
use conflict_dialog::ConflictDialog;
use connector_dialog::ConnectorDialog;
use connectors_tab::ConnectorsTab;
use consent_result::ConsentResult;
use errors::Errors;
use form::{FormStoreFields as _, Tab};
use grant_details::GrantDetails;
use health::HealthSection;
use leave_dialogs::{DeauthorizeDialog, DiscardDialog, LeaveDialog};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};
use model::{AuthorizationId, problem::Code};
use notices::Notices;
use revocation_result::RevocationResult;
use scopes_tab::ScopesTab;
use settings_tab::SettingsTab;
use state::EditorState;

/// Prefix of the ids of tabs and panel.
const TABS: &str = "editor";

/// The page: loads what the address names.
#[component]
pub fn Editor() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| {
        params
            .read()
            .get_str("id")
            .and_then(|id| id.parse::<AuthorizationId>().ok())
    });
    let tab = Memo::new(move |_| Tab::from_slug(params.read().get_str("tab").unwrap_or_default()));
    let page = Resource::new_blocking(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => load_editor(id).await,
                None => Err(UiError::new(
                    Code::NotFound,
                    "There is no authorization at this address.",
                )),
            }
        },
    );
    view! {
        <Suspense fallback=|| view! { <Skeleton rows=6/> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <Workbench page tab/> }.into_any(),
                    Err(error) => {
                        view! {
                            <PageHeader title="Authorization" back=(links::HOME, "Authorizations")/>
                            <Failure error on_retry=move |()| page.refetch()/>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
}

/// The form of what was loaded.
#[component]
fn Workbench(page: EditorPage, tab: Memo<Tab>) -> impl IntoView {
    let state = EditorState::new(page, tab);
    let navigate = use_navigate();
    let (toasts, publish) = (use_toasts(), use_publish());
    let actions = Actions::new(
        state,
        Callback::new(move |to: String| navigate(&to, leptos_router::NavigateOptions::default())),
        Callback::new(move |what: &'static str| {
            toasts.success(what);
            publish.refetch();
        }),
    );
    provide_context(state);
    provide_context(actions);
    keeping::keep_edits(state, actions);
    guard::guard(state);
    following::follow(state);

    let provider = state.provider();
    let title = Signal::derive(move || {
        let name = state.form.name().get();
        match name.trim() {
            "" => "New authorization".to_owned(),
            name => name.to_owned(),
        }
    });
    let current = Signal::derive(move || tab.get().slug().to_owned());
    view! {
        <div class="editor">
            <PageHeader title back=(links::HOME, "Authorizations")>
                <p class="editor__provider">
                    <ProviderIcon icon=provider.icon.clone()/>
                    {provider.name.clone()}
                </p>
            </PageHeader>
            <Notices/>
            <AccountNotice/>
            <ConsentResult/>
            <RevocationResult/>
            <Errors/>
            <GrantDetails/>
            <Tabs id=TABS label="Parts of the authorization" items=tab_items(state) current/>
            <TabPanel id=TABS current>
                <TabContent/>
            </TabPanel>
            <HealthSection/>
            <ActionBar/>
            <AccountDialog/>
            <AuthorizeDialog/>
            <DeauthorizeDialog/>
            <DiscardDialog/>
            <LeaveDialog/>
            <ConflictDialog/>
            <ConnectorDialog/>
        </div>
    }
}

/// All three tabs are in the page and two of them hidden: what was typed, searched or scrolled
/// stays as it was, and an error can be led to wherever it is.
#[component]
fn TabContent() -> impl IntoView {
    let state = EditorState::expect();
    let hidden = move |tab| move || state.tab.get() != tab;
    view! {
        <div hidden=hidden(Tab::Settings)>
            <SettingsTab/>
        </div>
        <div hidden=hidden(Tab::Connectors)>
            <ConnectorsTab/>
        </div>
        <div hidden=hidden(Tab::Scopes)>
            <ScopesTab/>
        </div>
    }
}

fn tab_items(state: EditorState) -> Signal<Vec<TabItem>> {
    Signal::derive(move || {
        Tab::ALL
            .into_iter()
            .map(|tab| TabItem {
                key: tab.slug(),
                label: tab.label(),
                href: links::editor(state.id, tab.slug()),
                count: match tab {
                    Tab::Settings => None,
                    Tab::Connectors => Some(state.chosen_connectors().with(Vec::len)),
                    Tab::Scopes => Some(state.chosen_scopes().with(Vec::len)),
                },
                invalid: state.error_count(tab) > 0,
            })
            .collect()
    })
}
