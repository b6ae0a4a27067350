use crate::support::TestServer;
use axum::{body::Body, http::Method};
use chrono::TimeDelta;

#[tokio::test]
async fn the_link_leads_to_the_provider_and_binds_the_browser() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    let answer = api
        .post(&format!("/authorizations/{id}/connect"))
        .await
        .expect(200);
    assert!(
        answer
            .text("/connect_url")
            .starts_with("https://tokenry.example/connect/")
    );

    let opened = server.stranger().get(&answer.text("/connect_url")).await;
    let location = opened.location();
    assert!(
        location.starts_with("http://sandbox.example/organizations/oauth2/v2.0/authorize?"),
        "{location}"
    );
    assert!(
        location.contains("code_challenge_method=S256"),
        "S5: {location}"
    );
    // S2, S32
    let cookie = opened.header("set-cookie");
    assert!(cookie.starts_with("__Host-tokenry_flow="), "{cookie}");
    for attribute in [
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
        "Path=/",
        "Max-Age=600",
    ] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
    assert_eq!(opened.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn the_link_works_once_and_not_for_ever() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    let used = api.connect_link(&id).await;
    server.stranger().get(&used).await.expect(303);
    server.stranger().get(&used).await.expect(400);
    let late = api.connect_link(&id).await;
    server.clock.advance(TimeDelta::days(8));
    server.stranger().get(&late).await.expect(400);
    server
        .stranger()
        .get("/connect/not-a-token")
        .await
        .expect(400);
}

#[tokio::test]
async fn looking_ahead_does_not_use_the_link_up() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let link = api.connect_link(&api.create("Work items").await).await;
    let browser = server.stranger();
    let head = browser
        .request(Method::HEAD, &link)
        .body(Body::empty())
        .unwrap();
    browser.send(head).await.expect(405);
    for (name, value) in [
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let ahead = browser.request(Method::GET, &link).header(name, value);
        browser
            .send(ahead.body(Body::empty()).unwrap())
            .await
            .expect(405);
    }
    browser.get(&link).await.expect(303);
}
