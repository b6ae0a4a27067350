//! Plain OAuth 2.0 and OpenID Connect.

use axum::http::StatusCode;
use sandbox::{Decision, config::example};
use serde_json::json;

use crate::harness::{
    BASE, OAUTH2_CALLBACK, Provider, app, authorize_url, oauth2_authorize, oauth2_redeem,
    oauth2_refresh, query, with,
};

#[tokio::test]
async fn a_code_becomes_tokens_and_the_callback_names_the_issuer() {
    let provider = Provider::new();
    let callback = provider.accept(&authorize_url(
        "/oidc/authorize",
        &oauth2_authorize("vso.profile"),
    ));
    assert_eq!(query(&callback, "iss").as_deref(), Some(BASE), "RFC 9207");
    let tokens = provider
        .post_form(
            "/oidc/token",
            &oauth2_redeem(&query(&callback, "code").unwrap()),
        )
        .await;
    let body = tokens.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("Bearer"), &json!(3600), &json!("vso.profile"))
    );
    assert_eq!(
        provider.profile(&tokens.field("access_token")).await.status,
        StatusCode::OK
    );
    assert_eq!(
        provider
            .post_form(
                "/oidc/token",
                &oauth2_refresh(&tokens.field("refresh_token"))
            )
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn openid_brings_an_id_token_and_user_info_but_no_refresh_token_by_itself() {
    let provider = Provider::new();
    let tokens = provider.oauth2_tokens("openid email").await;
    assert!(tokens.json()["id_token"].is_string());
    assert_eq!(tokens.json().get("refresh_token"), None);
    let info = provider
        .call(
            axum::http::Method::GET,
            "/oidc/userinfo",
            &tokens.field("access_token"),
            None,
        )
        .await
        .json();
    assert_eq!(info["email"], "svc-integrations@contoso.example");
    assert_eq!(info.get("name"), None, "profile was not granted");
    let other = provider.oauth2_tokens("vso.profile").await;
    let refused = provider
        .call(
            axum::http::Method::GET,
            "/oidc/userinfo",
            &other.field("access_token"),
            None,
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        provider.oauth2_tokens("openid offline_access").await.json()["refresh_token"].is_string()
    );
}

#[tokio::test]
async fn each_refusal_has_the_standards_error() {
    let provider = Provider::new();
    let code = provider.oauth2_code("vso.work");
    let good = oauth2_redeem(&code);
    for (pairs, status, error) in [
        (with(&good, "client_secret", "guess"), 401, "invalid_client"),
        (with(&good, "client_secret", ""), 401, "invalid_client"),
        (
            with(&good, "client_id", example::ENTRA_CLIENT_ID),
            401,
            "invalid_client",
        ),
        (with(&good, "code_verifier", ""), 400, "invalid_grant"),
        (with(&good, "code_verifier", "wrong"), 400, "invalid_grant"),
        (
            with(
                &good,
                "redirect_uri",
                "http://127.0.0.1:3000/callback/oauth2/other",
            ),
            400,
            "invalid_grant",
        ),
        (
            with(&good, "grant_type", "password"),
            400,
            "unsupported_grant_type",
        ),
        (with(&good, "code", ""), 400, "invalid_request"),
    ] {
        let answer = provider.post_form("/oidc/token", &pairs).await;
        assert_eq!(
            (answer.status.as_u16(), answer.field("error").as_str()),
            (status, error),
            "{pairs:?}"
        );
    }
    let repeated = provider
        .send(crate::harness::form(
            "/oidc/token",
            &[&good[..], &[("code", "other")]].concat(),
        ))
        .await;
    assert_eq!(
        repeated.field("error"),
        "invalid_request",
        "RFC 6749 §3.2: no parameter twice"
    );
    assert_eq!(
        provider.post_form("/oidc/token", &good).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_a_downgrade() {
    let provider = Provider::new();
    let plain = with(
        &with(&oauth2_authorize("vso.work"), "code_challenge", ""),
        "code_challenge_method",
        "",
    );
    let code = query(
        &provider.accept(&authorize_url("/oidc/authorize", &plain)),
        "code",
    )
    .unwrap();
    assert_eq!(
        provider
            .post_form("/oidc/token", &oauth2_redeem(&code))
            .await
            .field("error"),
        "invalid_grant"
    );
    let without = with(&oauth2_redeem(&code), "code_verifier", "");
    assert_eq!(
        provider.post_form("/oidc/token", &without).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_public_client_must_use_pkce() {
    let provider = Provider::new();
    let mut registration = app("public", "oauth2", OAUTH2_CALLBACK);
    registration["scopes"] = json!(["vso.work"]);
    provider.post_json("/_sandbox/apps", registration).await;
    let request = with(&oauth2_authorize("vso.work"), "client_id", "public");
    let without = with(
        &with(&request, "code_challenge", ""),
        "code_challenge_method",
        "",
    );
    let callback = provider.accept(&authorize_url("/oidc/authorize", &without));
    assert_eq!(
        query(&callback, "error").as_deref(),
        Some("invalid_request")
    );

    let code = query(
        &provider.accept(&authorize_url("/oidc/authorize", &request)),
        "code",
    )
    .unwrap();
    let redeem = with(
        &with(&oauth2_redeem(&code), "client_id", "public"),
        "client_secret",
        "",
    );
    assert_eq!(
        provider.post_form("/oidc/token", &redeem).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_prefix_admits_one_path_segment_only() {
    let provider = Provider::new();
    for (suffix, admitted) in [
        ("abc-1", true),
        ("", false),
        ("a/b", false),
        ("..%2f", false),
        ("x?y=1", false),
        ("@evil.example", false),
    ] {
        let redirect = format!("http://127.0.0.1:3000/callback/oauth2/{suffix}");
        let request = with(&oauth2_authorize("vso.work"), "redirect_uri", &redirect);
        let outcome = provider.sandbox.consent(
            &authorize_url("/oidc/authorize", &request),
            "service",
            Decision::Accept,
        );
        assert_eq!(outcome.is_ok(), admitted, "{redirect}");
    }
}

#[tokio::test]
async fn declining_and_bad_scopes_come_back_with_the_issuer() {
    let provider = Provider::new();
    let url = authorize_url("/oidc/authorize", &oauth2_authorize("vso.work"));
    let declined = provider
        .sandbox
        .consent(&url, "service", Decision::Decline)
        .unwrap();
    let bad = provider.accept(&authorize_url(
        "/oidc/authorize",
        &oauth2_authorize("vso.nothing"),
    ));
    for (callback, error) in [(declined, "access_denied"), (bad, "invalid_scope")] {
        assert_eq!(query(&callback, "error").as_deref(), Some(error));
        assert_eq!(query(&callback, "iss").as_deref(), Some(BASE));
        assert_eq!(query(&callback, "state").as_deref(), Some("s t&te"));
    }
}

#[tokio::test]
async fn revoking_a_refresh_token_ends_the_grant_and_an_access_token_only_itself() {
    let provider = Provider::new();
    let client = vec![
        ("client_id", example::OAUTH2_CLIENT_ID),
        ("client_secret", example::OAUTH2_CLIENT_SECRET),
    ];
    let tokens = provider.oauth2_tokens("vso.profile").await;
    let (access, refresh) = (tokens.field("access_token"), tokens.field("refresh_token"));

    let stranger = with(&with(&client, "client_secret", "guess"), "token", &refresh);
    assert_eq!(
        provider.post_form("/oidc/revoke", &stranger).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(provider.profile(&access).await.status, StatusCode::OK);

    assert_eq!(
        provider
            .post_form("/oidc/revoke", &with(&client, "token", &access))
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        provider.profile(&access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let next = provider
        .post_form("/oidc/token", &oauth2_refresh(&refresh))
        .await;
    assert_eq!(next.status, StatusCode::OK, "the grant lives on");

    let newest = next.field("refresh_token");
    assert_eq!(
        provider
            .post_form("/oidc/revoke", &with(&client, "token", &newest))
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        provider.profile(&next.field("access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        provider
            .post_form("/oidc/token", &oauth2_refresh(&newest))
            .await
            .field("error"),
        "invalid_grant"
    );
    let unknown = provider
        .post_form("/oidc/revoke", &with(&client, "token", "nonsense"))
        .await;
    assert_eq!(unknown.status, StatusCode::OK, "RFC 7009 §2.2");
}

#[tokio::test]
async fn revocations_fail_when_told_to_and_are_counted() {
    let provider = Provider::new();
    let tokens = provider.oauth2_tokens("vso.profile").await;
    let client = vec![
        ("client_id", example::OAUTH2_CLIENT_ID),
        ("client_secret", example::OAUTH2_CLIENT_SECRET),
    ];
    let refresh = tokens.field("refresh_token");
    let revocation = with(&client, "token", &refresh);
    provider.behave(json!({"revocation_status": 503})).await;
    let refused = provider.post_form("/oidc/revoke", &revocation).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let access = tokens.field("access_token");
    assert_eq!(provider.profile(&access).await.status, StatusCode::OK);

    provider.behave(json!({"revocation_status": null})).await;
    let done = provider.post_form("/oidc/revoke", &revocation).await;
    assert_eq!(done.status, StatusCode::OK);
    let totals = provider.sandbox.ledger().totals;
    assert_eq!((totals.revocation_requests, totals.revocations), (2, 1));
}

#[tokio::test]
async fn withheld_scopes_are_in_no_token() {
    let provider = Provider::new();
    provider
        .behave(json!({"withheld_scopes": ["vso.work"]}))
        .await;
    let tokens = provider.oauth2_tokens("vso.profile vso.work").await;
    assert_eq!(tokens.field("scope"), "vso.profile");
    let next = provider
        .post_form(
            "/oidc/token",
            &oauth2_refresh(&tokens.field("refresh_token")),
        )
        .await;
    assert_eq!(next.field("scope"), "vso.profile");
}

#[tokio::test]
async fn metadata_is_at_both_well_known_places() {
    let provider = Provider::new();
    let openid = provider
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        openid,
        provider
            .get("/.well-known/oauth-authorization-server")
            .await
            .json()
    );
    assert_eq!(openid["issuer"], BASE);
    assert_eq!(openid["revocation_endpoint"], format!("{BASE}/oidc/revoke"));
    assert_eq!(
        openid["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(
        provider.get("/oidc/keys").await.json()["keys"][0]["alg"],
        "RS256"
    );
}
