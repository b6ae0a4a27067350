//! The control API as a test in another process uses it.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::{Value, json};

use crate::harness::{
    LEGACY_CALLBACK, Provider, app, authorize_url, legacy_authorize, legacy_redeem, legacy_refresh,
    query,
};

#[tokio::test]
async fn consent_over_http_brings_the_callback_or_says_what_the_page_says() {
    let provider = Provider::new();
    let url = authorize_url("/oauth2/authorize", &legacy_authorize("vso.work"));
    let ask = |url: &str, account: &str| json!({"authorize_url": url, "account": account, "decision": "accept"});

    let accepted = provider
        .post_json("/_sandbox/consent", ask(url.as_str(), "personal"))
        .await;
    let code = query(&accepted.field("location").parse().unwrap(), "code").unwrap();
    assert_eq!(
        provider
            .post_form("/oauth2/token", &legacy_redeem(&code))
            .await
            .status,
        StatusCode::OK
    );

    let disabled = provider
        .post_json("/_sandbox/consent", ask(url.as_str(), "disabled"))
        .await;
    assert_eq!(disabled.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(disabled.field("code"), "AADSTS50057");
    let nobody = provider
        .post_json("/_sandbox/consent", ask(url.as_str(), "nobody"))
        .await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    let elsewhere = provider
        .post_json(
            "/_sandbox/consent",
            ask("http://127.0.0.1:3100/nowhere", "service"),
        )
        .await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn behaviour_is_patched_and_mistakes_are_refused() {
    let provider = Provider::new();
    provider
        .behave(json!({"latency_ms": 5, "rotation": "strict"}))
        .await;
    provider.behave(json!({"drop_after_send": 2})).await;
    let now = provider.get("/_sandbox/behaviour").await.json();
    assert_eq!(
        (
            &now["latency_ms"],
            &now["rotation"],
            &now["drop_after_send"]
        ),
        (&json!(5), &json!("strict"), &json!(2))
    );
    for mistake in [
        json!({"latency": 5}),
        json!({"rotation": "sometimes"}),
        json!({"answer": {"state": 500}}),
    ] {
        assert_eq!(
            provider
                .post_json("/_sandbox/behaviour", mistake)
                .await
                .status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    assert_eq!(provider.get("/_sandbox/behaviour").await.json(), now);
}

#[tokio::test]
async fn accounts_are_found_by_name_and_email_and_unknown_ones_are_not() {
    let provider = Provider::new();
    provider
        .change_account("maya.personal@outlook.example", json!({"locked": true}))
        .await;
    let accounts = provider.get("/_sandbox/accounts").await.json();
    assert_eq!(
        (&accounts[1]["name"], &accounts[1]["locked"]),
        (&json!("personal"), &json!(true))
    );
    assert_eq!(
        provider
            .post_json("/_sandbox/accounts/nobody", json!({}))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let misspelt = provider
        .post_json("/_sandbox/accounts/service", json!({"enabled": false}))
        .await;
    assert_eq!(misspelt.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn reset_brings_everything_back_to_the_start() {
    let provider = Provider::new();
    let tokens = provider.legacy_tokens("vso.profile").await;
    provider
        .post_json("/_sandbox/apps", app("extra", "legacy", LEGACY_CALLBACK))
        .await;
    provider
        .change_account("service", json!({"active": false}))
        .await;
    provider.behave(json!({"organization_policy": false})).await;

    let reset = provider
        .send(
            Request::post("/_sandbox/reset")
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT);
    assert_eq!(
        provider.get("/_sandbox/ledger").await.json()["entries"],
        Value::Array(Vec::new())
    );
    assert_eq!(
        provider.profile(&tokens.field("access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(provider.sandbox.behaviour(), sandbox::Behaviour::default());
    let fresh = provider.legacy_tokens("vso.profile").await;
    assert_eq!(
        provider.profile(&fresh.field("access_token")).await.status,
        StatusCode::OK
    );
    let url = authorize_url(
        "/oauth2/authorize",
        &vec![("client_id", "extra"), ("redirect_uri", LEGACY_CALLBACK)],
    );
    assert!(
        provider
            .sandbox
            .consent(&url, "service", sandbox::Decision::Accept)
            .is_err(),
        "the app is gone"
    );
}

#[tokio::test]
async fn pages_of_other_sites_cannot_use_it() {
    let provider = Provider::new();
    for (site, expected) in [
        ("cross-site", 403),
        ("same-site", 403),
        ("same-origin", 204),
        ("none", 204),
    ] {
        let request = Request::post("/_sandbox/reset")
            .header("sec-fetch-site", site)
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            provider.send(request).await.status.as_u16(),
            expected,
            "{site}"
        );
    }
}

#[tokio::test]
async fn minted_grants_are_like_consented_ones_and_families_say_what_is_left_of_them() {
    let provider = Provider::new();
    let request = json!({
        "count": 2, "client_id": sandbox::config::example::LEGACY_CLIENT_ID, "account": "service",
        "scopes": ["vso.profile"],
    });
    let minted = provider.post_json("/_sandbox/grants", request).await;
    assert_eq!(minted.status, StatusCode::CREATED);
    let grants: Vec<sandbox::MintedGrant> = serde_json::from_str(&minted.text).unwrap();
    let [kept, spent] = grants.as_slice() else {
        panic!("two were asked for");
    };
    assert_eq!(
        provider.profile(&spent.access_token).await.status,
        StatusCode::OK
    );

    let old = spent.refresh_token.clone().unwrap();
    let refreshed = provider
        .post_form("/oauth2/token", &legacy_refresh(&old))
        .await;
    let families = provider.get("/_sandbox/families").await.json();
    let unspent = |family: &str| families[family]["unspent"].clone();
    let fingerprint = |token: &str| json!([sandbox::fingerprint(token)]);
    assert_eq!(
        unspent(&kept.family),
        fingerprint(kept.refresh_token.as_ref().unwrap())
    );
    assert_eq!(
        unspent(&spent.family),
        fingerprint(&refreshed.field("refresh_token"))
    );

    let known = provider
        .call(Method::GET, "/_sandbox/token", &spent.access_token, None)
        .await
        .json();
    assert_eq!(known["revoked"], false);

    // Reuse under strict rotation.
    provider
        .post_form("/oauth2/token", &legacy_refresh(&old))
        .await;
    let families = provider.get("/_sandbox/families").await.json();
    assert_eq!(families[&spent.family]["dead"], true);
    let known = provider
        .call(Method::GET, "/_sandbox/token", &spent.access_token, None)
        .await
        .json();
    assert_eq!(known["revoked"], true);
    assert_eq!(families[&kept.family]["dead"], false);

    for wrong in [
        json!({"count": 1, "client_id": "nobody's", "account": "service", "scopes": []}),
        json!({"count": 20_001, "client_id": sandbox::config::example::LEGACY_CLIENT_ID, "account": "service", "scopes": []}),
    ] {
        let refused = provider.post_json("/_sandbox/grants", wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
