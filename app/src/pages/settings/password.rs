//! The password of the person who is signed in.

use crate::{
    api::{UiError, accounts},
    components::{Banner, Button, Field, InputKind, TextInput, Tone, use_toasts},
};
use leptos::{prelude::*, task::spawn_local};
use model::validate;

/// Changes the password.
#[component]
pub(super) fn PasswordForm(
    /// Whose it is, for password managers.
    email: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let old = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<UiError>);
    let field = move |name: &str| failed.read().as_ref().and_then(|error| error.field(name));
    let old_error = Signal::derive(move || field("old_password"));
    let new_error = Signal::derive(move || {
        let typed = new.read();
        let weak = validate::password(&typed)
            .err()
            .filter(|_| !typed.is_empty());
        weak.map(|error| error.message)
            .or_else(|| field("new_password"))
    });
    let general = move || failed.get().filter(|error| error.0.errors.is_empty());
    let save = move || {
        if new_error.read_untracked().is_some() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let (from, to) = (old.get_untracked(), new.get_untracked());
            let changed = accounts::change_password(from, to).await;
            let _ = busy.try_set(false);
            match changed {
                Ok(()) => {
                    let _ = old.try_set(String::new());
                    let _ = new.try_set(String::new());
                    let _ = failed.try_set(None);
                    toasts.success("Password changed");
                }
                Err(error) => drop(failed.try_set(Some(error))),
            }
        });
    };
    let incomplete = move || old.read().is_empty() || new.read().is_empty();
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
                general()
                    .map(|error| {
                        view! {
                            <Banner tone=Tone::Error live=true>
                                <p>{error.0.detail}</p>
                            </Banner>
                        }
                    })
            }}
            // Password managers want to know whose password it is.
            <input
                type="text"
                class="visually-hidden"
                aria-hidden="true"
                tabindex="-1"
                autocomplete="username"
                readonly=true
                value=email
            />
            <Field id="old-password" label="Current password" required=true error=old_error>
                <TextInput
                    kind=InputKind::Password
                    autocomplete="current-password"
                    value=old
                    on_input=move |text| old.set(text)
                />
            </Field>
            <Field
                id="new-password"
                label="New password"
                help="At least 12 characters; several words are easy to remember."
                required=true
                error=new_error
            >
                <TextInput
                    kind=InputKind::Password
                    autocomplete="new-password"
                    value=new
                    on_input=move |text| new.set(text)
                />
            </Field>
            <div class="form__actions">
                <Button submit=true busy=busy disabled=Signal::derive(incomplete)>
                    "Change password"
                </Button>
            </div>
        </form>
    }
    .into_any()
}
