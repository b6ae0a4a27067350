//! Copies a text to the clipboard and says so.

use super::{Icon, IconName};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// How long "Copied" stays.
const SHOWN: Duration = Duration::from_secs(3);

/// A copy button. Where the browser denies the clipboard, it says to copy by hand.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for those who do not see what stands beside: "redirect URI".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let outcome = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            outcome.set(Some(write(&text).await));
            set_timeout(
                move || {
                    // The page may be gone by then.
                    let _ = outcome.try_set(None);
                },
                SHOWN,
            );
        });
    };
    let said = move || match outcome.get() {
        None => "",
        Some(true) => "Copied",
        Some(false) => "Select the text and copy it by hand",
    };
    view! {
        <span class="copy">
            <button type="button" class="button button--small" on:click=copy>
                {move || {
                    let icon = if outcome.get() == Some(true) { IconName::Check } else { IconName::Copy };
                    view! { <Icon name=icon /> }
                }}
                "Copy"
                <span class="visually-hidden">" "{what}</span>
            </button>
            <span class="copy__said" role="status">
                {said}
            </span>
        </span>
    }
    .into_any()
}

/// Whether the browser took the text.
async fn write(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    // Outside https and localhost there is no clipboard, whatever the types say.
    if clipboard.is_undefined() {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text))
        .await
        .is_ok()
}
