//! The dialects: how each reads an authorization or token request and words its answers.

pub(crate) mod entra;
pub(crate) mod legacy;
pub(crate) mod oidc;

use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::{
    accounts::Account,
    behaviour::{Behaviour, Rotation},
    config::AppRegistration,
    pages::ErrorPage,
    params::Params,
    refusal::Refusal,
    state::{Issued, State},
};

/// Which protocol an app speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Azure DevOps' own OAuth, before Entra: `/oauth2/authorize`, `/oauth2/token`.
    Legacy,
    /// Microsoft Entra ID, version 2: `/{tenant}/oauth2/v2.0/authorize`, `…/token`.
    Entra,
    /// OAuth 2.0 and OpenID Connect as the standards say: `/oidc/authorize`, `/oidc/token`, `/oidc/revoke`.
    #[serde(rename = "oauth2")]
    OAuth2,
}

/// What an authorization endpoint decides.
pub(crate) enum Authorize {
    /// Client or redirect URI cannot be trusted: an error page, never a redirect (RFC 6749 §4.1.2.1).
    Refuse(ErrorPage),
    /// An error the client hears of at its redirect URI.
    Callback(Url),
    /// A person is to be asked.
    Ask(Box<AuthorizationRequest>),
}

/// A valid authorization request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuthorizationRequest {
    pub(crate) dialect: Dialect,
    pub(crate) client_id: String,
    pub(crate) app_name: String,
    pub(crate) redirect_uri: Url,
    /// As the client wrote it: the code is bound to this text.
    pub(crate) redirect_uri_text: String,
    pub(crate) state: Option<String>,
    /// Without a resource prefix.
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<String>,
    /// Entra: the tenant in the path.
    pub(crate) tenant: Option<String>,
    pub(crate) prompt: Prompt,
    pub(crate) login_hint: Option<String>,
}

/// The parameter `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Prompt {
    /// Show the account picker in any case.
    pub(crate) select_account: bool,
    /// Show the consent screen in any case.
    pub(crate) consent: bool,
}

impl Prompt {
    /// Reads the parameter; `none` has no place here and is the caller's to refuse.
    pub(crate) fn read(params: &Params) -> Self {
        let has = |value: &str| {
            params
                .get("prompt")
                .is_some_and(|prompt| prompt.split(' ').any(|word| word == value))
        };
        Self {
            select_account: has("select_account") || has("login"),
            consent: has("consent"),
        }
    }
}

/// A token request as it came in.
pub(crate) struct TokenRequest<'a> {
    pub(crate) params: &'a Params,
    pub(crate) headers: &'a HeaderMap,
    /// Entra: the tenant in the path.
    pub(crate) tenant: Option<&'a str>,
    pub(crate) now: DateTime<Utc>,
}

/// A dialect's words for a refusal.
pub(crate) struct RefusalAnswer {
    pub(crate) status: StatusCode,
    /// The OAuth error code, also for the ledger.
    pub(crate) error: &'static str,
    pub(crate) body: Value,
}

impl Dialect {
    /// Answers a token request.
    pub(crate) fn token(
        self,
        state: &mut State,
        request: &TokenRequest<'_>,
    ) -> Result<Issued, Refusal> {
        match self {
            Self::Legacy => legacy::token(state, request),
            Self::Entra => entra::token::token(state, request),
            Self::OAuth2 => oidc::token(state, request),
        }
    }

    /// The body of a successful token answer, without the id token.
    pub(crate) fn issued_body(self, issued: &Issued, behaviour: &Behaviour) -> Value {
        match self {
            Self::Legacy => legacy::issued_body(issued, behaviour),
            Self::Entra => entra::token::issued_body(issued, behaviour),
            Self::OAuth2 => oidc::issued_body(issued, behaviour),
        }
    }

    /// The refusal in the dialect's words.
    pub(crate) fn refusal_answer(
        self,
        refusal: &Refusal,
        state: &mut State,
        now: DateTime<Utc>,
    ) -> RefusalAnswer {
        match self {
            Self::Legacy => legacy::refusal_answer(refusal, &state.behaviour),
            Self::Entra => entra::token::refusal_answer(refusal, state, now),
            Self::OAuth2 => oidc::refusal_answer(refusal),
        }
    }

    /// The body for an OAuth error that a test asked for.
    pub(crate) fn canned_error_body(
        self,
        error: &str,
        state: &mut State,
        now: DateTime<Utc>,
    ) -> Value {
        let description = "The sandbox was told to answer this.";
        match self {
            Self::Legacy => legacy::error_body(error, description, state.behaviour.error_casing),
            Self::Entra => entra::token::error_body(error, None, description, state, now),
            Self::OAuth2 => oidc::error_body(error, description),
        }
    }

    /// Where the browser goes with a code.
    pub(crate) fn accepted(self, request: &AuthorizationRequest, code: &str, base: &str) -> Url {
        let issuer = (self == Self::OAuth2).then(|| self.issuer(base, ""));
        callback(request, &[("code", Some(code)), ("iss", issuer.as_deref())])
    }

    /// Where the browser goes when the person declines.
    pub(crate) fn declined(self, request: &AuthorizationRequest, base: &str) -> Url {
        match self {
            Self::Legacy => callback(request, &[]),
            Self::Entra => entra::authorize::declined(request),
            Self::OAuth2 => oidc::declined(request, base),
        }
    }

    /// Whether this account may sign in here, or the page that says why not.
    pub(crate) fn check_sign_in(
        self,
        request: &AuthorizationRequest,
        account: &Account,
    ) -> Result<(), ErrorPage> {
        match self {
            Self::Entra => entra::authorize::check_sign_in(request, account),
            Self::Legacy | Self::OAuth2 => check_account(account),
        }
    }

    /// Who signs id tokens (OpenID Connect Core §2).
    pub(crate) fn issuer(self, base: &str, tenant_id: &str) -> String {
        match self {
            Self::Entra => format!("{base}/{tenant_id}/v2.0"),
            Self::Legacy | Self::OAuth2 => base.to_owned(),
        }
    }

    /// What the real provider does with a refresh token's second use.
    pub(crate) fn rotation(self) -> Rotation {
        match self {
            Self::Entra => Rotation::ReuseAllowed,
            Self::Legacy | Self::OAuth2 => Rotation::Strict,
        }
    }

    /// Entra ties refresh tokens to `offline_access`, as OpenID Connect does (Core §11). Plain OAuth 2.0 and the
    /// legacy dialect know no such scope and always give one.
    pub(crate) fn gives_refresh_token(self, scopes: &BTreeSet<String>) -> bool {
        match self {
            Self::Legacy => true,
            Self::Entra => scopes.contains("offline_access"),
            Self::OAuth2 => scopes.contains("offline_access") || !scopes.contains("openid"),
        }
    }
}

/// The page for a disabled or locked account.
fn check_account(account: &Account) -> Result<(), ErrorPage> {
    if !account.active {
        return Err(ErrorPage::account(
            "AADSTS50057",
            format!("The account {} is disabled.", account.email),
        ));
    }
    if account.locked {
        return Err(ErrorPage::account(
            "AADSTS50053",
            format!("The account {} is locked.", account.email),
        ));
    }
    Ok(())
}

/// Checks client and redirect URI: what makes a redirect safe. The page otherwise has the provider's code for each.
fn trusted_client<'a>(
    state: &'a State,
    dialect: Dialect,
    params: &Params,
    codes: [&'static str; 2],
) -> Result<(&'a AppRegistration, Url), ErrorPage> {
    let [unknown_client, bad_redirect] = codes;
    let Some(app) = params
        .get("client_id")
        .and_then(|id| state.app(dialect, id))
    else {
        let named = params.get("client_id").unwrap_or_default();
        return Err(ErrorPage::request(
            unknown_client,
            format!("Application with identifier '{named}' was not found."),
        ));
    };
    let sent = params.get("redirect_uri").unwrap_or_default();
    if let Ok(url) = Url::parse(sent)
        && app.allows_redirect(sent)
    {
        return Ok((app, url));
    }
    let message = format!(
        "The redirect URI '{sent}' specified in the request does not match the redirect URIs configured for the \
         application '{}'.",
        app.client_id
    );
    Err(ErrorPage::request(bad_redirect, message))
}

/// Builds the callback with these parameters and the state.
fn callback(request: &AuthorizationRequest, parameters: &[(&str, Option<&str>)]) -> Url {
    callback_to(&request.redirect_uri, request.state.as_deref(), parameters)
}

fn callback_to(
    redirect_uri: &Url,
    state: Option<&str>,
    parameters: &[(&str, Option<&str>)],
) -> Url {
    let mut url = redirect_uri.clone();
    let present = parameters
        .iter()
        .copied()
        .chain([("state", state)])
        .filter_map(|(name, value)| Some((name, value?)));
    // Without a parameter the URL must stay as registered, without a question mark.
    let present: Vec<_> = present.collect();
    if !present.is_empty() {
        url.query_pairs_mut().extend_pairs(present);
    }
    url
}

fn split_scopes(scope: &str) -> impl Iterator<Item = &str> {
    scope.split(' ').filter(|name| !name.is_empty())
}

fn joined<'a>(scopes: impl IntoIterator<Item = &'a str>) -> String {
    scopes.into_iter().collect::<Vec<_>>().join(" ")
}
