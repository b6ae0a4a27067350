//! The providers' marks: our own drawings, not logos.

use leptos::prelude::*;

/// Outline of a mark on a 24 × 24 grid. A new icon key of the catalogue gets a line here;
/// unknown keys get the key.
fn path(icon: &str) -> &'static str {
    match icon {
        // an endless loop: plan, build, ship
        "azure-devops" | "azure-devops-legacy" => {
            "M8 8.2a3.8 3.8 0 1 0 0 7.6c3.6 0 4.4-7.6 8-7.6a3.8 3.8 0 1 1 0 7.6c-3.6 0-4.4-7.6-8-7.6z"
        }
        // four panes of a directory
        "microsoft" | "entra" => "M5 5h6v6H5zM13 5h6v6h-6zM5 13h6v6H5zM13 13h6v6h-6z",
        // a padlock
        "oauth2" | "openid" | "oidc" | "generic" => {
            "M6.5 11h11v8h-11zM8.8 11V8.2a3.2 3.2 0 0 1 6.4 0V11M12 14v2.2"
        }
        // a beaker
        "sandbox" => {
            "M9.5 4h5M10.5 4v6L6 18.2A1.2 1.2 0 0 0 7 20h10a1.2 1.2 0 0 0 1-1.8L13.5 10V4M8.5 15h7"
        }
        // branches
        "github" | "gitlab" | "bitbucket" => {
            "M8 6.5v11M8 6.5a1.5 1.5 0 1 0 0-.1m0 11.1a1.5 1.5 0 1 0 0 .1m8-9a1.5 1.5 0 1 0 0-.1m0 1.6c0 3.4-8 2-8 5.8"
        }
        // a calendar
        "reservanto" | "calendar" => "M5 7h14v12H5zM5 11h14M9 4.5V8m6-3.5V8",
        // a chat bubble
        "slack" | "chat" => "M5 6h14v9.5h-7L8 19v-3.5H5z",
        // people
        "linkedin" => "M5 9.5V19m4.5 0v-9.5m0 4.5c0-5.5 9-5.5 9 0v5M5 5.5v.1",
        _ => "M8.5 11.2a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4zm3-1.2 7-7m-3 3 2.5 2.5",
    }
}

/// A provider's mark; its name stands beside it.
#[component]
pub fn ProviderIcon(
    /// Icon key of the catalogue.
    #[prop(into)]
    icon: String,
) -> impl IntoView {
    view! {
        <span class="provider-icon" data-icon=icon.clone() aria-hidden="true">
            <svg viewBox="0 0 24 24" focusable="false">
                <path d=path(&icon)></path>
            </svg>
        </span>
    }
    .into_any()
}
