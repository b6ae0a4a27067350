//! Who is signed in, the colours, and the way out.

use crate::{
    api::{
        accounts::SignOut,
        session::{ChosenTheme, use_session},
    },
    components::{Icon, IconName, Popover},
    theme::Theme,
};
use leptos::prelude::*;
use model::user::CurrentUser;
use server_fn::ServerFn as _;

/// Id of the menu.
const MENU: &str = "account-menu";

/// The account button and its menu.
#[component]
pub(super) fn AccountMenu() -> impl IntoView {
    let session = use_session();
    let user = move || session.get().and_then(Result::ok)?.user;
    let theme = move || {
        session
            .get()
            .and_then(Result::ok)
            .map(|session| session.theme)
    };
    view! {
        <button type="button" class="icon-button account" popovertarget=MENU aria-label="Account">
            <Icon name=IconName::User />
        </button>
        <Popover id=MENU label="Account">
            <div class="account-menu">
                <Transition>
                    {move || user().map(|user| view! { <Person user=user /> })}
                    {move || theme().map(|theme| view! { <ThemeChoice id="menu-theme" theme=theme /> })}
                </Transition>
                <form method="post" action=SignOut::url()>
                    <button type="submit" class="button account-menu__out">
                        "Sign out"
                    </button>
                </form>
            </div>
        </Popover>
    }
    .into_any()
}

#[component]
fn Person(user: CurrentUser) -> impl IntoView {
    view! {
        <div class="account-menu__person">
            {user.name.map(|name| view! { <strong>{name}</strong> })}
            <span>{user.email}</span>
            <span class="account-menu__where">{user.workspace.name}</span>
        </div>
    }
    .into_any()
}

/// The choice of colours, as a row of radio buttons.
#[component]
pub fn ThemeChoice(
    /// Its id; unique on the page.
    id: &'static str,
    /// What the server saw in the cookie.
    theme: Theme,
) -> impl IntoView {
    // Shared, so that the menu and the settings show the same.
    let ChosenTheme(chosen) = expect_context();
    let current = move || chosen.get().unwrap_or(theme);
    view! {
        <fieldset class="theme-choice">
            <legend>"Appearance"</legend>
            <div class="theme-choice__options">
                {Theme::ALL
                    .into_iter()
                    .map(|option| {
                        view! {
                            <label class="theme-choice__option">
                                <input
                                    type="radio"
                                    name=id
                                    value=option.key()
                                    checked=option == theme
                                    prop:checked=move || option == current()
                                    on:change=move |_| {
                                        option.apply();
                                        chosen.set(Some(option));
                                    }
                                />
                                <span>{option.label()}</span>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
        </fieldset>
    }
    .into_any()
}
