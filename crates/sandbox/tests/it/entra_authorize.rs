//! Microsoft Entra v2 up to the callback: tenants, error pages, errors for the client, metadata.

use axum::http::StatusCode;
use sandbox::{ConsentRefused, Decision, config::example};
use serde_json::json;

use crate::harness::{
    BASE, ENTRA_CALLBACK, ENTRA_TOKEN, Pairs, Provider, authorize_url, devops, entra_authorize,
    entra_redeem, query, with,
};

const AUTHORIZE: &str = "/organizations/oauth2/v2.0/authorize";

fn scope() -> String {
    format!("{} offline_access", devops("vso.work"))
}

#[tokio::test]
async fn metadata_names_the_endpoints_and_hides_the_tenant_where_there_are_many() {
    let provider = Provider::new();
    let shared = provider
        .get("/organizations/v2.0/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(shared["issuer"], format!("{BASE}/{{tenantid}}/v2.0"));
    assert_eq!(shared["token_endpoint"], format!("{BASE}{ENTRA_TOKEN}"));
    let own = provider
        .get(&format!(
            "/{}/v2.0/.well-known/openid-configuration",
            example::CONTOSO_TENANT
        ))
        .await
        .json();
    assert_eq!(
        own["issuer"],
        format!("{BASE}/{}/v2.0", example::CONTOSO_TENANT)
    );
    let unknown = provider
        .get("/nowhere.example/v2.0/.well-known/openid-configuration")
        .await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        provider.get("/common/oauth2/v2.0/logout").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn tenants_decide_which_apps_and_accounts_may_come() {
    let provider = Provider::new();
    let scope = scope();
    let page = |tenant: &str, client_id: &str, account: &str| {
        let request = entra_authorize(&scope);
        let url = authorize_url(
            &format!("/{tenant}/oauth2/v2.0/authorize"),
            &with(&request, "client_id", client_id),
        );
        match provider.sandbox.consent(&url, account, Decision::Accept) {
            Ok(_) => "ok".to_owned(),
            Err(ConsentRefused::Page { code, .. }) => code,
            Err(other) => other.to_string(),
        }
    };
    let (multi, single) = (
        example::ENTRA_CLIENT_ID,
        example::ENTRA_SINGLE_TENANT_CLIENT_ID,
    );
    assert_eq!(page("common", single, "service"), "AADSTS50194");
    assert_eq!(page("organizations", single, "service"), "AADSTS50194");
    assert_eq!(page(example::CONTOSO_TENANT, single, "service"), "ok");
    assert_eq!(
        page(example::CONTOSO_TENANT, single, "personal"),
        "AADSTS50020"
    );
    assert_eq!(page("nowhere.example", multi, "service"), "AADSTS90002");
    assert_eq!(page("organizations", multi, "personal"), "AADSTS50020");
    assert_eq!(page("common", multi, "personal"), "ok");
    assert_eq!(page("consumers", multi, "personal"), "ok");
    assert_eq!(page("common", multi, "disabled"), "AADSTS50057");
    assert_eq!(page("common", "unknown", "service"), "AADSTS700016");

    let token = with(&entra_redeem("any"), "client_id", single);
    let refused = provider
        .post_form("/common/oauth2/v2.0/token", &token)
        .await;
    assert_eq!(
        refused.refusal(),
        (400, "invalid_request".to_owned(), Some(50_194))
    );
}

#[tokio::test]
async fn a_wrong_redirect_uri_is_a_page_and_other_mistakes_are_callbacks() {
    let provider = Provider::new();
    let scope = scope();
    let good = entra_authorize(&scope);
    let get = async |pairs: &Pairs<'_>| {
        let url = authorize_url(AUTHORIZE, pairs);
        provider.get(&url[url::Position::BeforePath..]).await
    };
    let page = get(&with(
        &good,
        "redirect_uri",
        "http://127.0.0.1:3000/<script>",
    ))
    .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.text.contains("AADSTS50011") && page.text.contains("&lt;script&gt;"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("<script>"));

    let unregistered = devops("vso.nothing");
    let mixed = format!("{} {}", devops(".default"), devops("vso.work"));
    for (name, value, error, code) in [
        ("scope", "vso.work", "invalid_scope", "AADSTS70011"),
        (
            "scope",
            unregistered.as_str(),
            "invalid_scope",
            "AADSTS70011",
        ),
        ("scope", mixed.as_str(), "invalid_scope", "AADSTS70011"),
        ("scope", "api://other/x", "invalid_resource", "AADSTS500011"),
        (
            "response_type",
            "token",
            "unsupported_response_type",
            "AADSTS700054",
        ),
        (
            "code_challenge_method",
            "plain",
            "invalid_request",
            "AADSTS501481",
        ),
        ("prompt", "none", "login_required", "AADSTS50058"),
    ] {
        let callback = get(&with(&good, name, value)).await.location();
        assert_eq!(
            query(&callback, "error").as_deref(),
            Some(error),
            "{name}={value}"
        );
        assert!(
            query(&callback, "error_description")
                .unwrap()
                .starts_with(code),
            "{callback}"
        );
        assert_eq!(query(&callback, "state").as_deref(), Some("s t&te"));
    }
}

#[tokio::test]
async fn declining_is_access_denied_with_the_state() {
    let provider = Provider::new();
    let url = authorize_url(AUTHORIZE, &entra_authorize("openid"));
    let callback = provider
        .sandbox
        .consent(&url, "service", Decision::Decline)
        .unwrap();
    assert_eq!(query(&callback, "error").as_deref(), Some("access_denied"));
    assert_eq!(query(&callback, "error_subcode").as_deref(), Some("cancel"));
    assert!(
        query(&callback, "error_description")
            .unwrap()
            .starts_with("AADSTS65004")
    );
    assert_eq!(query(&callback, "state").as_deref(), Some("s t&te"));
    assert_eq!(query(&callback, "code"), None);
}

#[tokio::test]
async fn an_administrator_lets_an_app_in_for_everybody() {
    let provider = Provider::new();
    provider
        .behave(json!({"admin_consent_required": true}))
        .await;
    let scope = scope();
    let url = authorize_url(AUTHORIZE, &entra_authorize(&scope));
    let refused = provider.accept(&url);
    assert_eq!(query(&refused, "code"), None);
    let description = query(&refused, "error_description").unwrap();
    assert!(description.starts_with("AADSTS90094"), "{description}");

    let page = |redirect: &str| {
        let pairs: Pairs<'_> = vec![
            ("client_id", example::ENTRA_CLIENT_ID),
            ("redirect_uri", redirect),
            ("state", "s"),
        ];
        let url = authorize_url("/organizations/adminconsent", &pairs);
        format!("{}?{}", url.path(), url.query().unwrap())
    };
    let elsewhere = provider.get(&page("https://elsewhere.example/")).await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
    assert_eq!(query(&provider.accept(&url), "code"), None);

    let back = provider.get(&page(ENTRA_CALLBACK)).await.location();
    assert_eq!(query(&back, "admin_consent").as_deref(), Some("True"));
    assert_eq!(query(&back, "state").as_deref(), Some("s"));
    assert!(query(&provider.accept(&url), "code").is_some());
}
