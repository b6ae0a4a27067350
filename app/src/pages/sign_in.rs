//! `/sign-in?next=`: e-mail and password.

use super::front::Front;
use crate::{
    api::accounts::{SignIn as SignInForm, SignInState, sign_in_page},
    components::{Banner, Failure, Field, InputKind, TextInput, Tone},
    links,
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_query_map};
use server_fn::ServerFn as _;

/// The sign-in page.
#[component]
pub fn SignIn() -> impl IntoView {
    let page = Resource::new(|| (), |()| sign_in_page());
    let next = use_query_map()
        .read_untracked()
        .get("next")
        .unwrap_or_default();
    view! {
        <Suspense>
            {move || {
                let next = next.clone();
                page.get()
                    .map(|page| match page {
                        Ok(page) if page.signed_in => {
                            let path = links::safe_next(&next).unwrap_or(links::HOME).to_owned();
                            view! { <Redirect path=path /> }.into_any()
                        }
                        Ok(page) => view! { <SignInCard page=page next=next /> }.into_any(),
                        Err(error) => {
                            view! {
                                <Front title="Sign in">
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
fn SignInCard(page: SignInState, next: String) -> impl IntoView {
    let SignInState {
        refused,
        setup_needed,
        ..
    } = page;
    let email = RwSignal::new(refused.email);
    let password = RwSignal::new(String::new());
    let failed = refused.error.clone();
    view! {
        <Front title="Sign in">
            {setup_needed
                .then(|| {
                    view! {
                        <Banner title="No account yet">
                            <p>
                                "Open the setup link that the server printed when it started. \
                                 It creates the first administrator."
                            </p>
                        </Banner>
                    }
                })}
            {failed
                .map(|error| {
                    view! {
                        <Banner tone=Tone::Error live=true>
                            <p>{error.0.detail}</p>
                        </Banner>
                    }
                })}
            <form class="form" method="post" action=SignInForm::url()>
                <input type="hidden" name="next" value=next />
                <Field id="email" label="E-mail" required=true>
                    <TextInput
                        name="email"
                        kind=InputKind::Email
                        autocomplete="username"
                        value=email
                        on_input=move |text| email.set(text)
                        autofocus=true
                    />
                </Field>
                <Field id="password" label="Password" required=true>
                    <TextInput
                        name="password"
                        kind=InputKind::Password
                        autocomplete="current-password"
                        value=password
                        on_input=move |text| password.set(text)
                    />
                </Field>
                <button type="submit" class="button button--primary button--wide">
                    "Sign in"
                </button>
            </form>
        </Front>
    }
    .into_any()
}
