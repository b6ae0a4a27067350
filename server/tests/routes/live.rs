//! `GET /ui/events`: what open pages are told.

use crate::support::{Browser, TestServer};
use axum::{
    body::{Body, BodyDataStream},
    http::{Method, Response},
};
use futures::StreamExt as _;
use std::time::Duration;

/// A stream that a browser has opened.
struct Events(BodyDataStream);

impl Events {
    async fn open(server: &TestServer, browser: &Browser<'_>) -> Self {
        let response = connect(server, browser).await;
        assert_eq!(response.status(), 200);
        let header = |name| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        // Neither caches nor proxies may hold messages back.
        assert!(header("cache-control").contains("no"));
        assert_eq!(header("x-accel-buffering"), "no");
        let mut events = Self(response.into_body().into_data_stream());
        let hello = events.next().await.unwrap();
        assert!(hello.contains("event: hello"), "{hello}");
        events
    }

    /// The next message; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        let next = tokio::time::timeout(Duration::from_secs(20), self.0.next());
        let chunk = next.await.expect("something is told")?;
        Some(String::from_utf8(chunk.unwrap().to_vec()).unwrap())
    }
}

async fn connect(server: &TestServer, browser: &Browser<'_>) -> Response<Body> {
    let request = browser.request(Method::GET, "/ui/events");
    server.raw(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_refresh_is_told_with_its_id_and_nothing_else() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Work items").await;
    let browser = server.browser().await;
    let mut events = Events::open(&server, &browser).await;
    api.post(&format!("/authorizations/{id}/refresh"))
        .await
        .expect(200);
    let told = events.next().await.unwrap();
    assert_eq!(
        told.trim(),
        format!(r#"data: [{{"kind":"authorization","id":"{id}"}}]"#)
    );
}

#[tokio::test]
async fn another_company_hears_nothing_of_it() {
    let server = TestServer::start().await;
    server.add_workspace("other").await;
    let browser = server.browser().await;
    let mut events = Events::open(&server, &browser).await;
    let others = server.api_in("other", &model::api_key::KeyScope::ALL).await;
    others.create("Theirs").await;
    // What is told first is our own.
    let id = server.api().await.published("Ours").await;
    let mut told = String::new();
    while !told.contains("published") {
        told += &events.next().await.unwrap();
    }
    for part in told.split("\"id\":\"").skip(1) {
        assert!(part.starts_with(&id), "{told}");
    }
}

#[tokio::test]
async fn s35_a_stranger_hears_nothing() {
    let server = TestServer::start().await;
    let answer = server.stranger().get("/ui/events").await;
    assert_eq!(answer.expect(401).problem(), "unauthenticated");
}

#[tokio::test]
async fn the_stream_ends_with_the_session() {
    let server = TestServer::start().await;
    let browser = server.browser().await;
    let mut events = Events::open(&server, &browser).await;
    let user = server.broker.session(&browser.session()).await.unwrap();
    server.broker.sign_out(&user.unwrap()).await.unwrap();
    // Even what happens right after is not told any more.
    server.api().await.create("Secret plans").await;
    let last = events.next().await.unwrap();
    assert!(last.contains("event: end"), "{last}");
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn the_stream_ends_with_the_server() {
    let server = TestServer::start().await;
    let browser = server.browser().await;
    let mut open = Events::open(&server, &browser).await;
    server.live.end();
    assert_eq!(open.next().await, None);
    let mut late = Events::open(&server, &browser).await;
    assert_eq!(late.next().await, None);
}

#[tokio::test]
async fn one_person_opens_so_many_and_no_more() {
    let server = TestServer::start().await;
    let browser = server.browser().await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Events::open(&server, &browser).await);
    }
    let refused = connect(&server, &browser).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    open.pop();
    Events::open(&server, &browser).await;
}
