//! What works and should be looked at: exit code 0, unless it has stopped working.

use crate::{installation::Installation, support::TestServer};
use broker::ports::{Clock as _, SystemClock};
use chrono::TimeDelta;
use sandbox::{Behaviour, CannedAnswer};
use serde_json::json;

/// One with an authorization whose client secret expires so many days from now.
async fn with_secret_that_expires_in(days: i64) -> Installation {
    let server = TestServer::start().await;
    let day = SystemClock.now().date_naive() + TimeDelta::days(days);
    let mut authorization = TestServer::contoso("Work items");
    authorization["client_secret_expires_on"] = json!(day.to_string());
    let created = server
        .api()
        .await
        .post_json("/authorizations", authorization)
        .await;
    created.expect(201);
    let installation = Installation::of(server).await;
    installation.provider_is_ahead_by(0).await;
    installation
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_told_before_they_expire() {
    for (days, status) in [(90, "ok"), (30, "warning"), (7, "warning"), (1, "warning")] {
        let installation = with_secret_that_expires_in(days).await;
        let visit = installation.examine(&[]).await;
        visit.expect("client_secrets", status);
        assert_eq!(visit.code, 0, "{days}: {:#}", visit.report);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_secret_is_a_failure() {
    let installation = with_secret_that_expires_in(-1).await;
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("client_secrets", "failure");
    assert!(summary.contains("\"Work items\""), "{summary}");
    assert!(summary.contains("expired on"), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r12_a_clock_that_is_a_minute_off() {
    let installation = Installation::new().await;
    installation.provider_is_ahead_by(-60).await;
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("provider_clock", "warning");
    assert!(summary.contains("ahead of"), "{summary}");
    assert_eq!(visit.code, 0, "{:#}", visit.report);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_does_not_run() {
    let mut installation = Installation::new().await;
    installation.provider_is_ahead_by(0).await;
    installation.stop().await;
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("public_url", "warning");
    assert!(summary.contains("no server runs"), "{summary}");
    let summary = visit.expect("redirect_uris", "warning");
    assert!(summary.contains("Not looked at"), "{summary}");
    assert_eq!(visit.code, 0, "{:#}", visit.report);
}

/// Each with the one thing to do.
#[tokio::test(flavor = "multi_thread")]
async fn consents_that_need_somebody_are_named() {
    let installation = Installation::new().await;
    installation.provider_is_ahead_by(0).await;
    let server = &installation.server;
    server.sandbox.set_behaviour(Behaviour {
        answer: Some(CannedAnswer {
            status: 401,
            error: Some("invalid_client".to_owned()),
            ..CannedAnswer::default()
        }),
        ..Behaviour::default()
    });
    let api = server.api().await;
    let id = api.get("/authorizations").await.text("/items/0/id");
    api.post(&format!("/authorizations/{id}/refresh")).await;
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("consents", "warning");
    assert!(summary.contains("\"Work items\" in default"), "{summary}");
    assert!(summary.contains("client secret"), "{summary}");
    assert_eq!(visit.code, 0, "{:#}", visit.report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_cannot_be_reached() {
    let installation = Installation::new().await;
    let nowhere = installation
        .configuration(installation.server.folder())
        .replace(&installation.provider.uri(), "http://127.0.0.1:9");
    let visit = installation.examine_with(&nowhere, &[]).await;
    visit.expect("provider_clock", "warning");

    let refused = installation
        .configuration(installation.server.folder())
        .replace("allow = [", "allow = [] #");
    let visit = installation.examine_with(&refused, &[]).await;
    let summary = visit.expect("egress", "failure");
    assert!(summary.contains("azure-devops"), "{summary}");
}
