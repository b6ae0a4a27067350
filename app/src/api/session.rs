//! Who is signed in, and how the page looks for them.

use super::UiError;
use crate::theme::Theme;
use leptos::{prelude::*, server};
use model::user::CurrentUser;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What the frame of the page needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub user: Option<CurrentUser>,
    /// The address of the sandbox, when the server runs with it.
    pub sandbox: Option<String>,
    /// The colours chosen in this browser.
    pub theme: Theme,
}

/// The session of this browser.
#[server(prefix = "/ui", endpoint = "session", input = Json)]
pub async fn current_session() -> Result<Session, UiError> {
    let context = crate::context::RequestContext::get();
    Ok(Session {
        user: context.session.map(|session| session.user),
        sandbox: context.sandbox,
        theme: crate::document::theme_of_request(),
    })
}

/// The session, shared by all pages.
pub type SessionResource = Resource<Result<Session, UiError>>;

/// Fetches the session. Once, in the application.
pub fn provide_session() {
    let session: SessionResource = Resource::new(|| (), |()| current_session());
    provide_context(session);
    provide_context(ChosenTheme(RwSignal::new(None)));
}

/// The colours chosen on this page, since when the session was fetched.
#[derive(Clone, Copy)]
pub struct ChosenTheme(pub RwSignal<Option<Theme>>);

/// The session of the page. Read it inside a `Suspense` or `Transition`.
pub fn use_session() -> SessionResource {
    expect_context()
}
