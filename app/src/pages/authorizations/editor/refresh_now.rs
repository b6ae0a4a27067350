//! Refreshing at once: beside the next refresh, and where it is what the state asks for.

use super::{
    actions::Actions,
    state::{EditorState, Work},
};
use crate::components::{Button, ButtonSize, Toast, Tone, use_toasts};
use leptos::{html, prelude::*};

/// The button; nothing as long as there is no stored consent that could be refreshed.
#[component]
pub fn RefreshNow(
    /// Only while the state is in doubt and waits for somebody to try it.
    #[prop(optional)]
    in_doubt: bool,
) -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let toasts = use_toasts();
    let offered = Memo::new(move |_| {
        let refreshable = state.refreshable();
        refreshable.is_some_and(|state| !in_doubt || state.is_uncertain())
    });
    let busy = Signal::derive(move || state.busy.get() == Some(Work::Refreshing));
    // With its reason the button goes: whoever pressed it by keyboard goes on from its place.
    let place = NodeRef::<html::Span>::new();
    let pressed = StoredValue::new(false);
    Effect::new(move |was: Option<bool>| {
        let is = offered.get();
        if was == Some(true)
            && !is
            && pressed.get_value()
            && let Some(place) = place.get_untracked()
        {
            let _ = place.focus();
        }
        is
    });
    let press = move |()| {
        pressed.set_value(true);
        actions.refresh(Callback::new(move |why: String| {
            toasts.show(Toast::new(Tone::Error, "Not refreshed").with_text(why));
        }));
    };
    view! {
        <span class="refresh-now" tabindex="-1" node_ref=place>
            <Show when=move || offered.get()>
                <Button size=ButtonSize::Small busy on_press=press>
                    "Refresh now"
                </Button>
            </Show>
        </span>
    }
    .into_any()
}
