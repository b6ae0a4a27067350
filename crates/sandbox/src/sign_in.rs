//! Between authorization request and callback: who signs in, and whether they consent.
//!
//! The pages and `POST /_sandbox/consent` go through the same functions. There is no session: the account picker is
//! shown each time, unless `login_hint` names an account and `prompt` does not ask for the picker.

use std::collections::HashMap;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    dialects::{AuthorizationRequest, Authorize, Dialect, entra, legacy, oidc},
    pages::ErrorPage,
    state::State,
    tokens::{CodeTerms, Grant},
};

/// How long a person may take.
const INTERACTION_MINUTES: i64 = 15;

/// What a person answers on the consent screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Let the app in.
    Accept,
    /// Do not.
    Decline,
}

/// Why [`crate::Sandbox::consent`] leads to no redirect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsentRefused {
    /// The address is not one of the authorization endpoints.
    #[error("'{0}' is not an authorization endpoint of the sandbox")]
    NotAnEndpoint(String),
    /// No account has this name or email address.
    #[error("there is no account '{0}'")]
    NoSuchAccount(String),
    /// The browser would show an error page.
    #[error("{code}: {message}")]
    Page {
        /// The page's status.
        status: StatusCode,
        /// The provider's code, for example `AADSTS50011`.
        code: String,
        /// What the page says.
        message: String,
    },
}

impl From<ErrorPage> for ConsentRefused {
    fn from(page: ErrorPage) -> Self {
        Self::Page {
            status: page.status,
            code: page.code,
            message: page.message,
        }
    }
}

/// One trip of a browser through the pages.
#[derive(Debug, Clone)]
pub(crate) struct Interaction {
    pub(crate) request: AuthorizationRequest,
    pub(crate) account: Option<&'static str>,
    expires_at: DateTime<Utc>,
}

/// The trips under way, by an id nobody can guess; it is also what protects the forms from other sites.
#[derive(Debug, Default)]
pub(crate) struct Interactions(HashMap<String, Interaction>);

impl Interactions {
    pub(crate) fn get(&self, id: &str, now: DateTime<Utc>) -> Result<&Interaction, ErrorPage> {
        self.0
            .get(id)
            .filter(|interaction| now < interaction.expires_at)
            .ok_or_else(ErrorPage::no_interaction)
    }
}

/// What the browser sees next.
#[derive(Debug)]
pub(crate) enum Step {
    PickAccount,
    Consent,
    Callback(Url),
}

/// The authorization endpoint at this path decides; nothing when there is none.
pub(crate) fn authorize_at(state: &State, path: &str, query: &str) -> Option<Authorize> {
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match segments[..] {
        ["oauth2", "authorize"] => Some(legacy::authorize(state, query)),
        ["oidc", "authorize"] => Some(oidc::authorize(state, query)),
        [tenant, "oauth2", "v2.0", "authorize"] => {
            Some(entra::authorize::authorize(state, tenant, query))
        }
        _ => None,
    }
}

/// Starts a trip. A hint that names an account skips the picker.
pub(crate) fn begin(
    state: &mut State,
    request: AuthorizationRequest,
    now: DateTime<Utc>,
) -> Result<(String, Step), ErrorPage> {
    let id = state.random_id();
    let hinted = request
        .login_hint
        .as_deref()
        .filter(|_| !request.prompt.select_account);
    let hinted = hinted
        .and_then(|hint| state.account(hint))
        .map(|account| account.name);
    let interaction = Interaction {
        request,
        account: None,
        expires_at: now + TimeDelta::minutes(INTERACTION_MINUTES),
    };
    state
        .interactions
        .0
        .retain(|_, other| now < other.expires_at);
    state.interactions.0.insert(id.clone(), interaction);
    let step = match hinted {
        Some(account) => choose_account(state, &id, account, now)?,
        None => Step::PickAccount,
    };
    Ok((id, step))
}

/// A person picked an account.
pub(crate) fn choose_account(
    state: &mut State,
    id: &str,
    account: &str,
    now: DateTime<Utc>,
) -> Result<Step, ErrorPage> {
    let request = state.interactions.get(id, now)?.request.clone();
    let account = state
        .account(account)
        .ok_or_else(ErrorPage::no_interaction)?;
    request.dialect.check_sign_in(&request, account)?;
    let account = account.name;
    if let Some(interaction) = state.interactions.0.get_mut(id) {
        interaction.account = Some(account);
    }
    if !request.prompt.consent && state.has_consented(account, &request.client_id, &request.scopes)
    {
        return decide(state, id, Decision::Accept, now).map(Step::Callback);
    }
    Ok(Step::Consent)
}

/// A person answered the consent screen; the trip ends.
pub(crate) fn decide(
    state: &mut State,
    id: &str,
    decision: Decision,
    now: DateTime<Utc>,
) -> Result<Url, ErrorPage> {
    let interaction = state.interactions.get(id, now)?.clone();
    let account = interaction.account.ok_or_else(ErrorPage::no_interaction)?;
    state.interactions.0.remove(id);
    conclude(state, interaction.request, account, decision, now)
}

fn conclude(
    state: &mut State,
    request: AuthorizationRequest,
    account: &str,
    decision: Decision,
    now: DateTime<Utc>,
) -> Result<Url, ErrorPage> {
    if decision == Decision::Decline {
        return Ok(request.dialect.declined(&request, state.config.base()));
    }
    let account = state
        .account(account)
        .ok_or_else(ErrorPage::no_interaction)?;
    // It may have been disabled while the consent screen was open.
    request.dialect.check_sign_in(&request, account)?;
    let account = account.name;
    if request.dialect == Dialect::Entra && state.waits_for_administrator(&request.client_id) {
        return Ok(entra::admin_consent::needed(&request));
    }
    state.remember_consent(account, &request.client_id, &request.scopes);
    let code = state.random_id();
    let callback = request
        .dialect
        .accepted(&request, &code, state.config.base());
    let grant = Grant {
        family: state.random_uuid(),
        dialect: request.dialect,
        client_id: request.client_id,
        account,
        scopes: request.scopes,
        nonce: request.nonce,
    };
    let terms = CodeTerms {
        redirect_uri: request.redirect_uri_text,
        challenge: request.challenge,
        expires_at: now + TimeDelta::seconds(state.behaviour.code_lifetime_seconds.into()),
    };
    state.tokens.add_code(&code, grant, terms);
    Ok(callback)
}

/// The whole trip at once, for tests.
pub(crate) fn without_pages(
    state: &mut State,
    authorize_url: &Url,
    account: &str,
    decision: Decision,
    now: DateTime<Utc>,
) -> Result<Url, ConsentRefused> {
    let query = authorize_url.query().unwrap_or_default();
    let request = match authorize_at(state, authorize_url.path(), query) {
        None => {
            return Err(ConsentRefused::NotAnEndpoint(
                authorize_url.path().to_owned(),
            ));
        }
        Some(Authorize::Refuse(page)) => return Err(page.into()),
        Some(Authorize::Callback(url)) => return Ok(url),
        Some(Authorize::Ask(request)) => *request,
    };
    let found = state
        .account(account)
        .ok_or_else(|| ConsentRefused::NoSuchAccount(account.to_owned()))?;
    request.dialect.check_sign_in(&request, found)?;
    let name = found.name;
    Ok(conclude(state, request, name, decision, now)?)
}
