//! `/setup?token=`: the first administrator, from the link printed at the first start (S23).

use super::front::Front;
use crate::{
    api::accounts::{Refused, SetUp, setup_page},
    components::{Banner, ButtonLink, Failure, Field, InputKind, TextInput, Tone},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::validate;
use server_fn::ServerFn as _;

/// The setup page.
#[component]
pub fn Setup() -> impl IntoView {
    let token = use_query_map()
        .read_untracked()
        .get("token")
        .unwrap_or_default();
    let page = Resource::new(
        {
            let token = token.clone();
            move || token.clone()
        },
        setup_page,
    );
    view! {
        <Suspense>
            {move || {
                let token = token.clone();
                page.get()
                    .map(|page| match page {
                        Ok(page) if page.valid => {
                            view! { <SetupCard refused=page.refused token=token /> }.into_any()
                        }
                        Ok(_) => view! { <LinkSpent /> }.into_any(),
                        Err(error) => {
                            view! {
                                <Front title="Set up Tokenry">
                                    <Failure error=error />
                                </Front>
                            }
                                .into_any()
                        }
                    })
            }}
        </Suspense>
    }
    .into_any()
}

#[component]
fn LinkSpent() -> impl IntoView {
    view! {
        <Front
            title="This setup link does not work"
            text="It has been used already, or a newer one was printed. Restart the server to get a new link while there is no account; afterwards, sign in."
        >
            <ButtonLink href="/sign-in">"Go to sign-in"</ButtonLink>
        </Front>
    }
    .into_any()
}

#[component]
fn SetupCard(refused: Refused, token: String) -> impl IntoView {
    let email = RwSignal::new(refused.email);
    let name = RwSignal::new(refused.name);
    let workspace = RwSignal::new(refused.workspace);
    let password = RwSignal::new(String::new());
    let failed = refused.error;
    let error_of = |field: &str| failed.as_ref().and_then(|error| error.field(field));
    let (email_error, name_error) = (error_of("email"), error_of("name"));
    let (password_error, workspace_error) = (error_of("password"), error_of("workspace_name"));
    // The browser's own check, told beside the field while it is typed.
    let password_error = Signal::derive(move || {
        let typed = password.read();
        if typed.is_empty() {
            password_error.clone()
        } else {
            validate::password(&typed).err().map(|error| error.message)
        }
    });
    view! {
        <Front
            title="Set up Tokenry"
            text="Create the first administrator. You can rename everything later."
        >
            {failed
                .map(|error| {
                    view! {
                        <Banner tone=Tone::Error live=true>
                            <p>{error.0.detail}</p>
                        </Banner>
                    }
                })}
            <form class="form" method="post" action=SetUp::url()>
                <input type="hidden" name="token" value=token />
                <Field id="email" label="E-mail" required=true error=email_error>
                    <TextInput
                        name="email"
                        kind=InputKind::Email
                        autocomplete="username"
                        value=email
                        on_input=move |text| email.set(text)
                        autofocus=true
                    />
                </Field>
                <Field id="name" label="Your name" error=name_error>
                    <TextInput
                        name="name"
                        autocomplete="name"
                        value=name
                        on_input=move |text| name.set(text)
                    />
                </Field>
                <Field
                    id="password"
                    label="Password"
                    required=true
                    help="At least 12 characters; several words are easy to remember."
                    error=password_error
                >
                    <TextInput
                        name="password"
                        kind=InputKind::Password
                        autocomplete="new-password"
                        value=password
                        on_input=move |text| password.set(text)
                    />
                </Field>
                <Field
                    id="workspace"
                    label="Workspace name"
                    help="Your company or team, as shown in the header."
                    error=workspace_error
                >
                    <TextInput
                        name="workspace"
                        autocomplete="organization"
                        value=workspace
                        on_input=move |text| workspace.set(text)
                    />
                </Field>
                <button type="submit" class="button button--primary button--wide">
                    "Create administrator"
                </button>
            </form>
        </Front>
    }
    .into_any()
}
