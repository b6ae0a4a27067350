use crate::support::{Api, TestServer};
use chrono::TimeDelta;
use insta::assert_snapshot;
use model::api_key::KeyScope;
use serde_json::json;

#[tokio::test]
async fn s22_a_key_is_shown_once_and_ends_when_deleted() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let input = json!({ "name": "reporting", "scopes": ["tokens:read"] });
    let created = api.post_json("/api-keys", input).await.expect(201);
    let key = created.text("/key");
    assert!(key.starts_with("tky_") && key.len() >= 4 + 43, "{key}");

    let list = api.get("/api-keys").await.expect(200);
    assert!(!list.body.contains(&key));
    let program = Api::with_key(&server, key);
    program.get("/providers").await.expect(200);

    api.delete(&format!("/api-keys/{}", created.text("/id")))
        .await
        .expect(204);
    assert_eq!(
        program.get("/providers").await.expect(401).problem(),
        "unauthenticated"
    );
}

#[tokio::test]
async fn s22_a_key_ends_on_its_day() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let input = json!({ "name": "short", "scopes": ["manage"], "expires_on": "2026-03-02" });
    let key = api
        .post_json("/api-keys", input)
        .await
        .expect(201)
        .text("/key");
    let program = Api::with_key(&server, key);
    server.clock.advance(TimeDelta::hours(35));
    program.get("/providers").await.expect(200);
    server.clock.advance(TimeDelta::hours(1));
    program.get("/providers").await.expect(401);
}

#[tokio::test]
async fn s35_a_key_cannot_make_a_stronger_one() {
    let server = TestServer::start().await;
    let api = server.api_with(&[KeyScope::Manage]).await;
    let input = json!({ "name": "more", "scopes": ["manage", "tokens:read"] });
    assert_snapshot!(api.post_json("/api-keys", input).await.shown(), @r#"
    422 {
      "code": "invalid",
      "detail": "A key cannot give `tokens:read`, which it does not have itself.",
      "errors": [
        {
          "field": "scopes",
          "message": "A key cannot give `tokens:read`, which it does not have itself."
        }
      ],
      "request_id": "[id]",
      "status": 422,
      "title": "Some fields are not valid",
      "type": "about:blank"
    }
    "#);
}
