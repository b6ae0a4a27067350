//! What a page shows when the server refused to give its content.

use super::{Button, ButtonLink, Icon, IconName};
use crate::{api::UiError, links};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_location};
use model::problem::Code;

/// The failure, and the way on: sign in, go back, or try again.
#[component]
pub fn Failure(
    /// What went wrong.
    error: UiError,
    /// Asks again.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    if error.code() == Code::Unauthenticated {
        let location = use_location();
        let path = location.pathname.get_untracked();
        let search = location.search.get_untracked();
        let wanted = if search.is_empty() {
            path
        } else {
            format!("{path}?{search}")
        };
        return view! { <Redirect path=links::sign_in(&wanted) /> }.into_any();
    }
    let missing = error.code() == Code::NotFound;
    let request = error.0.request_id.clone().filter(|_| error.0.status >= 500);
    view! {
        <section class="empty" role="alert">
            <span class="empty__icon">
                <Icon name=if missing { IconName::Search } else { IconName::Warning } />
            </span>
            <h2 class="empty__title">{error.0.title.clone()}</h2>
            <p class="empty__text">{error.0.detail.clone()}</p>
            {request
                .map(|id| {
                    view! {
                        <p class="empty__text">
                            "Request " <code>{id}</code> " finds it in the server's log."
                        </p>
                    }
                })}
            <div class="empty__actions">
                {(!missing)
                    .then_some(on_retry)
                    .flatten()
                    .map(|retry| view! { <Button on_press=retry>"Try again"</Button> })}
                <ButtonLink href=links::HOME>"Go to authorizations"</ButtonLink>
            </div>
        </section>
    }
    .into_any()
}
