//! What is wrong with a request is told as a problem, whatever it is.

use crate::support::{Setup, TestServer};
use axum::{
    body::Body,
    http::{Method, header},
};
use insta::assert_snapshot;
use server::config::WebSection;

#[tokio::test]
async fn broken_json_is_told_by_place() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let post = async |kind: &str, body: &str| {
        let request = api
            .request(Method::POST, "/connectors")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()));
        server.send(request.unwrap()).await
    };
    let json = "application/json";
    assert_snapshot!(post(json, "{\"name\": \"x\",").await.shown(), @r#"
    400 {
      "code": "bad_request",
      "detail": "The body is not JSON; it goes wrong at line 1, column 13.",
      "request_id": "[id]",
      "status": 400,
      "title": "The request is malformed",
      "type": "about:blank"
    }
    "#);
    assert_eq!(
        post(json, "{\"name\": 5}").await.expect(400).problem(),
        "bad_request"
    );
    assert_snapshot!(post("text/plain", "{}").await.shown(), @r#"
    415 {
      "code": "bad_request",
      "detail": "Send the body as JSON, with `Content-Type: application/json`.",
      "request_id": "[id]",
      "status": 415,
      "title": "Unsupported Media Type",
      "type": "about:blank"
    }
    "#);
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(300 * 1024));
    assert_eq!(post(json, &large).await.expect(413).problem(), "too_large");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_cut_off_at_the_limit() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]));
    let request = api
        .request(Method::POST, "/connectors")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from_stream(endless));
    assert_eq!(
        server.send(request.unwrap()).await.expect(413).problem(),
        "too_large"
    );
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let server = TestServer::start().await;
    let api = server.api().await;
    assert_eq!(api.get("/nothing").await.expect(404).problem(), "not_found");
    assert_eq!(
        api.delete("/providers").await.expect(405).problem(),
        "method_not_allowed"
    );
    assert_eq!(
        server
            .stranger()
            .get("/api/v2/x")
            .await
            .expect(404)
            .problem(),
        "not_found"
    );
    assert_eq!(
        server.stranger().get("/api").await.expect(404).problem(),
        "not_found"
    );
}

#[tokio::test]
async fn s36_a_key_that_asks_too_much_waits() {
    let web = WebSection {
        api_requests_per_second: 1,
        ..WebSection::default()
    };
    let server = TestServer::with(Setup {
        web,
        ..Setup::default()
    })
    .await;
    let (api, other) = (server.api().await, server.api().await);
    for _ in 0..2 {
        api.get("/providers").await.expect(200);
    }
    let refused = api.get("/providers").await.expect(429);
    assert_eq!(refused.problem(), "rate_limited");
    assert_eq!(refused.header("retry-after"), "1");
    other.get("/providers").await.expect(200);
}
