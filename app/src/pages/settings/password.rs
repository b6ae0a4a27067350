//! The password of the person who is signed in.

use crate::{
    api::accounts,
    components::{Button, Field, Form, InputKind, Sending, TextInput, use_toasts},
};
use leptos::prelude::*;
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
    let sending = Sending::new();
    let refused = sending.error_of("new_password");
    let new_error = Signal::derive(move || {
        let typed = new.read();
        let weak = validate::password(&typed)
            .err()
            .filter(|_| !typed.is_empty());
        weak.map(|error| error.message).or_else(|| refused.get())
    });
    let save = move |()| {
        let (from, to) = (old.get_untracked(), new.get_untracked());
        if let Err(error) = validate::password(&to) {
            sending.refuse(vec![error]);
            return;
        }
        sending.send(accounts::change_password(from, to), move |()| {
            let _ = old.try_set(String::new());
            let _ = new.try_set(String::new());
            toasts.success("Password changed");
        });
    };
    let incomplete = move || old.read().is_empty() || new.read().is_empty();
    view! {
        <Form sending=sending on_submit=save>
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
            <Field
                id="old-password"
                label="Current password"
                required=true
                error=sending.error_of("old_password")
            >
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
                    on_input=move |text| {
                        // It is judged as it is typed.
                        sending.clear();
                        new.set(text);
                    }
                />
            </Field>
            <div class="form__actions">
                <Button submit=true busy=sending.busy() disabled=Signal::derive(incomplete)>
                    "Change password"
                </Button>
            </div>
        </Form>
    }
    .into_any()
}
