//! Follows what happens to the authorization elsewhere: refreshes, other people, programs.

use super::state::EditorState;
use crate::{api::editor as api, live::use_live};
use leptos::{prelude::*, task::spawn_local};
use model::health::LiveChange;

/// Follows for the rest of the visit.
pub fn follow(state: EditorState) {
    use_live(
        move |change| match change {
            LiveChange::Authorization(id) => id == state.id,
            LiveChange::Configuration | LiveChange::Published => true,
            LiveChange::Notified | LiveChange::Resync => false,
        },
        move || look_again(state),
    );
}

/// Takes in the state of things, unless something is being done here: that brings it along.
fn look_again(state: EditorState) {
    let at_work = move || {
        state.busy.try_with_untracked(Option::is_some) != Some(false)
            || state.keeping.try_get_untracked() != Some(false)
    };
    spawn_local(async move {
        if at_work() {
            return;
        }
        // What cannot be read stays as it is; the next change tries again.
        if let Ok(Some(update)) = api::current_state(state.id).await
            && !at_work()
        {
            state.adopt_live(update);
        }
    });
}
