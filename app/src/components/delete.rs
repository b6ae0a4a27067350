//! Asks before something is deleted, deletes it, and says how that went.

use super::{ConfirmDialog, use_toasts};
use crate::api::UiError;
use leptos::{prelude::*, task::spawn_local};

/// The question. Stands outside of what is read again while it is open.
#[component]
pub fn DeleteDialog<T, D, F>(
    /// Its id; unique on the page.
    id: &'static str,
    /// What is about to be deleted; the dialog is open while there is something.
    deleting: RwSignal<Option<T>>,
    /// What it is called.
    name: fn(&T) -> String,
    /// Deletes it. `false`: it was gone already.
    delete: D,
    /// It is gone.
    on_deleted: Callback<()>,
    /// What goes with it.
    children: ChildrenFn,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    D: Fn(T) -> F + Send + Sync + 'static,
    F: Future<Output = Result<bool, UiError>> + 'static,
{
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let title = move || {
        let name = deleting.read().as_ref().map(name);
        format!("Delete {}?", name.unwrap_or_default())
    };
    let confirm = move |()| {
        let Some(item) = deleting.get_untracked() else {
            return;
        };
        let name = name(&item);
        let deletion = delete(item);
        busy.set(true);
        spawn_local(async move {
            let deleted = deletion.await;
            let _ = busy.try_set(false);
            let _ = deleting.try_set(None);
            match deleted {
                Ok(_) => {
                    toasts.success(format!("Deleted {name}"));
                    on_deleted.try_run(());
                }
                Err(error) => toasts.error(format!("{name} was not deleted"), &error),
            }
        });
    };
    view! {
        <ConfirmDialog
            id=id
            open=Signal::derive(move || deleting.read().is_some())
            title=Signal::derive(title)
            confirm="Delete"
            danger=true
            busy=busy
            on_confirm=confirm
            on_close=move |()| deleting.set(None)
            children=children
        />
    }
    .into_any()
}
