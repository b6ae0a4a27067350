//! What the server hands to every page and server function of one request.

use axum::http::{HeaderValue, header::SET_COOKIE};
use broker::{Broker, access::SessionUser, accounts::NewSession};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use model::problem::{Code, Problem};
use std::{net::IpAddr, sync::Arc};

/// One request's surroundings. The server provides it; nothing here outlives the request.
#[derive(Clone)]
pub struct RequestContext {
    /// The use cases.
    pub broker: Broker,
    /// Who is signed in.
    pub session: Option<SessionUser>,
    /// How cookies are written on this host.
    pub cookies: CookiePolicy,
    /// Where the request came from (throttling of sign-in).
    pub client: IpAddr,
    /// Names of the built files.
    pub assets: Arc<AssetPaths>,
    /// To find the request in the logs.
    pub request_id: String,
    /// Value of the flow cookie, if the browser sent one.
    pub flow_cookie: Option<String>,
    /// The address of the sandbox, when the server runs with it: the page says so.
    pub sandbox: Option<String>,
}

/// Content-hashed names of what the page loads.
#[derive(Clone, Debug)]
pub struct AssetPaths {
    /// The JavaScript glue.
    pub js: String,
    /// The WASM module.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
}

/// How cookies are written (S32): on https with the `__Host-` prefix and `Secure`, on plain
/// `http://localhost` without both.
#[derive(Clone, Copy, Debug)]
pub struct CookiePolicy {
    /// The public URL is https.
    pub secure: bool,
}

impl CookiePolicy {
    /// Name of the session cookie.
    pub const fn session_name(self) -> &'static str {
        if self.secure {
            "__Host-tokenry_session"
        } else {
            "tokenry_session"
        }
    }

    /// Name of the cookie that binds a consent flow to this browser (S2).
    pub const fn flow_name(self) -> &'static str {
        if self.secure {
            "__Host-tokenry_flow"
        } else {
            "tokenry_flow"
        }
    }

    /// A `Set-Cookie` value. `max_age` in seconds; 0 deletes the cookie.
    ///
    /// # Panics
    /// When the value is no header text. Ours are base64url.
    pub fn header(self, name: &str, value: &str, max_age: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
        HeaderValue::from_str(&text).expect("cookie values are base64url")
    }
}

impl RequestContext {
    /// This request's context.
    pub fn get() -> Self {
        expect_context()
    }

    /// The signed-in person, or the error that sends the browser to the sign-in page.
    pub fn user(&self) -> Result<&SessionUser, Problem> {
        self.session
            .as_ref()
            .ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))
    }

    /// Puts the cookie of a new session on the response.
    pub fn sign_in(&self, session: &NewSession) {
        use broker::ExposeSecret as _;
        let max_age = (session.expires_at - self.broker.now()).num_seconds();
        set_cookie(self.cookies.header(
            self.cookies.session_name(),
            session.token.expose_secret(),
            max_age,
        ));
    }

    /// Takes the session cookie off the browser.
    pub fn sign_out(&self) {
        set_cookie(self.cookies.header(self.cookies.session_name(), "", 0));
    }

    /// Puts the flow cookie on the response.
    pub fn bind_flow(&self, browser: &str) {
        set_cookie(self.cookies.header(self.cookies.flow_name(), browser, 600));
    }
}

fn set_cookie(cookie: HeaderValue) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.append_header(SET_COOKIE, cookie);
    }
}
