//! Server functions of the authorization editor.
//!
//! Thin on purpose: take the signed-in person from the request, call one use case, answer what the
//! editor has to show afterwards. To add one: a use case in `broker::editor`, a function here, a
//! call in `pages::authorizations::editor::actions`.

use super::UiError;
use leptos::prelude::*;
use model::{
    AuthorizationId, SecretId,
    authorization::{Authorization, AuthorizationInput, Editor},
    client_secret::{ClientSecretInput, ClientSecretPatch},
    connector::Connector,
    health::Health,
    provider::ProviderInfo,
    publish::Serving,
};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

#[cfg(feature = "ssr")]
use {
    super::{caller, refuse},
    crate::context::RequestContext,
    broker::access::{Actor, SessionUser},
    model::problem::{Code, Problem},
};

/// Everything the editor needs to start with; loaded once a visit, since the catalogue is large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditorPage {
    /// The form and the state of its consent.
    pub current: EditorUpdate,
    /// The provider, with its fields and scopes.
    pub provider: ProviderInfo,
    /// Connectors of the workspace, to choose from.
    pub connectors: Vec<Connector>,
    /// How the stored consent has been doing; `None` before the first save.
    pub health: Option<Health>,
}

/// What may have changed after something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditorUpdate {
    /// The form and the state of its consent.
    pub editor: Editor,
    /// What the run time serves until the next publish.
    pub serving: Option<Serving>,
}

/// What a refresh that somebody asked for came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// The form and the state of its consent.
    pub current: EditorUpdate,
    /// How the stored consent has been doing, this refresh included.
    pub health: Option<Health>,
    /// Why there is no new token; `None` when there is one.
    pub why_not: Option<String>,
}

/// Begins a new authorization at a provider: mints its id and keeps an empty draft.
#[server(prefix = "/ui", endpoint = "editor/new", input = Json)]
pub async fn new_draft(provider: String) -> Result<Editor, UiError> {
    let (context, user, _) = caller()?;
    let editor = context.broker.new_draft(&user, &provider).await;
    editor.map_err(refuse)
}

/// Loads the editor of an authorization: the person's draft if there is one, what is stored if not.
#[server(prefix = "/ui", endpoint = "editor/load", input = Json)]
pub async fn load_editor(id: AuthorizationId) -> Result<EditorPage, UiError> {
    let (context, user, actor) = caller()?;
    let current = current(&context, &user, &actor, id)
        .await?
        .ok_or_else(gone)?;
    let provider = context
        .broker
        .provider(&current.editor.input.provider)
        .ok_or_else(|| {
            refuse(Problem::new(
                Code::NotFound,
                "Its provider is not in this server's catalogue any more.",
            ))
        })?;
    let connectors = context.broker.connectors(&actor).await.map_err(refuse)?;
    let health = context.broker.health(&actor, id).await.map_err(refuse)?;
    Ok(EditorPage {
        current,
        provider,
        connectors,
        health,
    })
}

/// What may have changed without anybody here doing it; `None` when it is gone.
#[server(prefix = "/ui", endpoint = "editor/state", input = Json)]
pub async fn current_state(id: AuthorizationId) -> Result<Option<EditorUpdate>, UiError> {
    let (context, user, actor) = caller()?;
    current(&context, &user, &actor, id).await
}

/// Keeps unsaved edits on the server.
#[server(prefix = "/ui", endpoint = "editor/keep", input = Json)]
pub async fn keep_draft(
    id: AuthorizationId,
    input: AuthorizationInput,
    base_version: i64,
) -> Result<Editor, UiError> {
    let (context, user, _) = caller()?;
    let kept = context.broker.keep_draft(&user, id, input, base_version);
    kept.await.map_err(refuse)
}

/// Forgets the draft, and has its consent revoked. Answers what is stored, if anything is.
#[server(prefix = "/ui", endpoint = "editor/discard", input = Json)]
pub async fn discard_draft(id: AuthorizationId) -> Result<Option<EditorUpdate>, UiError> {
    let (context, user, actor) = caller()?;
    let discarded = context.broker.discard_draft(&user, id).await;
    discarded.map_err(refuse)?;
    current(&context, &user, &actor, id).await
}

/// Stores the edits and the draft's consent in one go. `stale` when somebody else saved since
/// `base_version`.
#[server(prefix = "/ui", endpoint = "editor/save", input = Json)]
pub async fn save(
    id: AuthorizationId,
    input: AuthorizationInput,
    base_version: i64,
) -> Result<EditorUpdate, UiError> {
    let (context, user, actor) = caller()?;
    let saved = context.broker.save(&user, id, input, base_version).await;
    let editor = saved.map_err(refuse)?;
    let serving = context.broker.serving(&actor, id).await.map_err(refuse)?;
    Ok(EditorUpdate { editor, serving })
}

/// Keeps the edits, opens a consent flow bound to this browser, and answers the provider's address.
/// `tab` is where the person comes back to.
#[server(prefix = "/ui", endpoint = "editor/begin", input = Json)]
pub async fn begin(
    id: AuthorizationId,
    input: AuthorizationInput,
    base_version: i64,
    tab: String,
) -> Result<String, UiError> {
    use broker::ExposeSecret as _;
    let (context, user, _) = caller()?;
    let browser = context.flow_cookie.as_deref();
    let begun = context
        .broker
        .begin(&user, id, input, base_version, &tab, browser)
        .await
        .map_err(refuse)?;
    context.bind_flow(begun.browser.expose_secret());
    Ok(begun.authorize_url.into())
}

/// Ends the stored consent and has it revoked at the provider.
#[server(prefix = "/ui", endpoint = "editor/deauthorize", input = Json)]
pub async fn deauthorize(id: AuthorizationId) -> Result<EditorUpdate, UiError> {
    let (context, user, actor) = caller()?;
    let ended = context.broker.deauthorize(&actor, id).await;
    ended.map_err(refuse)?;
    let current = current(&context, &user, &actor, id).await?;
    current.ok_or_else(gone)
}

/// Refreshes the stored consent now, whether it is due or not.
#[server(prefix = "/ui", endpoint = "editor/refresh", input = Json)]
pub async fn refresh(id: AuthorizationId) -> Result<Refreshed, UiError> {
    let (context, user, actor) = caller()?;
    let why_not = super::authorizations::refreshed(&context, &actor, id).await?;
    let health = context.broker.health(&actor, id).await.map_err(refuse)?;
    let current = current(&context, &user, &actor, id).await?;
    Ok(Refreshed {
        current: current.ok_or_else(gone)?,
        health,
        why_not,
    })
}

/// Says whose account the draft's consent may act for: the one that signed in (`new`), or the one
/// before, which gives the new consent up.
#[server(prefix = "/ui", endpoint = "editor/account", input = Json)]
pub async fn answer_account(id: AuthorizationId, new: bool) -> Result<EditorUpdate, UiError> {
    use broker::consent::AccountChoice;

    let (context, user, actor) = caller()?;
    let choice = if new {
        AccountChoice::New
    } else {
        AccountChoice::Old
    };
    let answered = context.broker.answer_account(&user, id, choice).await;
    let editor = answered.map_err(refuse)?;
    let serving = context.broker.serving(&actor, id).await.map_err(refuse)?;
    Ok(EditorUpdate { editor, serving })
}

/// Adds a client secret to what is stored.
#[server(prefix = "/ui", endpoint = "editor/secret-add", input = Json)]
pub async fn add_secret(
    id: AuthorizationId,
    input: ClientSecretInput,
) -> Result<EditorUpdate, UiError> {
    let (context, user, actor) = caller()?;
    let added = context.broker.add_client_secret(&actor, id, input).await;
    added.map_err(refuse)?;
    let current = current(&context, &user, &actor, id).await?;
    current.ok_or_else(gone)
}

/// Changes a stored client secret: its last day, its place.
#[server(prefix = "/ui", endpoint = "editor/secret-change", input = Json)]
pub async fn change_secret(
    id: AuthorizationId,
    secret: SecretId,
    patch: ClientSecretPatch,
) -> Result<EditorUpdate, UiError> {
    let (context, user, actor) = caller()?;
    let changed = context
        .broker
        .change_client_secret(&actor, id, secret, patch)
        .await;
    changed.map_err(refuse)?;
    let current = current(&context, &user, &actor, id).await?;
    current.ok_or_else(gone)
}

/// Forgets a stored client secret.
#[server(prefix = "/ui", endpoint = "editor/secret-remove", input = Json)]
pub async fn remove_secret(id: AuthorizationId, secret: SecretId) -> Result<EditorUpdate, UiError> {
    let (context, user, actor) = caller()?;
    let removed = context
        .broker
        .remove_client_secret(&actor, id, secret)
        .await;
    removed.map_err(refuse)?;
    let current = current(&context, &user, &actor, id).await?;
    current.ok_or_else(gone)
}

/// Puts an authorization aside or brings it back.
#[server(prefix = "/ui", endpoint = "editor/active", input = Json)]
pub async fn set_active(id: AuthorizationId, active: bool) -> Result<EditorUpdate, UiError> {
    let (context, user, actor) = caller()?;
    let set = context.broker.set_active(&actor, id, active).await;
    set.map_err(refuse)?;
    let current = current(&context, &user, &actor, id).await?;
    current.ok_or_else(gone)
}

/// What is stored now, to be compared with the form after a `stale` save.
#[server(prefix = "/ui", endpoint = "editor/stored", input = Json)]
pub async fn stored(id: AuthorizationId) -> Result<Authorization, UiError> {
    let (context, _, actor) = caller()?;
    let stored = context.broker.authorization(&actor, id).await;
    stored.map_err(refuse)?.ok_or_else(gone)
}

#[cfg(feature = "ssr")]
async fn current(
    context: &RequestContext,
    user: &SessionUser,
    actor: &Actor,
    id: AuthorizationId,
) -> Result<Option<EditorUpdate>, UiError> {
    let Some(editor) = context.broker.editor(user, id).await.map_err(refuse)? else {
        return Ok(None);
    };
    let serving = context.broker.serving(actor, id).await.map_err(refuse)?;
    Ok(Some(EditorUpdate { editor, serving }))
}

#[cfg(feature = "ssr")]
fn gone() -> UiError {
    refuse(Problem::new(
        Code::NotFound,
        "There is no such authorization. It may have been deleted.",
    ))
}
