//! `/_sandbox/…`: what tests change and look up over HTTP. The same is there as methods of [`Sandbox`].

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    AccountPatch, AppRegistration, ConsentRefused, Decision, MintRequest, Sandbox,
    ledger::{LedgerEntry, LedgerTotals},
};

pub(crate) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/_sandbox/accounts", get(accounts))
        .route("/_sandbox/accounts/{name}", post(change_account))
        .route("/_sandbox/apps", post(register))
        .route("/_sandbox/behaviour", get(behaviour).post(change_behaviour))
        .route("/_sandbox/consent", post(consent))
        .route("/_sandbox/families", get(families))
        .route("/_sandbox/grants", post(mint))
        .route("/_sandbox/ledger", get(ledger))
        .route("/_sandbox/token", get(token))
        .route("/_sandbox/reset", post(reset))
        .layer(middleware::from_fn(refuse_other_sites))
}

/// The control API has no login. Pages of other sites in a developer's browser must not use it all the same.
async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let site = request
        .headers()
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    match site {
        None | Some("same-origin" | "none") => next.run(request).await,
        Some(_) => problem(
            StatusCode::FORBIDDEN,
            "the control API does not answer other sites",
        ),
    }
}

fn problem(status: StatusCode, message: impl std::fmt::Display) -> Response {
    (status, Json(json!({"error": message.to_string()}))).into_response()
}

async fn accounts(State(sandbox): State<Sandbox>) -> Response {
    Json(&sandbox.state().accounts).into_response()
}

async fn change_account(
    State(sandbox): State<Sandbox>,
    Path(name): Path<String>,
    Json(patch): Json<AccountPatch>,
) -> Response {
    match sandbox.set_account(&name, patch) {
        Some(account) => Json(account).into_response(),
        None => problem(
            StatusCode::NOT_FOUND,
            format_args!("there is no account '{name}'"),
        ),
    }
}

async fn register(State(sandbox): State<Sandbox>, Json(app): Json<AppRegistration>) -> Response {
    let answer = json!({"client_id": app.client_id, "replaced": sandbox.register(app.clone())});
    (StatusCode::CREATED, Json(answer)).into_response()
}

async fn behaviour(State(sandbox): State<Sandbox>) -> Response {
    Json(sandbox.behaviour()).into_response()
}

async fn change_behaviour(
    State(sandbox): State<Sandbox>,
    Json(patch): Json<Map<String, Value>>,
) -> Response {
    let mut state = sandbox.state();
    match state.behaviour.patched(patch) {
        Ok(changed) => {
            state.behaviour = changed;
            Json(&state.behaviour).into_response()
        }
        Err(error) => problem(StatusCode::UNPROCESSABLE_ENTITY, error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentRequest {
    authorize_url: Url,
    /// Short name or email address.
    account: String,
    decision: Decision,
}

async fn consent(State(sandbox): State<Sandbox>, Json(request): Json<ConsentRequest>) -> Response {
    match sandbox.consent(&request.authorize_url, &request.account, request.decision) {
        Ok(location) => Json(json!({"location": location})).into_response(),
        Err(ConsentRefused::Page {
            status,
            code,
            message,
        }) => {
            let page = json!({"error": "page", "status": status.as_u16(), "code": code, "message": message});
            (StatusCode::UNPROCESSABLE_ENTITY, Json(page)).into_response()
        }
        Err(refused @ (ConsentRefused::NotAnEndpoint(_) | ConsentRefused::NoSuchAccount(_))) => {
            problem(StatusCode::NOT_FOUND, refused)
        }
    }
}

async fn mint(State(sandbox): State<Sandbox>, Json(request): Json<MintRequest>) -> Response {
    match sandbox.mint(&request) {
        Ok(grants) => (StatusCode::CREATED, Json(grants)).into_response(),
        Err(refused) => problem(StatusCode::UNPROCESSABLE_ENTITY, refused),
    }
}

/// What is known of the access token in the `Authorization` header: so that a test can tell whether one was over when
/// it was served, however long it takes to ask.
async fn token(State(sandbox): State<Sandbox>, headers: HeaderMap) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let known = token.and_then(|token| sandbox.state().tokens.end_of_access(token));
    match known {
        Some((expires_at, revoked)) => {
            Json(json!({"expires_at": expires_at, "revoked": revoked})).into_response()
        }
        None => problem(StatusCode::NOT_FOUND, "no such access token was given out"),
    }
}

async fn families(State(sandbox): State<Sandbox>) -> Response {
    Json(sandbox.families()).into_response()
}

#[derive(Deserialize)]
struct LedgerQuery {
    /// Only entries with a higher number.
    #[serde(default)]
    since: u64,
}

#[derive(serde::Serialize)]
struct LedgerAnswer<'a> {
    totals: LedgerTotals,
    entries: Vec<&'a LedgerEntry>,
}

async fn ledger(State(sandbox): State<Sandbox>, Query(query): Query<LedgerQuery>) -> Response {
    let state = sandbox.state();
    let entries = state
        .ledger
        .entries
        .iter()
        .filter(|entry| entry.number > query.since)
        .collect();
    Json(LedgerAnswer {
        totals: state.ledger.totals,
        entries,
    })
    .into_response()
}

async fn reset(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.reset();
    StatusCode::NO_CONTENT
}
