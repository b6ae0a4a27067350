//! Says so when the server cannot be reached, and when it is back. Nothing typed is lost meanwhile.

use super::{Icon, IconName};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;
use wasm_bindgen::JsCast as _;

/// The event by which a failed server function tells the page.
const OFFLINE: &str = "tokenry:offline";
/// How often the server is asked whether it is back.
const ASKED: Duration = Duration::from_secs(3);

/// Tells the page that a request did not get through.
pub fn report_offline() {
    if cfg!(feature = "hydrate")
        && let Ok(event) = web_sys::CustomEvent::new(OFFLINE)
    {
        // Nobody cancels it, so the answer tells nothing.
        let _ = window().dispatch_event(&event);
    }
}

/// The notice. Once, in the application.
#[component]
pub fn ConnectionNotice() -> impl IntoView {
    let offline = RwSignal::new(false);
    Effect::new(move |_| {
        let ours = window_event_listener_untyped(OFFLINE, move |_| offline.set(true));
        let browser = window_event_listener_untyped("offline", move |_| offline.set(true));
        on_cleanup(move || {
            ours.remove();
            browser.remove();
        });
    });
    Effect::new(move |_| {
        if !offline.get() {
            return;
        }
        let asking = set_interval_with_handle(
            move || {
                spawn_local(async move {
                    if is_back().await {
                        let _ = offline.try_set(false);
                    }
                });
            },
            ASKED,
        );
        if let Ok(asking) = asking {
            on_cleanup(move || asking.clear());
        }
    });
    view! {
        <div class="connection" role="status">
            <Show when=move || offline.get()>
                <p class="connection__notice">
                    <Icon name=IconName::Offline />
                    <span>
                        <strong>"The server cannot be reached."</strong>
                        " What you typed is still here. Trying again every few seconds."
                    </span>
                </p>
            </Show>
        </div>
    }
    .into_any()
}

async fn is_back() -> bool {
    let asked = window().fetch_with_str("/healthz");
    match wasm_bindgen_futures::JsFuture::from(asked).await {
        Ok(answer) => answer
            .dyn_into::<web_sys::Response>()
            .is_ok_and(|response| response.ok()),
        Err(_) => false,
    }
}
