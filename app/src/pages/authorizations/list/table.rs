//! The rows: a table on wide screens, cards on narrow ones.

use super::{connectors, health::HealthCell};
use crate::{
    api::authorizations,
    components::{
        Button, ButtonKind, ButtonSize, ConfirmDialog, Icon, IconName, ProviderIcon, Rows,
        StatusBadge, Toast, use_publish, use_toasts, use_today,
    },
    links, text,
};
use chrono::NaiveDate;
use leptos::{prelude::*, task::spawn_local};
use model::{AuthorizationId, authorization::AuthorizationRow};

/// Secrets that last longer than this many days are not mentioned.
const MENTIONED: i64 = 60;

/// The table. Roles are spelled out because narrow screens lay it out as blocks, which makes
/// browsers forget that it is one.
#[component]
pub(super) fn Table(
    rows: RwSignal<Vec<AuthorizationRow>>,
    on_change: Callback<()>,
) -> impl IntoView {
    let asking = RwSignal::new(None::<AuthorizationRow>);
    view! {
        <table class="table table--cards table--authorizations" role="table">
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">"Provider"</th>
                    <th role="columnheader" scope="col">"Name"</th>
                    <th role="columnheader" scope="col">"Authorized status"</th>
                    <th role="columnheader" scope="col">"Health"</th>
                    <th role="columnheader" scope="col">"Connectors"</th>
                    <th role="columnheader" scope="col">"Published"</th>
                    <th role="columnheader" scope="col">
                        <span class="visually-hidden">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                <Rows of=rows id=|row: &AuthorizationRow| row.id let:row>
                    <Row row=row asking=asking on_change=on_change />
                </Rows>
            </tbody>
        </table>
        <Deactivate asking=asking on_change=on_change />
    }
    .into_any()
}

#[component]
fn Row(
    row: Memo<AuthorizationRow>,
    asking: RwSignal<Option<AuthorizationRow>>,
    on_change: Callback<()>,
) -> impl IntoView {
    let id = row.read_untracked().id;
    let secret = Memo::new(move |_| row.read().secret_expires_on);
    view! {
        <tr role="row" data-status=move || format!("{:?}", row.read().state.label())>
            <td role="cell" class="table__provider">
                {
                    let row = row.get_untracked();
                    view! {
                        <ProviderIcon icon=row.icon />
                        <span>{row.provider_name}</span>
                    }
                }
            </td>
            <td role="cell" class="table__name">
                <a href=links::editor(id, "settings")>{move || row.get().name}</a>
            </td>
            <td role="cell" data-label="Status">
                <StatusBadge
                    state=Signal::derive(move || row.read().state)
                    account=Signal::derive(move || row.get().account)
                />
                {move || secret.get().map(|on| view! { <SecretHint on=on /> })}
            </td>
            <td role="cell" data-label="Health">
                <HealthCell row=row />
            </td>
            <td role="cell" data-label="Connectors">
                {move || connectors(row.read().connectors)}
            </td>
            <td role="cell" data-label="Published">
                {move || if row.read().published { "Yes" } else { "Not yet" }}
            </td>
            <td role="cell" class="table__actions">
                <RowAction row=row asking=asking on_change=on_change />
            </td>
        </tr>
    }
    .into_any()
}

/// What the row can be told to do.
#[component]
fn RowAction(
    row: Memo<AuthorizationRow>,
    asking: RwSignal<Option<AuthorizationRow>>,
    on_change: Callback<()>,
) -> impl IntoView {
    let active = Memo::new(move |_| row.read().active);
    let change = use_change(on_change);
    let named = move || {
        view! { <span class="visually-hidden">" " {move || row.get().name}</span> }
    };
    move || {
        if active.get() {
            view! {
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    on_press=move |()| asking.set(Some(row.get_untracked()))
                >
                    "Deactivate"
                    {named()}
                </Button>
            }
            .into_any()
        } else {
            let activate = move |()| {
                let row = row.get_untracked();
                change.run((row.id, row.name, true));
            };
            view! {
                <Button size=ButtonSize::Small on_press=activate>
                    "Activate"
                    {named()}
                </Button>
            }
            .into_any()
        }
    }
}

/// That the client secret ends soon, or has ended.
#[component]
fn SecretHint(on: NaiveDate) -> impl IntoView {
    let today = use_today();
    move || {
        let today = today.get()?;
        let near = (on - today).num_days() <= MENTIONED;
        near.then(|| {
            view! {
                <span class="hint hint--warning">
                    <Icon name=IconName::Clock />
                    "Client secret "
                    {text::expiry(on, Some(today))}
                </span>
            }
        })
    }
}

/// Asks before a row is put aside: what it serves stops with the next publish.
#[component]
fn Deactivate(
    asking: RwSignal<Option<AuthorizationRow>>,
    on_change: Callback<()>,
) -> impl IntoView {
    let change = use_change(on_change);
    let title = move || {
        let name = asking.get().map(|row| row.name).unwrap_or_default();
        format!("Deactivate {name}?")
    };
    let consequence = move || {
        asking.get().map(|row| {
            if row.published {
                "It moves to the inactive ones. Its connectors get no tokens after the next publish; the consent stays, and you can bring it back."
            } else {
                "It moves to the inactive ones and is left out of the next publish. You can bring it back."
            }
        })
    };
    view! {
        <ConfirmDialog
            id="deactivate"
            open=Signal::derive(move || asking.read().is_some())
            title=Signal::derive(title)
            confirm="Deactivate"
            on_confirm=move |()| {
                if let Some(row) = asking.get_untracked() {
                    asking.set(None);
                    change.run((row.id, row.name, false));
                }
            }
            on_close=move |()| asking.set(None)
        >
            <p>{consequence}</p>
        </ConfirmDialog>
    }
    .into_any()
}

/// (De)activates, says so, and offers to undo it.
fn use_change(on_change: Callback<()>) -> Callback<(AuthorizationId, String, bool)> {
    let toasts = use_toasts();
    let publish = use_publish();
    Callback::new(move |(id, name, active): (AuthorizationId, String, bool)| {
        spawn_local(async move {
            let verb = if active { "Activated" } else { "Deactivated" };
            match authorizations::set_active(id, active).await {
                Ok(()) => {
                    let undo = move || {
                        spawn_local(async move {
                            match authorizations::set_active(id, !active).await {
                                Ok(()) => changed(on_change, publish),
                                Err(error) => toasts.error("It could not be undone", &error),
                            }
                        });
                    };
                    toasts.show(
                        Toast::success(format!("{verb} {name}"))
                            .with_text("Publish to put it into effect.")
                            .with_action("Undo", undo),
                    );
                    changed(on_change, publish);
                }
                Err(error) => toasts.error(format!("{name} was not changed"), &error),
            }
        });
    })
}

fn changed(on_change: Callback<()>, publish: crate::components::Publish) {
    // The undo of a toast may come when the list is gone.
    let _ = on_change.try_run(());
    publish.refetch();
}
