//! The HTML document around the application, and what the request says about it.

use crate::{App, context::RequestContext, theme};
use http::{HeaderValue, header, request::Parts};
use leptos::{
    config::LeptosOptions,
    nonce::{Nonce, use_nonce},
    prelude::*,
};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

/// Renders the document of one request. Sets its Content-Security-Policy, since the policy names
/// the nonce of the scripts in it (S31).
pub fn shell(_options: LeptosOptions) -> impl IntoView {
    let RequestContext { assets, .. } = RequestContext::get();
    let nonce = use_nonce();
    set_policy(nonce.as_ref());
    // Paths come from our own build; as JSON strings they stay strings whatever is in them.
    let start = format!(
        "import init,{{hydrate}} from {js};await init({{module_or_path:{wasm}}});hydrate();",
        js = json(&assets.js),
        wasm = json(&assets.wasm),
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme_of_request().key()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="referrer" content="same-origin" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=assets.css.clone() />
                <link rel="modulepreload" href=assets.js.clone() nonce=nonce.clone() />
                <link
                    rel="preload"
                    href=assets.wasm.clone()
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin="anonymous"
                />
                <MetaTags />
                <script type="module" nonce=nonce inner_html=start></script>
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

fn json(path: &str) -> String {
    // `<` would end the script element early.
    serde_json::to_string(path)
        .expect("strings serialise")
        .replace('<', "\\u003c")
}

fn set_policy(nonce: Option<&Nonce>) {
    let (Some(nonce), Some(response)) = (nonce, use_context::<ResponseOptions>()) else {
        return;
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::from_str(&policy).expect("a nonce is base64");
    response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    // Pages hold what only this person may see.
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// A cookie of the request.
pub(crate) fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// The colours this browser asked for.
pub(crate) fn theme_of_request() -> theme::Theme {
    theme::Theme::from_key(&cookie(theme::COOKIE).unwrap_or_default())
}
