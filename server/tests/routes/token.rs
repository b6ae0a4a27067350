//! The story of the API: create, connect, consent, publish, read.

use crate::support::TestServer;
use chrono::TimeDelta;
use insta::assert_snapshot;
use sandbox::{AccountPatch, Behaviour, CannedAnswer};

#[tokio::test]
async fn a_published_consent_gives_a_token() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    let token = format!("/authorizations/{id}/token");
    assert_snapshot!(api.get(&token).await.shown(), @r#"
    404 {
      "code": "not_published",
      "detail": "This authorization is not part of the last publication. Publish it first.",
      "request_id": "[id]",
      "status": 404,
      "title": "Not published",
      "type": "about:blank"
    }
    "#);

    let done = api.authorize(&id, &server.stranger()).await;
    assert!(
        done.location().starts_with("/connect/done"),
        "{}",
        done.location()
    );
    let authorization = api.get(&format!("/authorizations/{id}")).await;
    assert_eq!(authorization.text("/status"), "authorized");
    assert_eq!(
        authorization.text("/grant/account/username"),
        "svc-integrations@contoso.example"
    );
    // Authorized is not published.
    assert_eq!(api.get(&token).await.expect(404).problem(), "not_published");

    api.post("/publish").await.expect(200);
    let read = api.get(&token).await.expect(200);
    assert_eq!(read.header("cache-control"), "no-store");
    assert_eq!(read.text("/token_type"), "Bearer");
    assert_eq!(read.text("/expires_at"), "2026-03-01T13:00:00Z");
    assert!(read.text("/access_token").len() > 20);
}

#[tokio::test]
async fn an_expired_token_is_refreshed_before_it_is_handed_out() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Work items").await;
    let token = format!("/authorizations/{id}/token");
    let first = api.get(&token).await.expect(200).text("/access_token");
    assert_eq!(api.get(&token).await.text("/access_token"), first);

    server.clock.advance(TimeDelta::hours(2));
    let second = api.get(&token).await.expect(200);
    assert_ne!(second.text("/access_token"), first);
    assert_eq!(second.text("/expires_at"), "2026-03-01T15:00:00Z");
}

#[tokio::test]
async fn a_provider_that_does_not_answer_means_try_again() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Work items").await;
    server.sandbox.set_behaviour(Behaviour {
        answer: Some(CannedAnswer::default()),
        ..Behaviour::default()
    });
    server.clock.advance(TimeDelta::hours(2));
    let answer = api.get(&format!("/authorizations/{id}/token")).await;
    assert_eq!(answer.header("retry-after"), "1");
    assert_snapshot!(answer.shown(), @r#"
    503 {
      "code": "provider_unavailable",
      "detail": "The token has expired and the provider gives no new one at the moment. Try again later.",
      "request_id": "[id]",
      "retry_after": 1,
      "status": 503,
      "title": "The provider is not available",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn a_disabled_account_is_named_as_the_reason() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Work items").await;
    let disabled = AccountPatch {
        active: Some(false),
        ..AccountPatch::default()
    };
    server.sandbox.set_account("service", disabled).unwrap();
    server.clock.advance(TimeDelta::hours(2));
    let answer = api
        .get(&format!("/authorizations/{id}/token"))
        .await
        .expect(409);
    assert_eq!(answer.problem(), "not_authorized");
    assert_eq!(answer.text("/reason"), "cancelled");
    assert_eq!(answer.text("/reason_detail"), "account_disabled");
    assert!(answer.text("/detail").contains("Re-authorize"));
}

#[tokio::test]
async fn what_is_served_changes_by_publishing_alone() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Work items").await;
    let token = format!("/authorizations/{id}/token");
    let before = api.get(&token).await.expect(200).text("/access_token");
    api.post(&format!("/authorizations/{id}/deactivate"))
        .await
        .expect(200);
    assert_eq!(
        api.get(&token).await.expect(200).text("/access_token"),
        before
    );
    api.post("/publish").await.expect(200);
    assert_eq!(api.get(&token).await.expect(404).problem(), "not_published");
}
