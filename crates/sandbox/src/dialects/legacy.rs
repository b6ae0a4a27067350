//! The legacy Azure DevOps app model: `response_type=Assertion`, a JWT-bearer-shaped token request without a client
//! id, string `expires_in`, errors in two spellings. Protocol: Microsoft Learn, "Azure DevOps OAuth".
//!
//! No PKCE, no id token. Every refresh replaces the refresh token.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    AuthorizationRequest, Authorize, Dialect, Prompt, RefusalAnswer, TokenRequest, callback_to,
    joined, split_scopes, trusted_client,
};
use crate::{
    behaviour::{Behaviour, ErrorCasing},
    pages::ErrorPage,
    params::Params,
    refusal::Refusal,
    state::{Issued, State},
    tokens::CodePresented,
};

const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const CODE_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const REFRESH_GRANT: &str = "refresh_token";

/// `GET /oauth2/authorize`
pub(crate) fn authorize(state: &State, query: &str) -> Authorize {
    let params = match Params::parse(query) {
        Ok(params) => params,
        Err(refusal) => {
            return Authorize::Refuse(ErrorPage::request("InvalidRequest", refusal.to_string()));
        }
    };
    let (app, redirect_uri) = match trusted_client(
        state,
        Dialect::Legacy,
        &params,
        ["InvalidClient", "InvalidRedirectUri"],
    ) {
        Ok(trusted) => trusted,
        Err(page) => return Authorize::Refuse(page),
    };
    let error = |error: &str| {
        Authorize::Callback(callback_to(
            &redirect_uri,
            params.get("state"),
            &[("error", Some(error))],
        ))
    };
    if params.get("response_type") != Some("Assertion") {
        return error("UnsupportedResponseType");
    }
    let scopes: std::collections::BTreeSet<String> =
        split_scopes(params.get("scope").unwrap_or_default())
            .map(str::to_owned)
            .collect();
    if scopes.is_empty() || !scopes.iter().all(|scope| app.scopes.contains(scope)) {
        return error("InvalidScope");
    }
    Authorize::Ask(Box::new(AuthorizationRequest {
        dialect: Dialect::Legacy,
        client_id: app.client_id.clone(),
        app_name: app.name.clone(),
        redirect_uri_text: params.get("redirect_uri").unwrap_or_default().to_owned(),
        redirect_uri,
        state: params.get("state").map(str::to_owned),
        scopes,
        nonce: None,
        challenge: None,
        tenant: None,
        // This dialect asks every time.
        prompt: Prompt {
            select_account: true,
            consent: true,
        },
        login_hint: None,
    }))
}

/// `POST /oauth2/token`
pub(crate) fn token(state: &mut State, request: &TokenRequest<'_>) -> Result<Issued, Refusal> {
    let params = request.params;
    for unexpected in ["client_id", "client_secret", "code", "refresh_token"] {
        if params.get(unexpected).is_some() {
            return Err(Refusal::UnexpectedParameter(unexpected));
        }
    }
    let grant_type = params.require("grant_type")?;
    if ![CODE_GRANT, REFRESH_GRANT].contains(&grant_type) {
        return Err(Refusal::UnsupportedGrantType);
    }
    if params.require("client_assertion_type")? != CLIENT_ASSERTION_TYPE {
        return Err(Refusal::Malformed(
            "client_assertion_type must be the JWT bearer type",
        ));
    }
    let secret = params
        .get("client_assertion")
        .ok_or(Refusal::MissingSecret)?;
    let client = state.authenticate_by_secret(Dialect::Legacy, secret)?;
    let assertion = params.require("assertion")?;
    let redirect_uri = params.require("redirect_uri")?;
    if grant_type == REFRESH_GRANT {
        if !client.app.allows_redirect(redirect_uri) {
            return Err(Refusal::RedirectMismatch);
        }
        return state.refresh(&client, assertion, None, request.now);
    }
    let presented = CodePresented {
        code: assertion,
        client_id: &client.app.client_id,
        redirect_uri,
        verifier: None,
    };
    state.redeem(&client, presented, request.now)
}

/// A successful answer; `expires_in` is a JSON string here.
pub(crate) fn issued_body(issued: &Issued, behaviour: &Behaviour) -> Value {
    let mut body = Map::new();
    body.insert(
        "access_token".to_owned(),
        issued.access_token.as_str().into(),
    );
    body.insert("token_type".to_owned(), "jwt-bearer".into());
    if let Some(expires_in) = behaviour.expires_in_form.write(issued.expires_in, true) {
        body.insert("expires_in".to_owned(), expires_in);
    }
    body.insert(
        "refresh_token".to_owned(),
        issued.refresh_token.as_deref().into(),
    );
    body.insert(
        "scope".to_owned(),
        joined(issued.scopes.iter().map(String::as_str)).into(),
    );
    body.into()
}

/// Refusals of the client spell their keys `Error`, all others `error`, unless a test fixes the spelling.
pub(crate) fn refusal_answer(refusal: &Refusal, behaviour: &Behaviour) -> RefusalAnswer {
    let error = refusal.oauth_error();
    let own = if error == "invalid_client" {
        ErrorCasing::Pascal
    } else {
        ErrorCasing::Lower
    };
    let casing = behaviour.error_casing.unwrap_or(own);
    let body = error_body(error, &refusal.to_string(), Some(casing));
    RefusalAnswer {
        status: StatusCode::BAD_REQUEST,
        error,
        body,
    }
}

/// An error in the given spelling; lower case unless told.
pub(crate) fn error_body(error: &str, description: &str, casing: Option<ErrorCasing>) -> Value {
    match casing.unwrap_or(ErrorCasing::Lower) {
        ErrorCasing::Lower => json!({"error": error, "error_description": description}),
        ErrorCasing::Pascal => json!({"Error": error, "ErrorDescription": description}),
    }
}
