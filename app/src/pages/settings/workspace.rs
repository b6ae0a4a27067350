//! The workspace's name.

use crate::{
    api::{UiError, accounts, session::use_session},
    components::{Banner, Button, Field, TextInput, Tone, use_toasts},
};
use leptos::{prelude::*, task::spawn_local};
use model::{problem::Problem, validate};

/// Renames the workspace.
#[component]
pub(super) fn WorkspaceForm(
    /// Its name today.
    name: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let session = use_session();
    let stored = StoredValue::new(name.clone());
    let name = RwSignal::new(name);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<UiError>);
    let save = move || {
        let new = name.get_untracked().trim().to_owned();
        if let Err(error) = validate::name(&new) {
            failed.set(Some(UiError(Problem::invalid(vec![error]))));
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let renamed = accounts::rename_workspace(new).await;
            let _ = busy.try_set(false);
            match renamed {
                Ok(()) => {
                    let _ = failed.try_set(None);
                    toasts.success("Workspace renamed");
                    session.refetch();
                }
                Err(error) => drop(failed.try_set(Some(error))),
            }
        });
    };
    let unchanged = move || name.read().trim() == *stored.read_value();
    view! {
        <form
            class="form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            {move || {
                failed
                    .get()
                    .filter(|error| error.field("name").is_none())
                    .map(|error| {
                        view! {
                            <Banner tone=Tone::Error live=true>
                                <p>{error.0.detail}</p>
                            </Banner>
                        }
                    })
            }}
            <Field
                id="workspace-name"
                label="Name"
                required=true
                error=Signal::derive(move || {
                    failed.read().as_ref().and_then(|error| error.field("name"))
                })
            >
                <TextInput value=name on_input=move |text| name.set(text) />
            </Field>
            <div class="form__actions">
                <Button submit=true busy=busy disabled=Signal::derive(unchanged)>
                    "Rename"
                </Button>
            </div>
        </form>
    }
    .into_any()
}
