//! Microsoft Entra v2: AADSTS codes, tenants, prefixed scopes, PKCE, id tokens.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::Engine as _;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use sandbox::config::example;
use serde_json::{Value, json};

use crate::harness::{
    BASE, ENTRA_CALLBACK, ENTRA_TOKEN, Pairs, Provider, app, devops, entra_redeem, entra_refresh,
    with,
};

fn scope() -> String {
    format!(
        "{} {} offline_access",
        devops("vso.work"),
        devops("vso.profile")
    )
}

#[tokio::test]
async fn a_code_becomes_tokens_that_work() {
    let provider = Provider::new();
    let tokens = provider.entra_tokens(&scope()).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let body = tokens.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(
        body["scope"],
        format!("{} {}", devops("vso.profile"), devops("vso.work"))
    );
    assert_eq!(body.get("id_token"), None, "openid was not asked for");
    let profile = provider.profile(&tokens.field("access_token")).await;
    assert_eq!(profile.field("displayName"), "Contoso Integrations");
}

#[tokio::test]
async fn the_id_token_is_signed_and_says_who_consented() {
    let provider = Provider::new();
    let tokens = provider
        .entra_tokens(&format!("openid profile {}", scope()))
        .await;
    let keys = provider
        .get(&format!("/{}/discovery/v2.0/keys", example::CONTOSO_TENANT))
        .await
        .json();
    let id_token = tokens.field("id_token");
    let header = jsonwebtoken::decode_header(&id_token).unwrap();
    let key = &keys["keys"][0];
    assert_eq!(header.kid.as_deref(), key["kid"].as_str());

    let mut validation = Validation::new(Algorithm::RS256);
    // The provider's clock stands still in these tests; the times are compared below.
    validation.validate_exp = false;
    validation.set_audience(&[example::ENTRA_CLIENT_ID]);
    validation.set_issuer(&[format!("{BASE}/{}/v2.0", example::CONTOSO_TENANT)]);
    let decoding =
        DecodingKey::from_rsa_components(key["n"].as_str().unwrap(), key["e"].as_str().unwrap())
            .unwrap();
    let claims = jsonwebtoken::decode::<Value>(&id_token, &decoding, &validation)
        .unwrap()
        .claims;
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["tid"], example::CONTOSO_TENANT);
    assert_eq!(
        claims["oid"],
        provider.sandbox.account("service").unwrap().oid
    );
    assert_eq!(
        claims["preferred_username"],
        "svc-integrations@contoso.example"
    );
    assert_eq!(claims["name"], "Contoso Integrations");
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );

    let refreshed = provider
        .post_form(
            ENTRA_TOKEN,
            &entra_refresh(
                &tokens.field("refresh_token"),
                &format!("openid {}", scope()),
            ),
        )
        .await;
    assert!(refreshed.json()["id_token"].is_string());
}

#[tokio::test]
async fn each_refusal_of_a_code_has_its_aadsts_code() {
    let provider = Provider::new();
    let code = provider.entra_code(&scope());
    let good = entra_redeem(&code);
    let cases = [
        (
            with(&good, "client_secret", "guess"),
            (401, "invalid_client", 7_000_215),
        ),
        (
            with(&good, "client_secret", ""),
            (401, "invalid_client", 7_000_218),
        ),
        (
            with(&good, "client_id", "unknown"),
            (400, "unauthorized_client", 700_016),
        ),
        (
            with(&good, "code_verifier", ""),
            (400, "invalid_grant", 501_481),
        ),
        (
            with(&good, "code_verifier", "wrong"),
            (400, "invalid_grant", 501_481),
        ),
        (
            with(&good, "redirect_uri", "http://127.0.0.1:3000/other"),
            (400, "invalid_grant", 50_011),
        ),
        (
            with(&good, "code", "nonsense"),
            (400, "invalid_grant", 70_000),
        ),
        (
            with(&good, "grant_type", "password"),
            (400, "unsupported_grant_type", 70_003),
        ),
        (
            with(&good, "grant_type", ""),
            (400, "invalid_request", 900_144),
        ),
        (
            with(&good, "scope", "vso.work"),
            (400, "invalid_scope", 70_011),
        ),
    ];
    for (pairs, (status, error, number)) in cases {
        let answer = provider.post_form(ENTRA_TOKEN, &pairs).await;
        assert_eq!(
            answer.refusal(),
            (status, error.to_owned(), Some(number)),
            "{pairs:?}"
        );
        assert!(
            answer
                .field("error_description")
                .starts_with(&format!("AADSTS{number}: "))
        );
        for field in ["timestamp", "trace_id", "correlation_id"] {
            assert!(!answer.field(field).is_empty());
        }
    }
    assert_eq!(
        provider.post_form(ENTRA_TOKEN, &good).await.status,
        StatusCode::OK,
        "none of these burned the code"
    );
    let reused = provider.post_form(ENTRA_TOKEN, &good).await;
    assert_eq!(
        reused.refusal(),
        (400, "invalid_grant".to_owned(), Some(54_005))
    );

    let late = provider.entra_code(&scope());
    provider.advance(600);
    let expired = provider.post_form(ENTRA_TOKEN, &entra_redeem(&late)).await;
    assert_eq!(
        expired.refusal(),
        (400, "invalid_grant".to_owned(), Some(70_008))
    );
}

#[tokio::test]
async fn a_reused_code_takes_its_tokens_along() {
    let provider = Provider::new();
    let code = provider.entra_code(&scope());
    let tokens = provider.post_form(ENTRA_TOKEN, &entra_redeem(&code)).await;
    provider.post_form(ENTRA_TOKEN, &entra_redeem(&code)).await;
    assert_eq!(
        provider.profile(&tokens.field("access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    let refused = provider
        .post_form(
            ENTRA_TOKEN,
            &entra_refresh(&tokens.field("refresh_token"), &scope()),
        )
        .await;
    assert_eq!(
        refused.refusal(),
        (400, "invalid_grant".to_owned(), Some(50_173))
    );
}

#[tokio::test]
async fn the_secret_may_come_as_basic_but_not_twice() {
    let provider = Provider::new();
    let code = provider.entra_code(&scope());
    let without = with(
        &with(&entra_redeem(&code), "client_secret", ""),
        "client_id",
        "",
    );
    let credentials = format!(
        "{}:{}",
        example::ENTRA_CLIENT_ID,
        example::ENTRA_CLIENT_SECRET
    );
    let basic = format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(credentials)
    );
    let request = |pairs: &Pairs<'_>| {
        let body = serde_urlencoded::to_string(pairs).unwrap();
        let request = Request::post(ENTRA_TOKEN)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", &basic);
        request.body(Body::from(body)).unwrap()
    };
    let twice = provider.send(request(&entra_redeem(&code))).await;
    assert_eq!(twice.field("error"), "invalid_request");
    assert_eq!(
        provider.send(request(&without)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_expired_secret_is_told_from_a_wrong_one() {
    let provider = Provider::new();
    let mut registration = app(example::ENTRA_CLIENT_ID, "entra", ENTRA_CALLBACK);
    registration["secrets"] = json!(["new"]);
    registration["expired_secrets"] = json!([example::ENTRA_CLIENT_SECRET]);
    let answer = provider.post_json("/_sandbox/apps", registration).await;
    assert_eq!(
        answer.json(),
        json!({"client_id": example::ENTRA_CLIENT_ID, "replaced": true})
    );
    let refused = provider.post_form(ENTRA_TOKEN, &entra_redeem("any")).await;
    assert_eq!(
        refused.refusal(),
        (401, "invalid_client".to_owned(), Some(7_000_222))
    );
}

#[tokio::test]
async fn a_refresh_needs_its_scope_and_offline_access() {
    let provider = Provider::new();
    let tokens = provider.entra_tokens(&scope()).await;
    let refresh_token = tokens.field("refresh_token");
    // An empty parameter counts as absent (RFC 6749 §3.1).
    for request in [
        entra_refresh(&refresh_token, ""),
        with(&entra_refresh(&refresh_token, "x"), "scope", ""),
    ] {
        let missing = provider.post_form(ENTRA_TOKEN, &request).await;
        assert_eq!(
            missing.refusal(),
            (400, "invalid_request".to_owned(), Some(90_014))
        );
    }

    let wider = provider
        .post_form(
            ENTRA_TOKEN,
            &entra_refresh(&refresh_token, &devops("vso.code")),
        )
        .await;
    assert_eq!(
        wider.refusal(),
        (400, "invalid_grant".to_owned(), Some(65_001))
    );
    assert_eq!(wider.field("suberror"), "consent_required");

    let narrower = provider
        .post_form(
            ENTRA_TOKEN,
            &entra_refresh(&refresh_token, &devops("vso.profile")),
        )
        .await;
    assert_eq!(narrower.field("scope"), devops("vso.profile"));
    assert!(
        narrower.json()["refresh_token"].is_string(),
        "the grant keeps offline_access"
    );

    let online = provider.entra_tokens(&devops("vso.profile")).await;
    assert_eq!(online.json().get("refresh_token"), None);
}

#[tokio::test]
async fn accounts_and_consents_that_end_are_seen_on_refresh() {
    let provider = Provider::new();
    let tokens = provider.entra_tokens(&scope()).await;
    let refresh_token = tokens.field("refresh_token");
    let refresh = || async {
        provider
            .post_form(ENTRA_TOKEN, &entra_refresh(&refresh_token, &scope()))
            .await
    };

    provider
        .change_account("service", json!({"locked": true}))
        .await;
    assert_eq!(
        refresh().await.refusal(),
        (400, "invalid_grant".to_owned(), Some(50_053))
    );
    provider
        .change_account("service", json!({"locked": false, "active": false}))
        .await;
    assert_eq!(
        refresh().await.refusal(),
        (400, "invalid_grant".to_owned(), Some(50_057))
    );
    provider
        .change_account("svc-integrations@contoso.example", json!({"active": true}))
        .await;
    assert_eq!(
        refresh().await.status,
        StatusCode::OK,
        "refusing spent nothing"
    );

    provider
        .change_account("service", json!({"consent_revoked": true}))
        .await;
    assert_eq!(
        refresh().await.refusal(),
        (400, "invalid_grant".to_owned(), Some(65_001))
    );
    assert_eq!(
        provider.profile(&tokens.field("access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );

    let anew = provider.entra_tokens(&scope()).await;
    assert_eq!(
        provider.profile(&anew.field("access_token")).await.status,
        StatusCode::OK
    );
    assert!(
        !provider.sandbox.account("service").unwrap().consent_revoked,
        "consenting again clears the mark"
    );
    assert_eq!(
        refresh().await.refusal().2,
        Some(65_001),
        "what was revoked stays so"
    );

    provider.advance(90 * 24 * 3_600);
    let expired = provider
        .post_form(
            ENTRA_TOKEN,
            &entra_refresh(&anew.field("refresh_token"), &scope()),
        )
        .await;
    assert_eq!(
        expired.refusal(),
        (400, "invalid_grant".to_owned(), Some(700_082))
    );
}
