//! The legacy dialect: every deviation the real one refuses, and its peculiar answers.

use axum::http::StatusCode;
use sandbox::{ConsentRefused, Decision, config::example};
use serde_json::{Value, json};

use crate::harness::{
    LEGACY_CALLBACK, Provider, app, authorize_url, legacy_authorize, legacy_redeem, legacy_refresh,
    query, with,
};

#[tokio::test]
async fn a_code_becomes_tokens_that_work() {
    let provider = Provider::new();
    let callback = provider.accept(&authorize_url(
        "/oauth2/authorize",
        &legacy_authorize("vso.work vso.profile"),
    ));
    assert!(callback.as_str().starts_with(LEGACY_CALLBACK));
    assert_eq!(query(&callback, "state").as_deref(), Some("s t&te"));

    let tokens = provider
        .post_form(
            "/oauth2/token",
            &legacy_redeem(&query(&callback, "code").unwrap()),
        )
        .await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    assert_eq!(tokens.headers["cache-control"], "no-store");
    let body = tokens.json();
    assert_eq!(body["token_type"], "jwt-bearer");
    assert_eq!(
        body["expires_in"],
        json!("3600"),
        "a string in this dialect"
    );
    assert_eq!(body["scope"], "vso.profile vso.work");
    assert_eq!(body.get("id_token"), None);

    let profile = provider.profile(&tokens.field("access_token")).await;
    assert_eq!(
        profile.field("emailAddress"),
        "svc-integrations@contoso.example"
    );
}

#[tokio::test]
async fn both_secrets_work_and_a_wrong_one_does_not() {
    let provider = Provider::new();
    let code = provider.legacy_code("vso.work");
    let wrong = provider
        .post_form(
            "/oauth2/token",
            &with(&legacy_redeem(&code), "client_assertion", "guess"),
        )
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        wrong.json()["Error"],
        "invalid_client",
        "refused clients are told in capitals"
    );

    let second = with(
        &legacy_redeem(&code),
        "client_assertion",
        example::LEGACY_SECOND_CLIENT_SECRET,
    );
    let tokens = provider.post_form("/oauth2/token", &second).await;
    assert_eq!(
        tokens.status,
        StatusCode::OK,
        "a wrong secret does not burn the code"
    );
    let refreshed = provider
        .post_form(
            "/oauth2/token",
            &legacy_refresh(&tokens.field("refresh_token")),
        )
        .await;
    assert_eq!(
        refreshed.status,
        StatusCode::OK,
        "the older secret is valid too"
    );
}

#[tokio::test]
async fn tokens_die_with_the_secret_they_were_made_with() {
    let provider = Provider::new();
    let register = |secret: &str| {
        let mut registration = app(
            "1c7e0d5b-0000-4000-8000-000000000001",
            "legacy",
            LEGACY_CALLBACK,
        );
        registration["secrets"] = json!([secret]);
        registration["scopes"] = json!(["vso.profile"]);
        registration
    };
    assert_eq!(
        provider
            .post_json("/_sandbox/apps", register("before"))
            .await
            .status,
        StatusCode::CREATED
    );
    let request = with(
        &legacy_authorize("vso.profile"),
        "client_id",
        "1c7e0d5b-0000-4000-8000-000000000001",
    );
    let code = query(
        &provider.accept(&authorize_url("/oauth2/authorize", &request)),
        "code",
    )
    .unwrap();
    let tokens = provider
        .post_form(
            "/oauth2/token",
            &with(&legacy_redeem(&code), "client_assertion", "before"),
        )
        .await;
    let access = tokens.field("access_token");
    assert_eq!(provider.profile(&access).await.status, StatusCode::OK);

    provider
        .post_json("/_sandbox/apps", register("after"))
        .await;
    assert_eq!(
        provider.profile(&access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let refresh = tokens.field("refresh_token");
    let refused = with(&legacy_refresh(&refresh), "client_assertion", "after");
    assert_eq!(
        provider
            .post_form("/oauth2/token", &refused)
            .await
            .field("error"),
        "invalid_grant"
    );
}

#[tokio::test]
async fn requests_that_are_not_in_the_dialect_are_refused() {
    let provider = Provider::new();
    let code = provider.legacy_code("vso.work");
    let good = legacy_redeem(&code);
    let cases = [
        (
            with(&good, "client_id", example::LEGACY_CLIENT_ID),
            "invalid_request",
        ),
        (with(&good, "redirect_uri", ""), "invalid_request"),
        (
            with(
                &good,
                "redirect_uri",
                "http://127.0.0.1:3000/callback/azure-devops-legacy/",
            ),
            "invalid_grant",
        ),
        (
            with(&good, "client_assertion_type", "jwt-bearer"),
            "invalid_request",
        ),
        (with(&good, "assertion", "nonsense"), "invalid_grant"),
        (with(&good, "assertion", ""), "invalid_request"),
        (
            with(&good, "grant_type", "authorization_code"),
            "unsupported_grant_type",
        ),
        (with(&good, "grant_type", "refresh_token"), "invalid_grant"),
    ];
    for (pairs, error) in cases {
        let answer = provider.post_form("/oauth2/token", &pairs).await;
        assert_eq!(
            (answer.status, answer.field("error").as_str()),
            (StatusCode::BAD_REQUEST, error),
            "{pairs:?}"
        );
    }
    let as_json = provider
        .post_json("/oauth2/token", json!({"assertion": code}))
        .await;
    assert_eq!(as_json.field("error"), "invalid_request");
    assert_eq!(
        provider.post_form("/oauth2/token", &good).await.status,
        StatusCode::OK,
        "none of these burned the code"
    );
}

#[tokio::test]
async fn a_code_works_once_and_for_ten_minutes() {
    let provider = Provider::new();
    let code = provider.legacy_code("vso.profile");
    let tokens = provider
        .post_form("/oauth2/token", &legacy_redeem(&code))
        .await;
    let again = provider
        .post_form("/oauth2/token", &legacy_redeem(&code))
        .await;
    assert_eq!(again.field("error"), "invalid_grant");
    assert_eq!(
        provider.profile(&tokens.field("access_token")).await.status,
        StatusCode::UNAUTHORIZED,
        "RFC 6749 §4.1.2: what the code gave is revoked"
    );

    let late = provider.legacy_code("vso.profile");
    provider.advance(600);
    let expired = provider
        .post_form("/oauth2/token", &legacy_redeem(&late))
        .await;
    assert_eq!(expired.field("error_description"), "the code is expired");
}

#[tokio::test]
async fn only_a_registered_redirect_uri_is_ever_redirected_to() {
    let provider = Provider::new();
    let good = legacy_authorize("vso.work");
    for (name, value) in [
        ("redirect_uri", "https://evil.example/callback"),
        (
            "redirect_uri",
            "http://127.0.0.1:3000/callback/azure-devops-legacy/../x",
        ),
        ("redirect_uri", ""),
        ("client_id", "unknown"),
    ] {
        let url = authorize_url("/oauth2/authorize", &with(&good, name, value));
        let page = provider.get(&url[url::Position::BeforePath..]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{name}={value}");
        assert!(!page.headers.contains_key("location"));
        assert!(matches!(
            provider.sandbox.consent(&url, "service", Decision::Accept),
            Err(ConsentRefused::Page { .. })
        ));
    }
}

#[tokio::test]
async fn an_unregistered_scope_comes_back_as_invalid_scope() {
    let provider = Provider::new();
    for scope in ["vso.work vso.nothing", ""] {
        let url = authorize_url(
            "/oauth2/authorize",
            &with(&legacy_authorize("x"), "scope", scope),
        );
        let callback = provider
            .get(&url[url::Position::BeforePath..])
            .await
            .location();
        assert_eq!(query(&callback, "error").as_deref(), Some("InvalidScope"));
        assert_eq!(query(&callback, "state").as_deref(), Some("s t&te"));
    }
}

#[tokio::test]
async fn declining_brings_the_state_and_no_code() {
    let provider = Provider::new();
    let url = authorize_url("/oauth2/authorize", &legacy_authorize("vso.work"));
    let callback = provider
        .sandbox
        .consent(&url, "personal", Decision::Decline)
        .unwrap();
    let parameters: Vec<_> = callback.query_pairs().into_owned().collect();
    assert_eq!(parameters, [("state".to_owned(), "s t&te".to_owned())]);
}

#[tokio::test]
async fn both_spellings_of_errors_can_be_had() {
    let provider = Provider::new();
    for (casing, keys) in [
        ("pascal", ["Error", "ErrorDescription"]),
        ("lower", ["error", "error_description"]),
    ] {
        provider.behave(json!({"error_casing": casing})).await;
        for pairs in [
            legacy_redeem("nonsense"),
            with(&legacy_redeem("x"), "client_assertion", "guess"),
        ] {
            let answer = provider.post_form("/oauth2/token", &pairs).await;
            let body = answer.json();
            let found: Vec<&String> = body
                .as_object()
                .map(|map| map.keys().collect())
                .unwrap_or_default();
            assert_eq!(found, keys);
            assert!(
                body[keys[0]]
                    .as_str()
                    .is_some_and(|error| error.starts_with("invalid_"))
            );
        }
    }
}

#[tokio::test]
async fn a_refresh_replaces_the_refresh_token() {
    let provider = Provider::new();
    let first = provider.legacy_tokens("vso.profile").await;
    let second = provider
        .post_form(
            "/oauth2/token",
            &legacy_refresh(&first.field("refresh_token")),
        )
        .await;
    assert_eq!(second.status, StatusCode::OK);
    assert_ne!(first.field("refresh_token"), second.field("refresh_token"));
    assert_eq!(second.json()["expires_in"], Value::from("3600"));
    let reused = provider
        .post_form(
            "/oauth2/token",
            &legacy_refresh(&first.field("refresh_token")),
        )
        .await;
    assert_eq!(reused.field("error"), "invalid_grant");
}
