//! The workspace's name.

use crate::{
    api::{accounts, session::use_session},
    components::{Button, Field, Form, Sending, TextInput, use_toasts},
};
use leptos::prelude::*;
use model::validate;

/// Renames the workspace.
#[component]
pub(super) fn WorkspaceForm(
    /// Its name today.
    name: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let session = use_session();
    let stored = RwSignal::new(name.clone());
    let name = RwSignal::new(name);
    let sending = Sending::new();
    let save = move |()| {
        let new = name.get_untracked().trim().to_owned();
        if let Err(error) = validate::name(&new) {
            sending.refuse(vec![error]);
            return;
        }
        sending.send(accounts::rename_workspace(new.clone()), move |()| {
            let _ = stored.try_set(new);
            toasts.success("Workspace renamed");
            session.refetch();
        });
    };
    let unchanged = move || name.read().trim() == *stored.read();
    view! {
        <Form sending=sending on_submit=save>
            <Field
                id="workspace-name"
                label="Name"
                required=true
                error=sending.error_of("name")
            >
                <TextInput value=name on_input=move |text| name.set(text) />
            </Field>
            <div class="form__actions">
                <Button
                    submit=true
                    busy=sending.busy()
                    disabled=Signal::derive(unchanged)
                >
                    "Rename"
                </Button>
            </div>
        </Form>
    }
    .into_any()
}
