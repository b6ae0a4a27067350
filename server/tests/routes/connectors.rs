use crate::support::TestServer;
use axum::http::{Method, header};
use insta::assert_snapshot;
use serde_json::json;

fn contoso() -> serde_json::Value {
    json!({
        "name": "Contoso",
        "type": "advanced_rest_api",
        "config": { "base_url": "https://dev.azure.com/contoso/" },
    })
}

#[tokio::test]
async fn a_connector_from_its_making_to_its_end() {
    let server = TestServer::start().await;
    let api = server.api().await;

    let created = api.post_json("/connectors", contoso()).await;
    assert_snapshot!(created.shown(), @r#"
    201 {
      "config": {
        "base_url": "https://dev.azure.com/contoso/",
        "timeout_seconds": 100
      },
      "created_at": "2026-03-01T12:00:00Z",
      "id": "[id]",
      "name": "Contoso",
      "type": "advanced_rest_api",
      "updated_at": "2026-03-01T12:00:00Z",
      "used_by": [],
      "version": 1
    }
    "#);
    let path = created
        .header("location")
        .strip_prefix("/api/v1")
        .unwrap()
        .to_owned();
    let tag = created.header("etag").to_owned();
    assert_eq!(tag, "\"1\"");

    let change = json!({ "config": { "timeout_seconds": 30 } });
    let changed = api.patch(&path, Some(&tag), change).await.expect(200);
    assert_eq!(changed.json()["config"]["timeout_seconds"], 30);
    assert_eq!(
        changed.json()["config"]["base_url"],
        "https://dev.azure.com/contoso/"
    );
    assert_eq!(changed.json()["name"], "Contoso");
    assert_eq!(changed.header("etag"), "\"2\"");

    let stale = api
        .patch(&path, Some(&tag), json!({ "name": "Late" }))
        .await;
    assert_eq!(stale.problem(), "stale");
    stale.expect(412);
    let deletion = api
        .request(Method::DELETE, &path)
        .header(header::IF_MATCH, &tag);
    let stale = api.send(deletion, None).await.expect(412);
    assert_eq!(stale.problem(), "stale");
    // Without a condition the last writer wins.
    api.patch(&path, None, json!({ "name": "Contoso 2" }))
        .await
        .expect(200);

    let list = api.get("/connectors").await.expect(200).json();
    assert_eq!(list["items"][0]["name"], "Contoso 2");
    api.delete(&path).await.expect(204);
    assert_eq!(api.get(&path).await.expect(404).problem(), "not_found");
    assert_eq!(api.delete(&path).await.expect(404).problem(), "not_found");
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let wrong = json!({
        "name": " ",
        "type": "advanced_rest_api",
        "config": { "base_url": "ftp://example.com", "timeout_seconds": 0 },
    });
    assert_snapshot!(api.post_json("/connectors", wrong).await.shown(), @r#"
    422 {
      "code": "invalid",
      "detail": "3 fields need your attention.",
      "errors": [
        {
          "field": "name",
          "message": "Give it a name."
        },
        {
          "field": "config.base_url",
          "message": "Base URL must start with https://."
        },
        {
          "field": "config.timeout_seconds",
          "message": "Choose a timeout of 1 to 600 seconds."
        }
      ],
      "request_id": "[id]",
      "status": 422,
      "title": "Some fields are not valid",
      "type": "about:blank"
    }
    "#);

    api.post_json("/connectors", contoso()).await.expect(201);
    let taken = api.post_json("/connectors", contoso()).await.expect(422);
    assert_eq!(taken.text("/errors/0/field"), "name");
}

#[tokio::test]
async fn a_connector_in_use_stays() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api
        .post_json("/connectors", contoso())
        .await
        .expect(201)
        .text("/id");
    let mut authorization = TestServer::contoso("Work items");
    authorization["connectors"] = json!([id]);
    api.post_json("/authorizations", authorization)
        .await
        .expect(201);

    let refused = api.delete(&format!("/connectors/{id}")).await.expect(409);
    assert_eq!(refused.problem(), "in_use");
    let connector = api.get(&format!("/connectors/{id}")).await.json();
    assert_eq!(connector["used_by"][0]["name"], "Work items");
}
