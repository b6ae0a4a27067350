//! `/connectors?edit=`: what uses authorizations. `edit` is a connector's id, or `new`.

mod form;

pub(super) use form::ConnectorForm;

use crate::{
    api::connectors,
    components::{
        Banner, Button, ButtonKind, ButtonLink, ButtonSize, DeleteDialog, Dialog, EmptyState, Icon,
        IconName, Load, PageHeader, PublishBanner, Rows, use_publish, use_toasts,
    },
    links, text,
};
use leptos::prelude::*;
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
    let read_again = Callback::new(move |()| list.refetch());
    let changed = Callback::new(move |()| {
        list.refetch();
        publish.refetch();
    });
    let deleting = RwSignal::new(None::<Connector>);
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
        <Load from=list rows=3 let:items>
            <Table items=items deleting=deleting />
            <Editing items=items on_close=read_again on_change=changed />
        </Load>
        <DeleteDialog
            id="delete-connector"
            deleting=deleting
            name=|connector: &Connector| connector.name.clone()
            delete=|connector: Connector| connectors::delete(connector.id)
            on_deleted=changed
        >
            <p>{move || deleting.read().as_ref().map(consequence)}</p>
        </DeleteDialog>
    }
    .into_any()
}

/// What deleting it would do.
fn consequence(connector: &Connector) -> String {
    let users = match connector.used_by.len() {
        0 => return "No authorization uses it. This cannot be undone.".to_owned(),
        1 => "One authorization uses".to_owned(),
        number => format!("{} use", text::count(number, "authorization")),
    };
    format!("{users} it. Take it off there first: a connector in use cannot be deleted.")
}

#[component]
fn Table(items: Signal<Vec<Connector>>, deleting: RwSignal<Option<Connector>>) -> impl IntoView {
    let is_empty = Memo::new(move |_| items.read().is_empty());
    move || {
        if is_empty.get() {
            return view! {
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
            .into_any();
        }
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
                    <Rows of=items id=|connector: &Connector| connector.id let:connector>
                        <Row connector=connector deleting=deleting />
                    </Rows>
                </tbody>
            </table>
        }
        .into_any()
    }
}

#[component]
fn Row(connector: Memo<Connector>, deleting: RwSignal<Option<Connector>>) -> impl IntoView {
    let name = move || connector.get().name;
    let base_url = move || {
        let ConnectorConfig::AdvancedRestApi(config) = connector.get().config;
        config.base_url
    };
    let id = connector.read_untracked().id;
    view! {
        <tr role="row">
            <td role="cell" class="table__name">
                <a href=format!("/connectors?edit={id}") data-noscroll="true">
                    {name}
                </a>
            </td>
            <td role="cell" data-label="Type">
                {move || connector.read().config.type_name()}
            </td>
            <td role="cell" data-label="Base URL">
                <code class="table__code">{base_url}</code>
            </td>
            <td role="cell" data-label="Used by">
                <UsedBy connector=connector />
            </td>
            <td role="cell" class="table__actions">
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    on_press=move |()| deleting.set(Some(connector.get_untracked()))
                >
                    "Delete"
                    <span class="visually-hidden">" " {name}</span>
                </Button>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn UsedBy(connector: Memo<Connector>) -> impl IntoView {
    let users = Memo::new(move |_| connector.get().used_by);
    move || {
        if users.read().is_empty() {
            return view! { <span class="muted">"Not used yet"</span> }.into_any();
        }
        view! {
            <ul class="inline-list">
                {users
                    .get()
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
    }
}

/// What the address asks to edit.
#[derive(Clone, PartialEq)]
enum Editing {
    New,
    Existing(Box<Connector>),
    Gone,
}

#[component]
fn Editing(
    items: Signal<Vec<Connector>>,
    on_close: Callback<()>,
    on_change: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let query = use_query_map();
    let navigate = use_navigate();
    let editing = Memo::new(move |_| {
        let wanted = query.read().get("edit")?;
        if wanted == "new" {
            return Some(Editing::New);
        }
        let items = items.read();
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
        // Somebody else may have changed it: the form begins with what is stored now.
        on_close.run(());
    });
    let saved = Callback::new(move |connector: Connector| {
        toasts.success(format!("Saved {}", connector.name));
        on_change.run(());
    });
    let form = move |connector: Option<Connector>| {
        view! { <ConnectorForm connector=connector verb="Save" on_saved=saved on_close=close /> }
    };
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
                Some(Editing::New) => form(None).into_any(),
                Some(Editing::Existing(connector)) => form(Some(*connector)).into_any(),
                None => ().into_any(),
            }}
        </Dialog>
    }
    .into_any()
}
