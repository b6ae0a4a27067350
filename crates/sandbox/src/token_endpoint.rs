//! What all three token endpoints have in common: canned answers, the ledger, id token signatures, latency and
//! dropped connections. The decision itself is the dialect's.

use std::{io, time::Duration};

use axum::{
    Json,
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    Sandbox,
    behaviour::CannedAnswer,
    dialects::{Dialect, TokenRequest},
    ledger::{LedgerEntry, Outcome, fingerprint},
    params::{ClientCredentials, Params},
    refusal::Refusal,
    serve::Severance,
    state::{IdClaims, Issued, State},
    tokens::History,
};

/// A token request off the wire.
pub(crate) struct Incoming<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) tenant: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// Absent when the router is called in-process.
    pub(crate) severance: Option<Severance>,
}

/// What was decided under the lock.
struct Decided {
    response: Response,
    /// The answer as JSON and the claims to sign for it, when there is an id token to add.
    unsigned: Option<(Value, IdClaims)>,
    latency: Duration,
    dropped: bool,
}

/// Answers a token request.
pub(crate) async fn answer(sandbox: &Sandbox, incoming: Incoming<'_>) -> Response {
    let decided = decide(&mut sandbox.state(), &incoming, sandbox.now());
    let response = match decided.unsigned {
        Some((body, claims)) => with_id_token(sandbox, body, &claims).await,
        None => decided.response,
    };
    if !decided.latency.is_zero() {
        tokio::time::sleep(decided.latency).await;
    }
    if decided.dropped {
        dropped_response(incoming.severance.as_ref())
    } else {
        response
    }
}

fn decide(state: &mut State, incoming: &Incoming<'_>, now: DateTime<Utc>) -> Decided {
    let dialect = incoming.dialect;
    let latency = Duration::from_millis(state.behaviour.latency_ms);
    let dropped = state.behaviour.drop_after_send.take();
    let canned = state.behaviour.take_answer();

    let params = Params::from_form(incoming.headers, incoming.body);
    let mut entry = opening_entry(state, incoming, params.as_ref().ok(), now);
    entry.dropped = dropped;
    let was_dead = family_is_dead(state, &entry);

    let (response, unsigned) = match &canned {
        Some(answer) if !answer.after_processing => {
            (canned_response(answer, dialect, state, now), None)
        }
        _ => {
            let result = params.and_then(|params| {
                let (headers, tenant) = (incoming.headers, incoming.tenant);
                dialect.token(
                    state,
                    &TokenRequest {
                        params: &params,
                        headers,
                        tenant,
                        now,
                    },
                )
            });
            let (response, unsigned) = judged(state, &mut entry, dialect, result, now);
            entry.family_revoked = !was_dead && family_is_dead(state, &entry);
            match &canned {
                Some(answer) => (canned_response(answer, dialect, state, now), None),
                None => (response, unsigned),
            }
        }
    };
    if let Some(answer) = canned {
        entry.error = answer.error.or(entry.error);
    }
    entry.status = response.status().as_u16();
    state.ledger.record(entry);
    Decided {
        response,
        unsigned,
        latency,
        dropped,
    }
}

fn family_is_dead(state: &State, entry: &LedgerEntry) -> bool {
    entry
        .family
        .as_deref()
        .is_some_and(|family| state.tokens.is_dead(family))
}

/// The entry as far as the request alone tells.
fn opening_entry(
    state: &State,
    incoming: &Incoming<'_>,
    params: Option<&Params>,
    now: DateTime<Utc>,
) -> LedgerEntry {
    let get = |name: &str| params.and_then(|params| params.get(name));
    let (code_or_token, client_id) = match incoming.dialect {
        Dialect::Legacy => {
            let client = get("client_assertion")
                .and_then(|secret| state.authenticate_by_secret(Dialect::Legacy, secret).ok())
                .map(|client| client.app.client_id);
            (get("assertion"), client)
        }
        Dialect::Entra | Dialect::OAuth2 => {
            let credentials =
                params.and_then(|params| ClientCredentials::read(incoming.headers, params).ok());
            let name = if get("grant_type") == Some("refresh_token") {
                "refresh_token"
            } else {
                "code"
            };
            (
                get(name),
                credentials.and_then(|credentials| credentials.client_id),
            )
        }
    };
    let History {
        family,
        already_spent,
    } = code_or_token
        .map(|sent| state.tokens.history(sent))
        .unwrap_or_default();
    let account = family
        .as_deref()
        .and_then(|family| state.tokens.grant(family))
        .map(|grant| grant.account.to_owned());
    LedgerEntry {
        number: 0,
        time: now,
        dialect: incoming.dialect,
        client_id,
        grant_type: get("grant_type").map(str::to_owned),
        spent: code_or_token.map(fingerprint),
        got_access: None,
        got_refresh: None,
        result: Outcome::Canned,
        error: None,
        reason: None,
        status: 0,
        double_spend: already_spent,
        family_revoked: false,
        dropped: false,
        family,
        account,
    }
}

/// Completes the entry with the dialect's decision and words the answer.
fn judged(
    state: &mut State,
    entry: &mut LedgerEntry,
    dialect: Dialect,
    result: Result<Issued, Refusal>,
    now: DateTime<Utc>,
) -> (Response, Option<(Value, IdClaims)>) {
    match result {
        Ok(issued) => {
            entry.result = Outcome::Issued;
            entry.got_access = Some(fingerprint(&issued.access_token));
            entry.got_refresh = issued.refresh_token.as_deref().map(fingerprint);
            let body = dialect.issued_body(&issued, &state.behaviour);
            (
                token_response(StatusCode::OK, &body),
                issued.id_token.map(|claims| (body, claims)),
            )
        }
        Err(refusal) => {
            entry.result = Outcome::Refused;
            entry.reason = Some(refusal.to_string());
            let answer = dialect.refusal_answer(&refusal, state, now);
            entry.error = Some(answer.error.to_owned());
            (token_response(answer.status, &answer.body), None)
        }
    }
}

async fn with_id_token(sandbox: &Sandbox, mut body: Value, claims: &IdClaims) -> Response {
    let signed = match sandbox.signing_key().await {
        Ok(key) => key.sign(claims),
        Err(error) => Err(error),
    };
    match signed {
        Ok(id_token) => {
            body["id_token"] = id_token.into();
            token_response(StatusCode::OK, &body)
        }
        Err(error) => {
            tracing::error!(%error, "no id token");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// JSON that no cache keeps (RFC 6749 §5.1).
fn token_response(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    let mut response = (status, headers, Json(body)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"sandbox\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn canned_response(
    answer: &CannedAnswer,
    dialect: Dialect,
    state: &mut State,
    now: DateTime<Utc>,
) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut response = match (&answer.body, &answer.error) {
        (Some(Value::String(text)), _) => {
            let html = text.trim_start().starts_with('<');
            let content_type = if html {
                "text/html; charset=utf-8"
            } else {
                "text/plain; charset=utf-8"
            };
            (status, [(header::CONTENT_TYPE, content_type)], text.clone()).into_response()
        }
        (Some(json), _) => token_response(status, json),
        (None, Some(error)) => {
            token_response(status, &dialect.canned_error_body(error, state, now))
        }
        (None, None) => status.into_response(),
    };
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// No answer: over the network the connection is cut before the first byte; in-process, where there is none, the body
/// breaks off as it would.
fn dropped_response(severance: Option<&Severance>) -> Response {
    if let Some(severance) = severance {
        severance.cut();
    }
    let broken = io::Error::new(
        io::ErrorKind::ConnectionReset,
        "cut by the sandbox's behaviour",
    );
    Response::new(Body::from_stream(futures::stream::once(async {
        Err::<Vec<u8>, _>(broken)
    })))
}
