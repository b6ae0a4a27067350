//! `GET /{tenant}/adminconsent`: an administrator lets an app in for everybody.
//! Protocol: Microsoft Learn, "Request the permissions from a directory admin".

use url::Url;

use super::{check_tenant, words::describe};
use crate::{
    dialects::{AuthorizationRequest, Dialect, callback, callback_to, trusted_client},
    pages::ErrorPage,
    params::Params,
    state::State,
};

/// Where the browser goes when nobody but an administrator may consent.
pub(crate) fn needed(request: &AuthorizationRequest) -> Url {
    let text = format!(
        "AADSTS90094: An administrator of the directory has set a policy that prevents you from granting '{}' the \
         permissions it is requesting.",
        request.app_name
    );
    callback(
        request,
        &[
            ("error", Some("access_denied")),
            ("error_description", Some(&text)),
        ],
    )
}

/// The administrator agrees at once: there is no page to do it on.
pub(crate) fn consent(state: &mut State, tenant: &str, query: &str) -> Result<Url, ErrorPage> {
    let params = Params::parse(query)
        .map_err(|refusal| ErrorPage::request("AADSTS900144", refusal.to_string()))?;
    let (app, redirect_uri) = trusted_client(
        state,
        Dialect::Entra,
        &params,
        ["AADSTS700016", "AADSTS50011"],
    )?;
    check_tenant(tenant, app).map_err(|refusal| {
        let words = describe(&refusal);
        ErrorPage::request(format!("AADSTS{}", words.code), words.text)
    })?;
    let client_id = app.client_id.clone();
    state.let_in(client_id);
    Ok(callback_to(
        &redirect_uri,
        params.get("state"),
        &[("admin_consent", Some("True")), ("tenant", Some(tenant))],
    ))
}
