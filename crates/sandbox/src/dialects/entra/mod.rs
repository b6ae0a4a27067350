//! Microsoft Entra ID, version 2: tenants in the path, scopes with a resource prefix, AADSTS codes.
//! Protocol: Microsoft Learn, "Microsoft identity platform and OAuth 2.0 authorization code flow".

pub(crate) mod admin_consent;
pub(crate) mod authorize;
pub(crate) mod scope;
pub(crate) mod token;
mod words;

use serde_json::{Value, json};

use crate::{
    config::{
        AppRegistration,
        example::{CONTOSO_TENANT, PERSONAL_TENANT},
    },
    refusal::Refusal,
};

/// Checks the tenant of the path and whether the app may be used there.
fn check_tenant(tenant: &str, app: &AppRegistration) -> Result<(), Refusal> {
    let shared = ["common", "organizations", "consumers"].contains(&tenant);
    if !shared && !is_known_tenant(tenant) {
        return Err(Refusal::UnknownTenant(tenant.to_owned()));
    }
    match app.tenant.as_deref() {
        Some(_) if shared => Err(Refusal::SingleTenantApp),
        Some(home) if home != tenant => Err(Refusal::UnknownClient),
        _ => Ok(()),
    }
}

fn is_known_tenant(tenant: &str) -> bool {
    [CONTOSO_TENANT, PERSONAL_TENANT].contains(&tenant)
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`, or nothing for an unknown tenant. The shared tenants answer
/// with a placeholder in the issuer, as the real one does.
pub(crate) fn metadata(base: &str, tenant: &str) -> Option<Value> {
    let issuer_tenant = match tenant {
        "common" | "organizations" => "{tenantid}",
        "consumers" => PERSONAL_TENANT,
        tenant if is_known_tenant(tenant) => tenant,
        _ => return None,
    };
    let endpoints = format!("{base}/{tenant}");
    Some(json!({
        "issuer": format!("{base}/{issuer_tenant}/v2.0"),
        "authorization_endpoint": format!("{endpoints}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{endpoints}/oauth2/v2.0/token"),
        "end_session_endpoint": format!("{endpoints}/oauth2/v2.0/logout"),
        "jwks_uri": format!("{endpoints}/discovery/v2.0/keys"),
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "http_logout_supported": true,
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "oid", "ver", "email"
        ],
    }))
}
