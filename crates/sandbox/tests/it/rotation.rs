//! Rotation, reuse and grace of refresh tokens, and what the ledger says about them (the ground truth of R1-R5).

use axum::http::StatusCode;
use sandbox::{Behaviour, Outcome, Rotation, Times, fingerprint};
use serde_json::json;

use crate::harness::{
    ENTRA_TOKEN, Provider, devops, entra_refresh, form, legacy_refresh, oauth2_redeem,
    oauth2_refresh,
};

#[tokio::test]
async fn strict_rotation_kills_the_family_on_reuse() {
    let provider = Provider::new();
    let first = provider.oauth2_tokens("vso.profile").await;
    let second = provider
        .post_form(
            "/oidc/token",
            &oauth2_refresh(&first.field("refresh_token")),
        )
        .await;
    let reused = provider
        .post_form(
            "/oidc/token",
            &oauth2_refresh(&first.field("refresh_token")),
        )
        .await;
    assert_eq!(reused.field("error"), "invalid_grant");
    let newest = provider
        .post_form(
            "/oidc/token",
            &oauth2_refresh(&second.field("refresh_token")),
        )
        .await;
    assert_eq!(
        newest.field("error"),
        "invalid_grant",
        "the rightful holder loses it too"
    );
    assert_eq!(
        provider.profile(&second.field("access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );

    let ledger = provider.sandbox.ledger();
    assert_eq!(
        (ledger.totals.double_spends, ledger.totals.families_revoked),
        (1, 1)
    );
    let flags: Vec<_> = ledger
        .entries
        .iter()
        .map(|entry| (entry.double_spend, entry.family_revoked))
        .collect();
    assert_eq!(
        flags,
        [(false, false), (false, false), (true, true), (false, false)]
    );
}

#[tokio::test]
async fn within_the_grace_a_spent_token_is_forgiven_but_not_forgotten() {
    let provider = Provider::new();
    provider.behave(json!({"grace_seconds": 60})).await;
    let first = provider.legacy_tokens("vso.profile").await;
    let old = first.field("refresh_token");
    assert_eq!(
        provider
            .post_form("/oauth2/token", &legacy_refresh(&old))
            .await
            .status,
        StatusCode::OK
    );
    provider.advance(59);
    assert_eq!(
        provider
            .post_form("/oauth2/token", &legacy_refresh(&old))
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        provider.sandbox.ledger().totals.double_spends,
        1,
        "the ledger counts it all the same"
    );
    provider.advance(1);
    let late = provider
        .post_form("/oauth2/token", &legacy_refresh(&old))
        .await;
    assert_eq!(
        late.field("error"),
        "invalid_grant",
        "the grace starts with the first use and is not prolonged"
    );
    assert_eq!(provider.sandbox.ledger().totals.families_revoked, 1);
}

#[tokio::test]
async fn entra_rotates_without_revoking_unless_it_is_told_to() {
    let provider = Provider::new();
    let scope = format!("{} offline_access", devops("vso.profile"));
    let first = provider.entra_tokens(&scope).await;
    let old = first.field("refresh_token");
    let second = provider
        .post_form(ENTRA_TOKEN, &entra_refresh(&old, &scope))
        .await;
    assert_ne!(second.field("refresh_token"), old);
    assert_eq!(
        provider
            .post_form(ENTRA_TOKEN, &entra_refresh(&old, &scope))
            .await
            .status,
        StatusCode::OK
    );

    provider.sandbox.set_behaviour(Behaviour {
        rotation: Some(Rotation::Strict),
        ..Behaviour::default()
    });
    let refused = provider
        .post_form(ENTRA_TOKEN, &entra_refresh(&old, &scope))
        .await;
    assert_eq!(
        refused.refusal(),
        (400, "invalid_grant".to_owned(), Some(50_173))
    );

    provider.behave(json!({"rotation": "reuse_allowed"})).await;
    let plain = provider
        .oauth2_tokens("vso.profile")
        .await
        .field("refresh_token");
    for _ in 0..2 {
        assert_eq!(
            provider
                .post_form("/oidc/token", &oauth2_refresh(&plain))
                .await
                .status,
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn the_ledger_names_what_was_spent_and_got_and_holds_no_token() {
    let provider = Provider::new();
    let code = provider.oauth2_code("vso.profile");
    let first = provider
        .post_form("/oidc/token", &oauth2_redeem(&code))
        .await;
    let (access, refresh) = (first.field("access_token"), first.field("refresh_token"));
    provider
        .post_form("/oidc/token", &oauth2_refresh(&refresh))
        .await;
    provider
        .post_form("/oidc/token", &oauth2_refresh("nonsense"))
        .await;

    let ledger = provider.sandbox.ledger();
    let [redeemed, refreshed, refused] =
        [&ledger.entries[0], &ledger.entries[1], &ledger.entries[2]];
    assert_eq!(redeemed.spent.as_deref(), Some(fingerprint(&code).as_str()));
    assert_eq!(
        redeemed.got_access.as_deref(),
        Some(fingerprint(&access).as_str())
    );
    assert_eq!(
        redeemed.got_refresh.as_deref(),
        Some(fingerprint(&refresh).as_str())
    );
    assert_eq!(redeemed.account.as_deref(), Some("service"));
    assert_eq!(
        refreshed.spent, redeemed.got_refresh,
        "a chain from answer to next request"
    );
    assert_eq!(refreshed.family, redeemed.family);
    assert_eq!(
        (refused.result, refused.status, refused.error.as_deref()),
        (Outcome::Refused, 400, Some("invalid_grant"))
    );
    assert_eq!(refused.family, None);

    let over_http = provider.get("/_sandbox/ledger?since=1").await;
    assert_eq!(over_http.json()["entries"][0]["number"], 2);
    assert_eq!(over_http.json()["totals"]["requests"], 3);
    for secret in [&code, &access, &refresh] {
        assert!(!over_http.text.contains(secret.as_str()));
    }
}

#[tokio::test]
async fn canned_answers_leave_the_token_unspent_unless_told_otherwise() {
    let provider = Provider::new();
    let refresh = provider
        .legacy_tokens("vso.profile")
        .await
        .field("refresh_token");
    provider
        .behave(json!({"answer": {"status": 429, "error": "slow_down", "headers": {"Retry-After": "7"}, "count": 1}}))
        .await;
    let canned = provider
        .post_form("/oauth2/token", &legacy_refresh(&refresh))
        .await;
    assert_eq!(
        (canned.status.as_u16(), &canned.headers["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(canned.field("error"), "slow_down");
    let next = provider
        .post_form("/oauth2/token", &legacy_refresh(&refresh))
        .await;
    assert_eq!(next.status, StatusCode::OK);

    let refresh = next.field("refresh_token");
    provider.behave(json!({"answer": {"status": 502, "body": "<h1>Bad gateway</h1>", "after_processing": true}})).await;
    let lost = provider
        .post_form("/oauth2/token", &legacy_refresh(&refresh))
        .await;
    assert_eq!(lost.status, StatusCode::BAD_GATEWAY);
    assert_eq!(lost.headers["content-type"], "text/html; charset=utf-8");
    provider.behave(json!({"answer": null})).await;
    let spent = provider
        .post_form("/oauth2/token", &legacy_refresh(&refresh))
        .await;
    assert_eq!(
        spent.field("error"),
        "invalid_grant",
        "the lost answer had spent it"
    );

    let results: Vec<_> = provider
        .sandbox
        .ledger()
        .entries
        .iter()
        .map(|entry| (entry.result, entry.status, entry.double_spend))
        .collect();
    assert_eq!(
        results,
        [
            (Outcome::Issued, 200, false),
            (Outcome::Canned, 429, false),
            (Outcome::Issued, 200, false),
            (Outcome::Issued, 502, false),
            (Outcome::Refused, 400, true),
        ]
    );
}

#[tokio::test]
async fn a_dropped_answer_has_spent_the_token() {
    let provider = Provider::new();
    let refresh = provider
        .oauth2_tokens("vso.profile")
        .await
        .field("refresh_token");
    provider.sandbox.set_behaviour(Behaviour {
        drop_after_send: Times::Next(1),
        ..Behaviour::default()
    });
    let response = provider
        .raw(form("/oidc/token", &oauth2_refresh(&refresh)))
        .await;
    assert!(
        axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .is_err()
    );
    let ledger = provider.sandbox.ledger();
    let dropped = ledger.entries.back().unwrap();
    assert_eq!((dropped.dropped, dropped.result), (true, Outcome::Issued));
    let again = provider
        .post_form("/oidc/token", &oauth2_refresh(&refresh))
        .await;
    assert_eq!(again.field("error"), "invalid_grant");
}

#[tokio::test]
async fn expires_in_comes_in_every_shape() {
    let provider = Provider::new();
    for (form, expected) in [
        ("string", json!("60")),
        ("number", json!(60)),
        ("float", json!(60.5)),
        ("null", json!(null)),
        ("zero", json!(0)),
        ("negative", json!(-1)),
        ("huge", json!(1_000_000_000_000_u64)),
    ] {
        provider
            .behave(json!({"expires_in_form": form, "token_lifetime_seconds": 60}))
            .await;
        let body = provider.oauth2_tokens("vso.work").await.json();
        assert_eq!(body.get("expires_in"), Some(&expected));
    }
    provider.behave(json!({"expires_in_form": "missing"})).await;
    assert_eq!(
        provider
            .legacy_tokens("vso.work")
            .await
            .json()
            .get("expires_in"),
        None
    );
}

#[tokio::test]
async fn lifetimes_are_those_of_the_behaviour() {
    let provider = Provider::new();
    provider
        .behave(json!({"token_lifetime_seconds": 30, "code_lifetime_seconds": 5, "refresh_token_lifetime_seconds": 100}))
        .await;
    let code = provider.oauth2_code("vso.profile");
    provider.advance(4);
    let tokens = provider
        .post_form("/oidc/token", &oauth2_redeem(&code))
        .await;
    assert_eq!(tokens.json()["expires_in"], 30);
    provider.advance(29);
    assert_eq!(
        provider.profile(&tokens.field("access_token")).await.status,
        StatusCode::OK
    );
    provider.advance(1);
    assert_eq!(
        provider.profile(&tokens.field("access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    provider.advance(70);
    let expired = provider
        .post_form(
            "/oidc/token",
            &oauth2_refresh(&tokens.field("refresh_token")),
        )
        .await;
    assert_eq!(
        expired.field("error_description"),
        "the refresh token is expired"
    );
}
