//! Which address answers what.

use axum::{
    Extension, Form, Json, Router,
    body::Bytes,
    extract::{ConnectInfo, OriginalUri, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    Sandbox, control, devops_api,
    dialects::{Authorize, Dialect, TokenRequest, entra, oidc},
    pages::{self, ErrorPage},
    params::Params,
    serve::Severance,
    sign_in::{self, Decision, Step},
    token_endpoint::{self, Incoming},
};

pub(crate) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/", get(landing))
        .route("/oauth2/authorize", get(authorize))
        .route("/oauth2/token", post(legacy_token))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize))
        .route("/{tenant}/oauth2/v2.0/token", post(entra_token))
        .route("/{tenant}/adminconsent", get(admin_consent))
        .route(
            "/{tenant}/oauth2/v2.0/logout",
            get(async || pages::signed_out()),
        )
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(entra_metadata),
        )
        .route("/{tenant}/discovery/v2.0/keys", get(keys))
        .route("/oidc/authorize", get(authorize))
        .route("/oidc/token", post(oidc_token))
        .route("/oidc/revoke", post(revoke))
        .route("/oidc/keys", get(keys))
        .route(
            "/oidc/userinfo",
            get(devops_api::user_info).post(devops_api::user_info),
        )
        .route("/.well-known/openid-configuration", get(oidc_metadata))
        .route(
            "/.well-known/oauth-authorization-server",
            get(oidc_metadata),
        )
        .route("/_sandbox/interaction/{id}", get(interaction))
        .route("/_sandbox/interaction/{id}/accounts", get(accounts))
        .route("/_sandbox/interaction/{id}/account", post(choose_account))
        .route("/_sandbox/interaction/{id}/decision", post(decide))
        .route(
            "/_sandbox/style.css",
            get(async || asset("text/css; charset=utf-8", pages::STYLE)),
        )
        .route(
            "/_sandbox/icon.svg",
            get(async || asset("image/svg+xml", pages::ICON)),
        )
        .merge(devops_api::router())
        .merge(control::router())
        .with_state(sandbox)
}

fn asset(content_type: &'static str, content: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, content_type),
            (header::CACHE_CONTROL, "max-age=300"),
        ],
        content,
    )
        .into_response()
}

async fn landing(State(sandbox): State<Sandbox>) -> Response {
    let state = sandbox.state();
    pages::landing(state.config.base(), &state.accounts)
}

/// All authorization endpoints; the path says which dialect is meant.
async fn authorize(State(sandbox): State<Sandbox>, OriginalUri(uri): OriginalUri) -> Response {
    let now = sandbox.now();
    let mut state = sandbox.state();
    let request = match sign_in::authorize_at(&state, uri.path(), uri.query().unwrap_or_default()) {
        None => return StatusCode::NOT_FOUND.into_response(),
        Some(Authorize::Refuse(page)) => return page.render(),
        Some(Authorize::Callback(url)) => return Redirect::to(url.as_str()).into_response(),
        Some(Authorize::Ask(request)) => *request,
    };
    match sign_in::begin(&mut state, request, now) {
        Ok((id, Step::Callback(url))) => {
            tracing::debug!(interaction = %id, "consent is on record");
            Redirect::to(url.as_str()).into_response()
        }
        Ok((id, Step::PickAccount | Step::Consent)) => show(&state, &id, now),
        Err(page) => page.render(),
    }
}

async fn admin_consent(
    State(sandbox): State<Sandbox>,
    Path(tenant): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let query = uri.query().unwrap_or_default();
    match entra::admin_consent::consent(&mut sandbox.state(), &tenant, query) {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(page) => page.render(),
    }
}

/// The page an interaction is at.
fn show(state: &crate::state::State, id: &str, now: chrono::DateTime<chrono::Utc>) -> Response {
    let interaction = match state.interactions.get(id, now) {
        Ok(interaction) => interaction,
        Err(page) => return page.render(),
    };
    match interaction.account.and_then(|name| state.account(name)) {
        Some(account) => pages::consent(id, &interaction.request, account),
        None => pages::pick_account(id, &interaction.request, &state.accounts),
    }
}

async fn interaction(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    let now = sandbox.now();
    show(&sandbox.state(), &id, now)
}

/// Back to the account picker.
async fn accounts(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    let now = sandbox.now();
    let state = sandbox.state();
    match state.interactions.get(&id, now) {
        Ok(interaction) => pages::pick_account(&id, &interaction.request, &state.accounts),
        Err(page) => page.render(),
    }
}

#[derive(Deserialize)]
struct AccountForm {
    account: String,
}

async fn choose_account(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(form): Form<AccountForm>,
) -> Response {
    let now = sandbox.now();
    match sign_in::choose_account(&mut sandbox.state(), &id, &form.account, now) {
        Ok(Step::Callback(url)) => Redirect::to(url.as_str()).into_response(),
        Ok(Step::PickAccount | Step::Consent) => {
            Redirect::to(&format!("/_sandbox/interaction/{id}")).into_response()
        }
        Err(page) => page.render(),
    }
}

#[derive(Deserialize)]
struct DecisionForm {
    decision: Decision,
}

async fn decide(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(form): Form<DecisionForm>,
) -> Response {
    let now = sandbox.now();
    match sign_in::decide(&mut sandbox.state(), &id, form.decision, now) {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(page) => page.render(),
    }
}

/// Present when the request came over the network.
type Connection = Option<Extension<ConnectInfo<Severance>>>;

async fn legacy_token(
    State(sandbox): State<Sandbox>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    token(&sandbox, Dialect::Legacy, None, connection, &headers, &body).await
}

async fn entra_token(
    State(sandbox): State<Sandbox>,
    Path(tenant): Path<String>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    token(
        &sandbox,
        Dialect::Entra,
        Some(&tenant),
        connection,
        &headers,
        &body,
    )
    .await
}

async fn oidc_token(
    State(sandbox): State<Sandbox>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    token(&sandbox, Dialect::OAuth2, None, connection, &headers, &body).await
}

async fn token(
    sandbox: &Sandbox,
    dialect: Dialect,
    tenant: Option<&str>,
    connection: Connection,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let severance = connection.map(|Extension(ConnectInfo(severance))| severance);
    token_endpoint::answer(
        sandbox,
        Incoming {
            dialect,
            tenant,
            headers,
            body,
            severance,
        },
    )
    .await
}

/// RFC 7009: success whatever the token was, once the client is who it says; or what a test asked for.
async fn revoke(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    let now = sandbox.now();
    let mut state = sandbox.state();
    let result = Params::from_form(&headers, &body).and_then(|params| {
        let request = TokenRequest {
            params: &params,
            headers: &headers,
            tenant: None,
            now,
        };
        let client = oidc::authenticate(&state, &request)?;
        state.ledger.totals.revocation_requests += 1;
        let canned = state.behaviour.revocation_status;
        if let Some(status) = canned.and_then(|status| StatusCode::from_u16(status).ok()) {
            return Ok(status);
        }
        state
            .tokens
            .revoke(params.require("token")?, &client.app.client_id);
        state.ledger.totals.revocations += 1;
        Ok(StatusCode::OK)
    });
    match result {
        Ok(status) => status.into_response(),
        Err(refusal) => {
            let answer = oidc::refusal_answer(&refusal);
            (answer.status, Json(answer.body)).into_response()
        }
    }
}

async fn oidc_metadata(State(sandbox): State<Sandbox>) -> Response {
    Json(oidc::metadata(sandbox.state().config.base())).into_response()
}

async fn entra_metadata(State(sandbox): State<Sandbox>, Path(tenant): Path<String>) -> Response {
    match entra::metadata(sandbox.state().config.base(), &tenant) {
        Some(metadata) => Json(metadata).into_response(),
        None => ErrorPage::request("AADSTS90002", format!("Tenant '{tenant}' not found.")).render(),
    }
}

async fn keys(State(sandbox): State<Sandbox>) -> Response {
    match sandbox.signing_key().await {
        Ok(key) => Json(key.key_set()).into_response(),
        Err(error) => {
            tracing::error!(%error, "no key set");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
