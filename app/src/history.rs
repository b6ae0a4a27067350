//! The Back button, before the router hears of it.
//!
//! A page cannot refuse a step through the history, and listeners on the window are called in the
//! order in which they were added. So one listener is added before the router's; a page that has
//! something to ask first puts its handler behind it.

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::on_cleanup};
use std::cell::{Cell, RefCell};
use web_sys::Event;

/// What a page does before the router.
type Handler = Box<dyn Fn(&Event)>;

thread_local! {
    static HANDLER: RefCell<Option<(u32, Handler)>> = const { RefCell::new(None) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// Starts listening. Once, before the router is made; it lasts as long as the document.
pub fn listen_before_router() {
    if cfg!(feature = "hydrate") {
        // The handle would only serve to stop listening.
        let _ = window_event_listener_untyped("popstate", |event| {
            HANDLER.with_borrow(|handler| {
                if let Some((_, handle)) = handler {
                    handle(&event);
                }
            });
        });
    }
}

/// Hears of every step through the history first, until the calling owner is gone. Stopping the
/// event keeps it from the router; the address has changed by then all the same.
pub fn on_step(handler: impl Fn(&Event) + 'static) {
    let mine = NEXT.get();
    NEXT.set(mine.wrapping_add(1));
    HANDLER.set(Some((mine, Box::new(handler))));
    on_cleanup(move || {
        HANDLER.with_borrow_mut(|handler| {
            // The next page may have come before this one went.
            handler.take_if(|(theirs, _)| *theirs == mine);
        });
    });
}
