//! The frame around the pages of signed-in people: header, navigation, content.

mod account_menu;
mod bell;
mod navigation;

pub use account_menu::ThemeChoice;
pub use bell::use_unread;

use crate::{
    api::session::use_session,
    components::{Icon, IconName, PublishButton, provide_publish},
    layout::{
        account_menu::AccountMenu,
        bell::{Bell, provide_unread},
        navigation::Navigation,
    },
    live::provide_live,
};
use leptos::{html, prelude::*};
use leptos_router::{components::Outlet, hooks::use_location};

/// Header, navigation, and the page inside.
#[component]
pub fn Layout() -> impl IntoView {
    provide_live();
    provide_publish();
    provide_unread();
    let main = NodeRef::<html::Main>::new();
    focus_after_navigation(main);
    view! {
        <a class="skip-link" href="#main" rel="external">
            "Skip to content"
        </a>
        <Ribbon />
        <div class="frame">
            <header class="header">
                <a class="header__mark" href="/authorizations">
                    <Mark />
                    <span>"Tokenry"</span>
                </a>
                <WorkspaceName />
                <div class="header__actions">
                    <PublishButton />
                    <Bell />
                    <AccountMenu />
                </div>
            </header>
            <Navigation />
            <main node_ref=main id="main" class="main" tabindex="-1">
                <Outlet />
            </main>
        </div>
    }
    .into_any()
}

/// The product's mark: a key's bow with a token inside.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <rect width="24" height="24" rx="6"></rect>
            <path d="M12 5.2a4.3 4.3 0 0 1 1.4 8.3v5.3h-2.800v-5.3A4.3 4.3 0 0 1 12 5.2zM12 8v3M13.4 16.6h2"></path>
        </svg>
    }
    .into_any()
}

#[component]
fn WorkspaceName() -> impl IntoView {
    let session = use_session();
    view! {
        <Transition>
            <span class="header__workspace">
                {move || {
                    session.get().and_then(Result::ok)?.user.map(|user| user.workspace.name)
                }}
            </span>
        </Transition>
    }
    .into_any()
}

/// Says that no real provider is called, so that nobody mistakes the sandbox for production.
#[component]
pub fn Ribbon() -> impl IntoView {
    let session = use_session();
    let sandbox = move || session.get().and_then(Result::ok)?.sandbox;
    view! {
        <Transition>
            {move || {
                sandbox()
                    .map(|address| {
                        view! {
                            <aside class="ribbon" aria-label="Sandbox">
                                <Icon name=IconName::Info />
                                <span>"Sandbox: no real provider is called."</span>
                                <a href=address rel="external">
                                    "What it offers"
                                </a>
                            </aside>
                        }
                    })
            }}
        </Transition>
    }
    .into_any()
}

/// After a navigation the focus goes to the new page, as it would for a page load. Not between
/// the tabs of one editor, where the tab keeps it.
fn focus_after_navigation(main: NodeRef<html::Main>) {
    let path = use_location().pathname;
    let page = Memo::new(move |_| page_of(&path.read()));
    Effect::new(move |before: Option<String>| {
        let page = page.get();
        if before.is_some_and(|before| before != page)
            && let Some(main) = main.get_untracked()
        {
            let _ = main.focus();
        }
        page
    });
}

/// A path without the tab.
fn page_of(path: &str) -> String {
    path.split('/').take(3).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::page_of;

    #[test]
    fn tabs_of_one_editor_are_one_page() {
        assert_eq!(
            page_of("/authorizations/1/settings"),
            page_of("/authorizations/1/scopes")
        );
        assert_ne!(
            page_of("/authorizations/1/settings"),
            page_of("/authorizations")
        );
    }
}
