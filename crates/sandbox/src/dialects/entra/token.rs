//! `POST /{tenant}/oauth2/v2.0/token`.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{check_tenant, scope, words::describe};
use crate::{
    behaviour::Behaviour,
    dialects::{Dialect, RefusalAnswer, TokenRequest},
    params::ClientCredentials,
    refusal::Refusal,
    state::{Issued, State},
    tokens::CodePresented,
};

/// Answers a token request.
pub(crate) fn token(state: &mut State, request: &TokenRequest<'_>) -> Result<Issued, Refusal> {
    let params = request.params;
    let credentials = ClientCredentials::read(request.headers, params)?;
    let client_id = credentials
        .client_id
        .as_deref()
        .ok_or(Refusal::MissingParameter("client_id"))?;
    let grant_type = params.require("grant_type")?;
    let app = state
        .app(Dialect::Entra, client_id)
        .ok_or(Refusal::UnknownClient)?;
    check_tenant(request.tenant.unwrap_or_default(), app)?;
    let client = state.authenticate(Dialect::Entra, client_id, credentials.secret.as_deref())?;
    match grant_type {
        "authorization_code" => {
            let presented = CodePresented {
                code: params.require("code")?,
                client_id,
                redirect_uri: params.require("redirect_uri")?,
                verifier: params.get("code_verifier"),
            };
            if let Some(named) = params.get("scope") {
                scope::read(named, &client.app)?;
            }
            state.redeem(&client, presented, request.now)
        }
        "refresh_token" => {
            let refresh_token = params.require("refresh_token")?;
            let scopes = scope::read(params.require("scope")?, &client.app)?;
            state.refresh(&client, refresh_token, Some(scopes), request.now)
        }
        _ => Err(Refusal::UnsupportedGrantType),
    }
}

/// A successful answer.
pub(crate) fn issued_body(issued: &Issued, behaviour: &Behaviour) -> Value {
    let mut body = Map::new();
    body.insert("token_type".to_owned(), "Bearer".into());
    body.insert("scope".to_owned(), scope::write(&issued.scopes).into());
    if let Some(expires_in) = behaviour.expires_in_form.write(issued.expires_in, false) {
        body.insert("expires_in".to_owned(), expires_in.clone());
        body.insert("ext_expires_in".to_owned(), expires_in);
    }
    body.insert(
        "access_token".to_owned(),
        issued.access_token.as_str().into(),
    );
    if let Some(refresh_token) = &issued.refresh_token {
        body.insert("refresh_token".to_owned(), refresh_token.as_str().into());
    }
    body.into()
}

/// The whole answer to a refused request.
pub(crate) fn refusal_answer(
    refusal: &Refusal,
    state: &mut State,
    now: DateTime<Utc>,
) -> RefusalAnswer {
    let words = describe(refusal);
    let status = if words.error == "invalid_client" {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut body = error_body(words.error, Some(words.code), &words.text, state, now);
    if matches!(
        refusal,
        Refusal::ConsentRevoked | Refusal::ScopeNotGranted(_)
    ) {
        body["suberror"] = "consent_required".into();
    }
    RefusalAnswer {
        status,
        error: words.error,
        body,
    }
}

/// Entra's error object: trace and time are repeated in the description.
pub(crate) fn error_body(
    error: &str,
    code: Option<u32>,
    text: &str,
    state: &mut State,
    now: DateTime<Utc>,
) -> Value {
    let timestamp = now.format("%Y-%m-%d %H:%M:%SZ").to_string();
    let trace_id = state.random_uuid();
    let correlation_id = state.random_uuid();
    let prefix = code
        .map(|code| format!("AADSTS{code}: "))
        .unwrap_or_default();
    json!({
        "error": error,
        "error_description":
            format!("{prefix}{text} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"),
        "error_codes": code.map_or_else(Vec::new, |code| vec![code]),
        "timestamp": timestamp,
        "trace_id": trace_id,
        "correlation_id": correlation_id,
    })
}
