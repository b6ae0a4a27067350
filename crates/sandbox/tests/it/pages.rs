//! The pages, by following them as a browser without script would.

use axum::http::StatusCode;
use serde_json::json;

use crate::harness::{
    Answer, ENTRA_TOKEN, Provider, authorize_url, devops, entra_authorize, entra_redeem,
    legacy_authorize, query, with,
};

const AUTHORIZE: &str = "/organizations/oauth2/v2.0/authorize";

async fn open(provider: &Provider, path: &str, pairs: &crate::harness::Pairs<'_>) -> Answer {
    let url = authorize_url(path, pairs);
    provider.get(&url[url::Position::BeforePath..]).await
}

/// The address of the page's form.
fn action(page: &Answer) -> String {
    let (_, after) = page
        .text
        .split_once("action=\"")
        .unwrap_or_else(|| panic!("no form in {}", page.text));
    after.split_once('"').unwrap().0.to_owned()
}

/// Posts the form of a page and follows the redirect if it stays on the sandbox.
async fn press(provider: &Provider, page: &Answer, name: &str, value: &str) -> Answer {
    let answer = provider
        .post_form(&action(page), &vec![(name, value)])
        .await;
    match answer
        .headers
        .get("location")
        .and_then(|location| location.to_str().ok())
    {
        Some(location) if location.starts_with('/') => provider.get(location).await,
        _ => answer,
    }
}

#[tokio::test]
async fn picker_consent_and_accept_lead_to_tokens() {
    let provider = Provider::new();
    let scope = format!(
        "openid {} {}",
        devops("vso.work_write"),
        devops("vso.code_write")
    );
    let picker = open(&provider, AUTHORIZE, &entra_authorize(&scope)).await;
    assert_eq!(picker.status, StatusCode::OK);
    assert!(picker.text.contains("no real account is used"));
    for email in [
        "svc-integrations@contoso.example",
        "maya.personal@outlook.example",
        "disabled@contoso.example",
    ] {
        assert!(picker.text.contains(email));
    }

    let consent = press(&provider, &picker, "account", "service").await;
    for words in [
        "Tokenry",
        "Sign you in",
        "Work items (read and write)",
        "vso.code_write",
        "High privilege",
    ] {
        assert!(consent.text.contains(words), "{words} in {}", consent.text);
    }
    let callback = press(&provider, &consent, "decision", "accept").await;
    assert_eq!(callback.status, StatusCode::SEE_OTHER);
    let code = query(&callback.location(), "code").unwrap();
    assert_eq!(
        provider
            .post_form(ENTRA_TOKEN, &entra_redeem(&code))
            .await
            .status,
        StatusCode::OK
    );

    let again = press(&provider, &consent, "decision", "accept").await;
    assert_eq!(again.status, StatusCode::GONE, "one answer per interaction");
}

#[tokio::test]
async fn pages_have_a_strict_policy_that_lets_the_callback_through() {
    let provider = Provider::new();
    let page = open(&provider, AUTHORIZE, &entra_authorize("openid")).await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:3000;"),
        "{policy}"
    );
    assert!(!page.text.contains("<script") && !page.text.contains("style="));
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(
        provider.get("/_sandbox/style.css").await.headers["content-type"],
        "text/css; charset=utf-8"
    );
    assert_eq!(provider.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn declining_on_the_page_is_access_denied() {
    let provider = Provider::new();
    let picker = open(&provider, AUTHORIZE, &entra_authorize("openid")).await;
    let consent = press(&provider, &picker, "account", "service").await;
    let callback = press(&provider, &consent, "decision", "decline")
        .await
        .location();
    assert_eq!(query(&callback, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn a_disabled_account_is_told_so_and_stays_on_the_page() {
    let provider = Provider::new();
    let picker = open(
        &provider,
        "/oauth2/authorize",
        &legacy_authorize("vso.work"),
    )
    .await;
    let page = press(&provider, &picker, "account", "disabled").await;
    assert!(
        page.text.contains("disabled@contoso.example is disabled"),
        "{}",
        page.text
    );
    assert!(!page.headers.contains_key("location"));
    let consent = press(&provider, &picker, "account", "personal").await;
    assert!(
        consent.text.contains("maya.personal@outlook.example"),
        "another account can still be picked"
    );
    provider
        .change_account("personal", json!({"active": false}))
        .await;
    let late = press(&provider, &consent, "decision", "accept").await;
    assert!(
        late.text.contains("is disabled"),
        "checked again when the consent is given"
    );
}

#[tokio::test]
async fn the_account_must_be_picked_before_consent_is_given() {
    let provider = Provider::new();
    let picker = open(&provider, AUTHORIZE, &entra_authorize("openid")).await;
    let decision = action(&picker).replace("/account", "/decision");
    let skipped = provider
        .post_form(&decision, &vec![("decision", "accept")])
        .await;
    assert_eq!(skipped.status, StatusCode::GONE);
    let guessed = provider
        .post_form(
            "/_sandbox/interaction/guess/decision",
            &vec![("decision", "accept")],
        )
        .await;
    assert_eq!(guessed.status, StatusCode::GONE);
    provider.advance(15 * 60);
    assert_eq!(
        press(&provider, &picker, "account", "service").await.status,
        StatusCode::GONE,
        "too late"
    );
}

#[tokio::test]
async fn consent_on_record_is_not_asked_for_again_unless_prompted() {
    let provider = Provider::new();
    let scope = format!("openid {}", devops("vso.work"));
    let request = entra_authorize(&scope);
    provider.entra_code(&scope);

    let picker = open(
        &provider,
        AUTHORIZE,
        &with(&request, "prompt", "select_account"),
    )
    .await;
    let callback = press(&provider, &picker, "account", "service").await;
    assert!(query(&callback.location(), "code").is_some());

    let picker = open(&provider, AUTHORIZE, &with(&request, "prompt", "consent")).await;
    assert!(
        press(&provider, &picker, "account", "service")
            .await
            .text
            .contains("Permissions requested")
    );
    let wider = format!("{scope} {}", devops("vso.code"));
    let picker = open(&provider, AUTHORIZE, &entra_authorize(&wider)).await;
    assert!(
        press(&provider, &picker, "account", "service")
            .await
            .text
            .contains("Permissions requested")
    );

    provider
        .change_account("service", json!({"consent_revoked": true}))
        .await;
    let picker = open(&provider, AUTHORIZE, &request).await;
    assert!(
        press(&provider, &picker, "account", "service")
            .await
            .text
            .contains("Permissions requested")
    );
}

#[tokio::test]
async fn a_login_hint_skips_the_picker_unless_it_is_asked_for() {
    let provider = Provider::new();
    let hinted = with(
        &with(
            &entra_authorize("openid"),
            "login_hint",
            "svc-integrations@contoso.example",
        ),
        "prompt",
        "consent",
    );
    assert!(
        open(&provider, AUTHORIZE, &hinted)
            .await
            .text
            .contains("Permissions requested")
    );
    let both = with(&hinted, "prompt", "select_account");
    assert!(
        open(&provider, AUTHORIZE, &both)
            .await
            .text
            .contains("Pick an account")
    );
    let disabled = with(&hinted, "login_hint", "disabled@contoso.example");
    assert!(
        open(&provider, AUTHORIZE, &disabled)
            .await
            .text
            .contains("AADSTS50057")
    );
    let stranger = with(&hinted, "login_hint", "someone@else.example");
    assert!(
        open(&provider, AUTHORIZE, &stranger)
            .await
            .text
            .contains("Pick an account")
    );
}
