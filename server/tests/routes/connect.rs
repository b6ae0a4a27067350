use crate::support::{Answer, Browser, PUBLIC_URL, TestServer};
use axum::{
    body::Body,
    http::{Method, header},
};
use chrono::TimeDelta;
use sandbox::Decision;
use serde_json::json;

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

/// A browser comes back with another account than the one that is stored; answers where it is sent.
async fn asked(server: &TestServer, id: &str, browser: &Browser<'_>) -> Answer {
    let link = server.api().await.connect_link(id).await;
    let provider = browser.get(&link).await.location().to_owned();
    let callback = server.at_the_provider(&provider, "personal", Decision::Accept);
    browser.get(&callback).await.expect(303)
}

/// An authorization of the service account, open to every account.
async fn authorized(server: &TestServer) -> String {
    let api = server.api().await;
    let mut open = TestServer::contoso("Work items");
    open["settings"]["tenant"] = json!("common");
    let id = api.post_json("/authorizations", open).await.text("/id");
    api.authorize(&id, &server.stranger()).await.expect(303);
    id
}

fn answer(browser: &Browser<'_>, token: &str, choice: &str) -> axum::http::Request<Body> {
    browser
        .request(Method::POST, "/ui/connect/answer")
        .header(header::ORIGIN, PUBLIC_URL)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("token={token}&choice={choice}")))
        .unwrap()
}

// S2, S33
#[tokio::test]
async fn another_account_is_asked_about_in_the_browser_that_consented() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = authorized(&server).await;
    let who = async || {
        let stored = api.get(&format!("/authorizations/{id}")).await;
        stored.text("/grant/account/username")
    };
    let browser = server.stranger();
    let sent = asked(&server, &id, &browser).await;
    let (_, token) = sent.location().split_once("?token=").unwrap();
    assert!(sent.location().starts_with("/connect/confirm?"));
    assert!(
        sent.header("set-cookie").contains("Max-Age=600"),
        "it may be answered for ten minutes from now"
    );
    assert_eq!(who().await, "svc-integrations@contoso.example");

    let page = browser.get(sent.location()).await.expect(200);
    for told in ["maya.personal@outlook.example", "sv…@contoso.example"] {
        assert!(page.body.contains(told), "{told}");
    }
    assert!(
        !page.body.contains("svc-integrations@"),
        "a stranger learns little"
    );

    let stranger = server.stranger();
    let page = stranger.get(sent.location()).await;
    assert!(!page.body.contains("contoso.example"));
    let refused = stranger.send(answer(&stranger, token, "new")).await;
    assert_eq!(
        refused.expect(302).header("location"),
        "/connect/done?flow=late"
    );
    let foreign = browser
        .request(Method::POST, "/ui/connect/answer")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("token={token}&choice=new")))
        .unwrap();
    browser.send(foreign).await.expect(403);
    assert_eq!(who().await, "svc-integrations@contoso.example");

    let done = browser.send(answer(&browser, token, "new")).await;
    assert_eq!(
        done.expect(302).header("location"),
        "/connect/done?flow=done"
    );
    assert_eq!(who().await, "maya.personal@outlook.example");
    let twice = browser.send(answer(&browser, token, "new")).await;
    assert_eq!(
        twice.expect(302).header("location"),
        "/connect/done?flow=late"
    );
}

#[tokio::test]
async fn keeping_the_account_replaces_nothing() {
    let server = TestServer::start().await;
    let id = authorized(&server).await;
    let browser = server.stranger();
    let sent = asked(&server, &id, &browser).await;
    let (_, token) = sent.location().split_once("?token=").unwrap();
    let kept = browser.send(answer(&browser, token, "old")).await;
    assert_eq!(
        kept.expect(302).header("location"),
        "/connect/done?flow=kept"
    );
    let stored = server
        .api()
        .await
        .get(&format!("/authorizations/{id}"))
        .await;
    assert_eq!(
        stored.text("/grant/account/username"),
        "svc-integrations@contoso.example"
    );
}
