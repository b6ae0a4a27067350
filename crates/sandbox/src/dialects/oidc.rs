//! OAuth 2.0 (RFC 6749, 7636, 7009, 9207) and OpenID Connect as the standards say, for generic authorizations.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    AuthorizationRequest, Authorize, Dialect, Prompt, RefusalAnswer, TokenRequest, callback,
    callback_to, joined, split_scopes, trusted_client,
};
use crate::{
    behaviour::Behaviour,
    config::AppRegistration,
    pages::ErrorPage,
    params::{ClientCredentials, Params},
    refusal::Refusal,
    scopes,
    state::{Client, Issued, State},
    tokens::CodePresented,
};

/// `GET /oidc/authorize`
pub(crate) fn authorize(state: &State, query: &str) -> Authorize {
    let params = match Params::parse(query) {
        Ok(params) => params,
        Err(refusal) => {
            return Authorize::Refuse(ErrorPage::request("invalid_request", refusal.to_string()));
        }
    };
    let codes = ["invalid_client", "invalid_redirect_uri"];
    let (app, redirect_uri) = match trusted_client(state, Dialect::OAuth2, &params, codes) {
        Ok(trusted) => trusted,
        Err(page) => return Authorize::Refuse(page),
    };
    match read_request(app, redirect_uri.clone(), &params) {
        Ok(request) => Authorize::Ask(Box::new(request)),
        Err((error, description)) => Authorize::Callback(callback_to(
            &redirect_uri,
            params.get("state"),
            &[
                ("error", Some(error)),
                ("error_description", Some(description)),
                (
                    "iss",
                    Some(&Dialect::OAuth2.issuer(state.config.base(), "")),
                ),
            ],
        )),
    }
}

/// The request, or error and description for the callback (RFC 6749 §4.1.2.1).
fn read_request(
    app: &AppRegistration,
    redirect_uri: Url,
    params: &Params,
) -> Result<AuthorizationRequest, (&'static str, &'static str)> {
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err((
                "unsupported_response_type",
                "Only response_type=code is supported.",
            ));
        }
        None => return Err(("invalid_request", "The parameter response_type is missing.")),
    }
    if params
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(("invalid_request", "Only response_mode=query is supported."));
    }
    let scopes: BTreeSet<String> = split_scopes(params.get("scope").unwrap_or_default())
        .map(str::to_owned)
        .collect();
    if !scopes.iter().all(|scope| app.scopes.contains(scope)) {
        return Err((
            "invalid_scope",
            "The client is not registered for a scope it asks for.",
        ));
    }
    let challenge = params.get("code_challenge");
    if challenge.is_some() && params.get("code_challenge_method") != Some("S256") {
        return Err((
            "invalid_request",
            "Only code_challenge_method=S256 is supported.",
        ));
    }
    if challenge.is_none() && app.secrets.is_empty() {
        return Err((
            "invalid_request",
            "A public client must send a code_challenge.",
        ));
    }
    if params.get("prompt") == Some("none") {
        return Err(("login_required", "Nobody is signed in."));
    }
    Ok(AuthorizationRequest {
        dialect: Dialect::OAuth2,
        client_id: app.client_id.clone(),
        app_name: app.name.clone(),
        redirect_uri_text: params.get("redirect_uri").unwrap_or_default().to_owned(),
        redirect_uri,
        state: params.get("state").map(str::to_owned),
        scopes,
        nonce: params.get("nonce").map(str::to_owned),
        challenge: challenge.map(str::to_owned),
        tenant: None,
        prompt: Prompt::read(params),
        login_hint: params.get("login_hint").map(str::to_owned),
    })
}

/// The person declined.
pub(crate) fn declined(request: &AuthorizationRequest, base: &str) -> Url {
    callback(
        request,
        &[
            ("error", Some("access_denied")),
            ("error_description", Some("The user declined to consent.")),
            ("iss", Some(&Dialect::OAuth2.issuer(base, ""))),
        ],
    )
}

/// Authenticates the client of a token or revocation request.
pub(crate) fn authenticate(state: &State, request: &TokenRequest<'_>) -> Result<Client, Refusal> {
    let credentials = ClientCredentials::read(request.headers, request.params)?;
    let client_id = credentials
        .client_id
        .as_deref()
        .ok_or(Refusal::MissingParameter("client_id"))?;
    state.authenticate(Dialect::OAuth2, client_id, credentials.secret.as_deref())
}

/// `POST /oidc/token`
pub(crate) fn token(state: &mut State, request: &TokenRequest<'_>) -> Result<Issued, Refusal> {
    let params = request.params;
    let grant_type = params.require("grant_type")?;
    let client = authenticate(state, request)?;
    match grant_type {
        "authorization_code" => {
            let presented = CodePresented {
                code: params.require("code")?,
                client_id: &client.app.client_id,
                redirect_uri: params.require("redirect_uri")?,
                verifier: params.get("code_verifier"),
            };
            state.redeem(&client, presented, request.now)
        }
        "refresh_token" => {
            let narrowed = params
                .get("scope")
                .map(|scope| split_scopes(scope).map(str::to_owned).collect());
            state.refresh(
                &client,
                params.require("refresh_token")?,
                narrowed,
                request.now,
            )
        }
        _ => Err(Refusal::UnsupportedGrantType),
    }
}

/// A successful answer (RFC 6749 §5.1).
pub(crate) fn issued_body(issued: &Issued, behaviour: &Behaviour) -> Value {
    let mut body = Map::new();
    body.insert(
        "access_token".to_owned(),
        issued.access_token.as_str().into(),
    );
    body.insert("token_type".to_owned(), "Bearer".into());
    if let Some(expires_in) = behaviour.expires_in_form.write(issued.expires_in, false) {
        body.insert("expires_in".to_owned(), expires_in);
    }
    if let Some(refresh_token) = &issued.refresh_token {
        body.insert("refresh_token".to_owned(), refresh_token.as_str().into());
    }
    body.insert(
        "scope".to_owned(),
        joined(issued.scopes.iter().map(String::as_str)).into(),
    );
    body.into()
}

/// A refusal (RFC 6749 §5.2).
pub(crate) fn refusal_answer(refusal: &Refusal) -> RefusalAnswer {
    let error = refusal.oauth_error();
    let status = if error == "invalid_client" {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::BAD_REQUEST
    };
    RefusalAnswer {
        status,
        error,
        body: error_body(error, &refusal.to_string()),
    }
}

pub(crate) fn error_body(error: &str, description: &str) -> Value {
    json!({"error": error, "error_description": description})
}

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server` (RFC 8414).
pub(crate) fn metadata(base: &str) -> Value {
    let scopes: Vec<&str> = scopes::OPENID
        .iter()
        .map(|&(scope, _)| scope)
        .chain(scopes::all().iter().map(|scope| scope.scope))
        .collect();
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/oidc/authorize"),
        "token_endpoint": format!("{base}/oidc/token"),
        "revocation_endpoint": format!("{base}/oidc/revoke"),
        "userinfo_endpoint": format!("{base}/oidc/userinfo"),
        "jwks_uri": format!("{base}/oidc/keys"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "oid", "tid", "preferred_username", "name", "email"],
    })
}
