//! `GET /{tenant}/oauth2/v2.0/authorize`: what is shown as a page, what goes back to the client, who may sign in.

use url::Url;

use super::{check_tenant, scope, words::describe};
use crate::{
    accounts::Account,
    config::{AppRegistration, example::PERSONAL_TENANT},
    dialects::{
        AuthorizationRequest, Authorize, Dialect, Prompt, callback, callback_to, check_account,
        trusted_client,
    },
    pages::ErrorPage,
    params::Params,
    refusal::Refusal,
    state::State,
};

/// Reads the request; the tenant is the path's.
pub(crate) fn authorize(state: &State, tenant: &str, query: &str) -> Authorize {
    let params = match Params::parse(query) {
        Ok(params) => params,
        Err(refusal) => {
            return Authorize::Refuse(ErrorPage::request("AADSTS900144", refusal.to_string()));
        }
    };
    let (app, redirect_uri) = match trusted_client(
        state,
        Dialect::Entra,
        &params,
        ["AADSTS700016", "AADSTS50011"],
    ) {
        Ok(trusted) => trusted,
        Err(page) => return Authorize::Refuse(page),
    };
    if let Err(refusal) = check_tenant(tenant, app) {
        let words = describe(&refusal);
        return Authorize::Refuse(ErrorPage::request(
            format!("AADSTS{}", words.code),
            words.text,
        ));
    }
    match read_request(app, redirect_uri.clone(), tenant, &params) {
        Ok(request) => Authorize::Ask(Box::new(request)),
        Err((error, description)) => Authorize::Callback(callback_to(
            &redirect_uri,
            params.get("state"),
            &[
                ("error", Some(&error)),
                ("error_description", Some(&description)),
            ],
        )),
    }
}

/// The request, or error and description for the callback.
fn read_request(
    app: &AppRegistration,
    redirect_uri: Url,
    tenant: &str,
    params: &Params,
) -> Result<AuthorizationRequest, (String, String)> {
    let error = |error: &str, text: &str| (error.to_owned(), text.to_owned());
    let refused = |refusal: &Refusal| {
        let words = describe(refusal);
        (
            words.error.to_owned(),
            format!("AADSTS{}: {}", words.code, words.text),
        )
    };
    match params
        .require("response_type")
        .map_err(|refusal| refused(&refusal))?
    {
        "code" => {}
        _ => {
            return Err(error(
                "unsupported_response_type",
                "AADSTS700054: response_type is not enabled for the application.",
            ));
        }
    }
    if params
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(error(
            "invalid_request",
            "AADSTS90014: Only response_mode 'query' is supported by the sandbox.",
        ));
    }
    let scope = params
        .require("scope")
        .map_err(|refusal| refused(&refusal))?;
    let scopes = scope::read(scope, app).map_err(|refusal| refused(&refusal))?;
    let challenge = params.get("code_challenge");
    if challenge.is_some() && params.get("code_challenge_method") != Some("S256") {
        return Err(error(
            "invalid_request",
            "AADSTS501481: The code_challenge_method must be S256.",
        ));
    }
    if params.get("prompt") == Some("none") {
        return Err(error(
            "login_required",
            "AADSTS50058: A silent sign-in request was sent but no user is signed in.",
        ));
    }
    Ok(AuthorizationRequest {
        dialect: Dialect::Entra,
        client_id: app.client_id.clone(),
        app_name: app.name.clone(),
        redirect_uri_text: params.get("redirect_uri").unwrap_or_default().to_owned(),
        redirect_uri,
        state: params.get("state").map(str::to_owned),
        scopes,
        nonce: params.get("nonce").map(str::to_owned),
        challenge: challenge.map(str::to_owned),
        tenant: Some(tenant.to_owned()),
        prompt: Prompt::read(params),
        login_hint: params.get("login_hint").map(str::to_owned),
    })
}

/// The person declined.
pub(crate) fn declined(request: &AuthorizationRequest) -> Url {
    callback(
        request,
        &[
            ("error", Some("access_denied")),
            ("error_subcode", Some("cancel")),
            (
                "error_description",
                Some(&format!(
                    "AADSTS65004: User declined to consent to access the app '{}'.",
                    request.client_id
                )),
            ),
        ],
    )
}

/// Whether the account belongs to the tenant it is used at.
pub(crate) fn check_sign_in(
    request: &AuthorizationRequest,
    account: &Account,
) -> Result<(), ErrorPage> {
    check_account(account)?;
    let belongs = match request.tenant.as_deref() {
        Some("common") | None => true,
        Some("organizations") => !account.is_personal(),
        Some("consumers") => account.tid == PERSONAL_TENANT,
        Some(tenant) => account.tid == tenant,
    };
    if belongs {
        return Ok(());
    }
    let message = format!(
        "User account '{}' does not exist in tenant '{}' and cannot access the application '{}' in that tenant.",
        account.email,
        request.tenant.as_deref().unwrap_or_default(),
        request.client_id
    );
    Err(ErrorPage::account("AADSTS50020", message))
}
