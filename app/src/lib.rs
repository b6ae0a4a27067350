//! The web application: served as HTML, taken over by the same code in the browser.
//!
//! * `pages/` mirrors the addresses; a new page is a file there and a route in [`App`].
//! * `components/` is the design system; `style/` has one sheet for each.
//! * `api/` holds the server functions, thin faces of the broker's use cases.
//! * `live` tells pages when what they show has changed at the server.
//! * `layout` is the frame around the pages of signed-in people; `document` the HTML around all.
#![recursion_limit = "256"]
#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::result_large_err,
        reason = "the error is the answer, made once for a failed request"
    ),
    expect(
        clippy::unused_async,
        reason = "server functions are asynchronous in the browser, whatever they do here"
    )
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "components own their props, even those they only look at"
)]

mod api;
mod app;
mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod document;
mod history;
mod layout;
mod links;
mod live;
mod pages;
mod text;
mod theme;

pub use app::App;
#[cfg(feature = "ssr")]
pub use document::shell;
