//! The connection itself: opened when the tab is looked at, closed when it is not.

use super::Live;
use futures::{FutureExt as _, StreamExt as _, channel::oneshot, stream};
use gloo_net::eventsource::futures::EventSource;
use leptos::{prelude::*, task::spawn_local};
use model::health::LiveChange;
use std::{cell::RefCell, rc::Rc};

/// Where the server tells.
const PATH: &str = "/ui/events";

/// Held while a connection is open; dropping it closes the connection.
type Open = Rc<RefCell<Option<oneshot::Sender<()>>>>;

/// Keeps a connection open whenever the tab is visible, until the frame around the pages goes.
pub(super) fn keep_open(live: Live) {
    Effect::new(move |_| {
        let open = Open::default();
        follow_visibility(live, &open);
        let watched = StoredValue::new_local(open);
        let listening = window_event_listener_untyped("visibilitychange", move |_| {
            watched.try_with_value(|open| follow_visibility(live, open));
        });
        // Navigating away closes it before the browser would call it an error.
        let leaving = window_event_listener_untyped("pagehide", move |_| {
            watched.try_with_value(|open| open.borrow_mut().take());
        });
        // Back from the browser's cache of pages.
        let back = window_event_listener_untyped("pageshow", move |_| {
            watched.try_with_value(|open| follow_visibility(live, open));
        });
        on_cleanup(move || {
            listening.remove();
            leaving.remove();
            back.remove();
            watched.try_with_value(|open| open.borrow_mut().take());
        });
    });
}

fn follow_visibility(live: Live, open: &Open) {
    let visible = document().visibility_state() == web_sys::VisibilityState::Visible;
    let mut slot = open.borrow_mut();
    if !visible {
        *slot = None;
    } else if slot.is_none() {
        let (held, closed) = oneshot::channel();
        *slot = Some(held);
        spawn_local(listen(live, closed));
    }
}

/// Hands on what is told, until `closed` or the end of the session. A connection that breaks is
/// made anew by the browser, and then begins with `hello` again.
async fn listen(live: Live, closed: oneshot::Receiver<()>) {
    let Ok(mut source) = EventSource::new(PATH) else {
        return;
    };
    let subscribed = ["hello", "message", "end"].map(|kind| source.subscribe(kind));
    let [Ok(hello), Ok(messages), Ok(end)] = subscribed else {
        return;
    };
    let mut told = stream::select_all([hello, messages, end]);
    let mut closed = closed.fuse();
    loop {
        let message = futures::select_biased! {
            _ = closed => return,
            message = told.next() => message,
        };
        let Some(Ok((kind, message))) = message else {
            return;
        };
        match kind.as_str() {
            "hello" => live.tell(&[LiveChange::Resync]),
            "message" => {
                let text = message.data().as_string().unwrap_or_default();
                // A page from before an update does not know every change.
                let changes =
                    serde_json::from_str(&text).unwrap_or_else(|_| vec![LiveChange::Resync]);
                live.tell(&changes);
            }
            _ => return,
        }
    }
}
