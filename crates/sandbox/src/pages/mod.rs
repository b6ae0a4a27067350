//! The pages a person sees: rendered on the server, no script, strict policy. Templates are the HTML files next to
//! this one; every text is escaped on its way in.

mod template;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use url::Url;

use crate::{
    accounts::Account,
    dialects::AuthorizationRequest,
    scopes::{self, OPENID},
};
use template::{Slot, fill};

/// Served as `/_sandbox/style.css`.
pub(crate) const STYLE: &str = include_str!("style.css");
/// Served as `/_sandbox/icon.svg`.
pub(crate) const ICON: &str = include_str!("icon.svg");

/// A refusal that is shown to the person and told to nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorPage {
    pub(crate) status: StatusCode,
    title: &'static str,
    /// The provider's code, for example `AADSTS50011`.
    pub(crate) code: String,
    pub(crate) message: String,
}

impl ErrorPage {
    /// The request cannot be trusted, so nothing is sent to its redirect URI.
    pub(crate) fn request(code: impl Into<String>, message: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            title: "This app cannot sign you in",
            code: code.into(),
            message,
        }
    }

    /// The account may not sign in. The real pages have status 200 as well: the browser did nothing wrong.
    pub(crate) fn account(code: impl Into<String>, message: String) -> Self {
        Self {
            status: StatusCode::OK,
            title: "You cannot sign in with this account",
            code: code.into(),
            message,
        }
    }

    /// The trip is over or never began.
    pub(crate) fn no_interaction() -> Self {
        Self {
            status: StatusCode::GONE,
            title: "This sign-in is no longer open",
            code: "expired".to_owned(),
            message:
                "It took too long or was already answered. Go back to the app and start again."
                    .to_owned(),
        }
    }

    pub(crate) fn render(&self) -> Response {
        let main = fill(
            include_str!("error.html"),
            &[
                ("title", Slot::Text(self.title)),
                ("message", Slot::Text(&self.message)),
                ("code", Slot::Text(&self.code)),
            ],
        );
        page(self.status, self.title, &main, None)
    }
}

/// The account picker.
pub(crate) fn pick_account(
    interaction: &str,
    request: &AuthorizationRequest,
    accounts: &[Account],
) -> Response {
    let hint = request.login_hint.as_deref().unwrap_or_default();
    let (hinted, others): (Vec<_>, Vec<_>) = accounts
        .iter()
        .partition(|account| account.email.eq_ignore_ascii_case(hint));
    let buttons: String = hinted
        .into_iter()
        .chain(others)
        .map(account_button)
        .collect();
    let main = fill(
        include_str!("pick_account.html"),
        &[
            ("interaction", Slot::Text(interaction)),
            ("app", Slot::Text(&request.app_name)),
            ("accounts", Slot::Html(&buttons)),
        ],
    );
    page(
        StatusCode::OK,
        "Pick an account",
        &main,
        Some(&request.redirect_uri),
    )
}

fn account_button(account: &Account) -> String {
    let initials: String = account
        .display_name
        .split(' ')
        .filter_map(|word| word.chars().next())
        .collect();
    let kind = match account {
        Account { active: false, .. } => "Disabled account",
        Account { locked: true, .. } => "Locked account",
        account if account.is_personal() => "Personal account",
        _ => "Work account",
    };
    fill(
        include_str!("account_button.html"),
        &[
            ("name", Slot::Text(account.name)),
            ("initials", Slot::Text(&initials)),
            ("display_name", Slot::Text(account.display_name)),
            ("email", Slot::Text(account.email)),
            ("kind", Slot::Text(kind)),
        ],
    )
}

/// The consent screen.
pub(crate) fn consent(
    interaction: &str,
    request: &AuthorizationRequest,
    account: &Account,
) -> Response {
    let items: String = request
        .scopes
        .iter()
        .map(|scope| scope_item(scope))
        .collect();
    let main = fill(
        include_str!("consent.html"),
        &[
            ("interaction", Slot::Text(interaction)),
            ("app", Slot::Text(&request.app_name)),
            ("email", Slot::Text(account.email)),
            ("scopes", Slot::Html(&items)),
            (
                "destination",
                Slot::Text(&request.redirect_uri.origin().ascii_serialization()),
            ),
        ],
    );
    page(
        StatusCode::OK,
        "Permissions requested",
        &main,
        Some(&request.redirect_uri),
    )
}

fn scope_item(name: &str) -> String {
    let openid = OPENID
        .iter()
        .find(|(openid, _)| *openid == name)
        .map(|(_, words)| (*words, "Sign-in", false));
    let devops =
        scopes::find(name).map(|scope| (scope.label, scope.category, scope.high_privilege));
    let (words, category, high_privilege) = openid.or(devops).unwrap_or((name, "Other", false));
    let badge = if high_privilege {
        include_str!("high_privilege.html")
    } else {
        ""
    };
    fill(
        include_str!("scope_item.html"),
        &[
            ("words", Slot::Text(words)),
            ("category", Slot::Text(category)),
            ("scope", Slot::Text(name)),
            ("badge", Slot::Html(badge)),
        ],
    )
}

/// What this server is, for whoever opens its address.
pub(crate) fn landing(base: &str, accounts: &[Account]) -> Response {
    let rows: String = accounts
        .iter()
        .map(|account| {
            fill(
                include_str!("account_item.html"),
                &[
                    ("name", Slot::Text(account.display_name)),
                    ("email", Slot::Text(account.email)),
                ],
            )
        })
        .collect();
    let main = fill(
        include_str!("landing.html"),
        &[("base", Slot::Text(base)), ("accounts", Slot::Html(&rows))],
    );
    page(StatusCode::OK, "Tokenry sandbox", &main, None)
}

/// After signing out.
pub(crate) fn signed_out() -> Response {
    page(
        StatusCode::OK,
        "Signed out",
        include_str!("signed_out.html"),
        None,
    )
}

/// The frame around a page. Browsers apply `form-action` to the redirects after a form as well, so the callback's
/// origin has to be in it.
fn page(status: StatusCode, title: &str, main: &str, callback: Option<&Url>) -> Response {
    let html = fill(
        include_str!("layout.html"),
        &[("title", Slot::Text(title)), ("main", Slot::Html(main))],
    );
    let callback = callback
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {callback}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    // An origin is ASCII without spaces or semicolons, whatever the redirect URI was.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'")),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
