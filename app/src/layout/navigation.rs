//! The navigation: at the side on wide screens, behind a button on narrow ones.

use crate::components::{Icon, IconName};
use leptos::{html, prelude::*};
use leptos_router::{components::A, hooks::use_location};

/// A new page of the frame gets a line here.
const PAGES: [(&str, &str, IconName); 6] = [
    ("/overview", "Overview", IconName::Pulse),
    ("/authorizations", "Authorizations", IconName::Key),
    ("/connectors", "Connectors", IconName::Plug),
    ("/publications", "Publications", IconName::Rocket),
    ("/api-keys", "API keys", IconName::Terminal),
    ("/settings", "Settings", IconName::Sliders),
];

/// Links to the pages. The narrow form is a native disclosure, so it works before hydration.
#[component]
pub(super) fn Navigation() -> impl IntoView {
    let disclosure = NodeRef::<html::Details>::new();
    let path = use_location().pathname;
    Effect::new(move |_| {
        path.track();
        if let Some(disclosure) = disclosure.get() {
            disclosure.set_open(false);
        }
    });
    let here = move || {
        let path = path.read();
        PAGES
            .iter()
            .find(|(href, ..)| path.starts_with(href))
            .map_or("Menu", |(_, name, _)| name)
    };
    view! {
        <nav class="sidebar" aria-label="Pages">
            <Links />
        </nav>
        <nav class="menu" aria-label="Menu">
            <details node_ref=disclosure>
                <summary class="menu__summary">
                    <Icon name=IconName::Menu />
                    <span>{here}</span>
                    <Icon name=IconName::ChevronDown />
                </summary>
                <Links />
            </details>
        </nav>
    }
    .into_any()
}

#[component]
fn Links() -> impl IntoView {
    view! {
        <ul class="links">
            {PAGES
                .into_iter()
                .map(|(href, name, icon)| {
                    view! {
                        <li>
                            <A href=href attr:class="links__link">
                                <Icon name=icon />
                                {name}
                            </A>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}
