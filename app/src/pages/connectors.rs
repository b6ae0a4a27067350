//! `/connectors?edit=`: what uses authorizations. `edit` is a connector's id, or `new`.

mod form;

use crate::{
    api::connectors,
    components::{
        Banner, Button, ButtonKind, ButtonLink, ButtonSize, ConfirmDialog, Dialog, EmptyState,
        Failure, Icon, IconName, PageHeader, PublishBanner, Skeleton, use_publish, use_toasts,
    },
    links, text,
};
use form::ConnectorForm;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use model::connector::{Connector, ConnectorConfig};

/// The list of connectors, and the form in a dialog.
#[component]
pub fn Connectors() -> impl IntoView {
    let list = Resource::new(|| (), |()| connectors::list());
    let publish = use_publish();
    let changed = Callback::new(move |()| {
        list.refetch();
        publish.refetch();
    });
    view! {
        <PageHeader
            title="Connectors"
            text="What calls an API with an authorization's token."
        >
            <ButtonLink href="/connectors?edit=new" kind=ButtonKind::Primary>
                <Icon name=IconName::Plus />
                "Add"
            </ButtonLink>
        </PageHeader>
        <PublishBanner />
        <Transition fallback=|| view! { <Skeleton rows=3 /> }>
            {move || {
                list.get()
                    .map(|list_result| match list_result {
                        Ok(items) => {
                            view! { <Loaded items=items on_change=changed /> }.into_any()
                        }
                        Err(error) => {
                            view! { <Failure error=error on_retry=move |()| list.refetch() /> }.into_any()
                        }
                    })
            }}
        </Transition>
    }
    .into_any()
}

#[component]
fn Loaded(items: Vec<Connector>, on_change: Callback<()>) -> impl IntoView {
    let deleting = RwSignal::new(None::<Connector>);
    let items = StoredValue::new(items);
    let list = if items.read_value().is_empty() {
        view! {
            <EmptyState
                icon=IconName::Plug
                title="No connector yet"
                text="An Advanced REST API connector knows an API's address. Give it to an authorization, and calls through it carry a fresh token."
            >
                <ButtonLink href="/connectors?edit=new" kind=ButtonKind::Primary>
                    <Icon name=IconName::Plus />
                    "Add connector"
                </ButtonLink>
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <table class="table table--cards" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Name"</th>
                        <th role="columnheader" scope="col">"Type"</th>
                        <th role="columnheader" scope="col">"Base URL"</th>
                        <th role="columnheader" scope="col">"Used by"</th>
                        <th role="columnheader" scope="col">
                            <span class="visually-hidden">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {items
                        .get_value()
                        .into_iter()
                        .map(|connector| view! { <Row connector=connector deleting=deleting /> })
                        .collect_view()}
                </tbody>
            </table>
        }
        .into_any()
    };
    view! {
        {list}
        <Editing items=items on_change=on_change />
        <Delete deleting=deleting on_change=on_change />
    }
    .into_any()
}

#[component]
fn Row(connector: Connector, deleting: RwSignal<Option<Connector>>) -> impl IntoView {
    let ConnectorConfig::AdvancedRestApi(config) = connector.config.clone();
    let name = connector.name.clone();
    let kind = connector.config.type_name();
    let edit = format!("/connectors?edit={}", connector.id);
    let used_by = connector.used_by.clone();
    let named = |name: &str| view! { <span class="visually-hidden">" " {name.to_owned()}</span> };
    view! {
        <tr role="row">
            <td role="cell" class="table__name">
                <a href=edit data-noscroll="true">
                    {name.clone()}
                </a>
            </td>
            <td role="cell" data-label="Type">
                {kind}
            </td>
            <td role="cell" data-label="Base URL">
                <code class="table__code">{config.base_url}</code>
            </td>
            <td role="cell" data-label="Used by">
                {if used_by.is_empty() {
                    view! { <span class="muted">"Not used yet"</span> }.into_any()
                } else {
                    view! {
                        <ul class="inline-list">
                            {used_by
                                .into_iter()
                                .map(|user| {
                                    view! {
                                        <li>
                                            <a href=links::editor(user.id, "connectors")>{user.name}</a>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }}
            </td>
            <td role="cell" class="table__actions">
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    on_press=move |()| deleting.set(Some(connector.clone()))
                >
                    "Delete"
                    {named(&name)}
                </Button>
            </td>
        </tr>
    }
    .into_any()
}

/// What the address asks to edit.
#[derive(Clone, PartialEq)]
enum Editing {
    New,
    Existing(Box<Connector>),
    Gone,
}

#[component]
fn Editing(items: StoredValue<Vec<Connector>>, on_change: Callback<()>) -> impl IntoView {
    let query = use_query_map();
    let navigate = use_navigate();
    let editing = Memo::new(move |_| {
        let wanted = query.read().get("edit")?;
        if wanted == "new" {
            return Some(Editing::New);
        }
        let items = items.read_value();
        let found = items.iter().find(|item| item.id.to_string() == wanted);
        Some(found.map_or(Editing::Gone, |found| {
            Editing::Existing(Box::new(found.clone()))
        }))
    });
    let close = Callback::new(move |()| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate("/connectors", options);
    });
    let title = move || match editing.get() {
        Some(Editing::Existing(connector)) => format!("Edit {}", connector.name),
        Some(Editing::Gone) => "This connector is gone".to_owned(),
        _ => "New connector".to_owned(),
    };
    view! {
        <Dialog
            id="connector-dialog"
            open=Signal::derive(move || editing.read().is_some())
            title=Signal::derive(title)
            on_close=close
        >
            {move || match editing.get() {
                Some(Editing::Gone) => {
                    view! {
                        <Banner>
                            <p>"Somebody deleted it. What the run time serves changes with the next publish."</p>
                        </Banner>
                    }
                        .into_any()
                }
                Some(Editing::New) => {
                    view! { <ConnectorForm on_saved=on_change on_close=close /> }.into_any()
                }
                Some(Editing::Existing(connector)) => {
                    view! { <ConnectorForm connector=*connector on_saved=on_change on_close=close /> }
                        .into_any()
                }
                None => ().into_any(),
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn Delete(deleting: RwSignal<Option<Connector>>, on_change: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let title = move || {
        let name = deleting.get().map(|connector| connector.name);
        format!("Delete {}?", name.unwrap_or_default())
    };
    let consequence = move || {
        deleting
            .get()
            .map(|connector| match connector.used_by.len() {
                0 => "No authorization uses it. This cannot be undone.".to_owned(),
                number => format!(
                    "{} it. Take it off there first: a connector in use cannot be deleted.",
                    match number {
                        1 => "One authorization uses".to_owned(),
                        _ => format!("{} use", text::count(number, "authorization")),
                    }
                ),
            })
    };
    let delete = move |()| {
        let Some(connector) = deleting.get_untracked() else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let deleted = connectors::delete(connector.id).await;
            let _ = busy.try_set(false);
            let _ = deleting.try_set(None);
            match deleted {
                Ok(_) => {
                    toasts.success(format!("Deleted {}", connector.name));
                    on_change.try_run(());
                }
                Err(error) => toasts.error(format!("{} was not deleted", connector.name), &error),
            }
        });
    };
    view! {
        <ConfirmDialog
            id="delete-connector"
            open=Signal::derive(move || deleting.read().is_some())
            title=Signal::derive(title)
            confirm="Delete"
            danger=true
            busy=busy
            on_confirm=delete
            on_close=move |()| deleting.set(None)
        >
            <p>{consequence}</p>
        </ConfirmDialog>
    }
    .into_any()
}
