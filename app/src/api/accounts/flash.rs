//! What a refused form leaves for the page that shows it again: one cookie, read once.

use super::Refused;
use crate::context::RequestContext;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::header::SET_COOKIE;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

const COOKIE: &str = "tokenry_flash";
/// How long the way through the redirect may take, in seconds.
const LIVES: i64 = 60;
/// What browsers keep of one cookie, in bytes, with room for its name and attributes.
const MAX: usize = 3_500;

/// Leaves a refused form.
pub(super) fn put(context: &RequestContext, refused: &Refused) {
    let mut kept = encode(refused);
    if kept.len() > MAX {
        // Absurdly long input: say why it was refused, and let go of the rest.
        kept = encode(&Refused {
            error: refused.error.clone(),
            ..Refused::default()
        });
    }
    set(context, &kept, LIVES);
}

/// Takes what was left, if anything.
pub(super) fn take(context: &RequestContext) -> Refused {
    let Some(kept) = crate::document::cookie(COOKIE) else {
        return Refused::default();
    };
    set(context, "", 0);
    URL_SAFE_NO_PAD
        .decode(kept)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .unwrap_or_default()
}

fn encode(refused: &Refused) -> String {
    let json = serde_json::to_vec(refused).expect("plain data serialises");
    URL_SAFE_NO_PAD.encode(json)
}

fn set(context: &RequestContext, value: &str, max_age: i64) {
    if let Some(response) = use_context::<ResponseOptions>() {
        let cookie = context.cookies.header(COOKIE, value, max_age);
        response.append_header(SET_COOKIE, cookie);
    }
}
