//! `/api-keys`: credentials of programs.

mod create;

use crate::{
    api::api_keys,
    components::{
        Button, ButtonKind, ButtonSize, DeleteDialog, Dialog, EmptyState, Icon, IconName, Load,
        PageHeader, RelativeTime, use_today,
    },
    text,
};
use create::CreateKey;
use leptos::prelude::*;
use model::api_key::ApiKey;

/// The list of keys, and making one in a dialog.
#[component]
pub fn ApiKeys() -> impl IntoView {
    let list = Resource::new(|| (), |()| api_keys::list());
    let creating = RwSignal::new(false);
    let deleting = RwSignal::new(None::<ApiKey>);
    let refetch = Callback::new(move |()| list.refetch());
    view! {
        <PageHeader
            title="API keys"
            text="Programs send one to read tokens, make calls or change the configuration."
        >
            <Button kind=ButtonKind::Primary on_press=move |()| creating.set(true)>
                <Icon name=IconName::Plus />
                "Create"
            </Button>
        </PageHeader>
        <Load from=list rows=3 let:keys>
            <Keys keys=keys creating=creating deleting=deleting />
        </Load>
        <Dialog
            id="create-key"
            open=creating
            title="Create an API key"
            on_close=move |()| creating.set(false)
        >
            <CreateKey on_created=refetch on_close=move |()| creating.set(false) />
        </Dialog>
        <DeleteDialog
            id="delete-key"
            deleting=deleting
            name=|key: &ApiKey| key.name.clone()
            delete=|key: ApiKey| api_keys::delete(key.id)
            on_deleted=refetch
        >
            <p>"Programs that use it are refused from this moment on. This cannot be undone."</p>
        </DeleteDialog>
    }
    .into_any()
}

#[component]
fn Keys(
    keys: Signal<Vec<ApiKey>>,
    creating: RwSignal<bool>,
    deleting: RwSignal<Option<ApiKey>>,
) -> impl IntoView {
    let is_empty = Memo::new(move |_| keys.read().is_empty());
    move || {
        if is_empty.get() {
            return view! {
                <EmptyState
                    icon=IconName::Terminal
                    title="No API key yet"
                    text="Give each program its own key with only what it needs; then one can be taken away without touching the others."
                >
                    <Button kind=ButtonKind::Primary on_press=move |()| creating.set(true)>
                        "Create API key"
                    </Button>
                </EmptyState>
            }
            .into_any();
        }
        view! {
            <table class="table table--cards" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Name"</th>
                        <th role="columnheader" scope="col">"Begins with"</th>
                        <th role="columnheader" scope="col">"May"</th>
                        <th role="columnheader" scope="col">"Last used"</th>
                        <th role="columnheader" scope="col">"Expires"</th>
                        <th role="columnheader" scope="col">
                            <span class="visually-hidden">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    // Nothing else of a key ever changes.
                    <For each=move || keys.get() key=|key| (key.id, key.last_used_at) let:key>
                        <Row key_info=key deleting=deleting />
                    </For>
                </tbody>
            </table>
        }
        .into_any()
    }
}

#[component]
fn Row(key_info: ApiKey, deleting: RwSignal<Option<ApiKey>>) -> impl IntoView {
    let today = use_today();
    let asked = key_info.clone();
    let name = key_info.name.clone();
    let created = format!(
        "Created by {} on {}",
        key_info.created_by,
        key_info.created_at.date_naive()
    );
    let expires = move || match key_info.expires_on {
        None => "Never".to_owned(),
        Some(on) => {
            let words = text::expiry(on, today.get());
            words.replacen("expires ", "", 1)
        }
    };
    view! {
        <tr role="row">
            <td role="cell" class="table__name">
                <strong>{key_info.name}</strong>
                <span class="muted table__second">{created}</span>
            </td>
            <td role="cell" data-label="Begins with">
                <code>{key_info.prefix} "…"</code>
            </td>
            <td role="cell" data-label="May">
                <ul class="chips">
                    {key_info
                        .scopes
                        .into_iter()
                        .map(|scope| {
                            view! {
                                <li class="chip" title=scope.description()>
                                    {scope.as_str()}
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </td>
            <td role="cell" data-label="Last used">
                {match key_info.last_used_at {
                    Some(at) => view! { <RelativeTime at=at /> }.into_any(),
                    None => view! { <span class="muted">"Never"</span> }.into_any(),
                }}
            </td>
            <td role="cell" data-label="Expires">
                {expires}
            </td>
            <td role="cell" class="table__actions">
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    on_press=move |()| deleting.set(Some(asked.clone()))
                >
                    "Delete"
                    <span class="visually-hidden">" " {name}</span>
                </Button>
            </td>
        </tr>
    }
    .into_any()
}
