use crate::support::TestServer;
use insta::assert_snapshot;

#[tokio::test]
async fn there_must_be_something_and_something_new() {
    let server = TestServer::start().await;
    let api = server.api().await;
    assert_snapshot!(api.post("/publish").await.shown(), @r#"
    409 {
      "code": "empty",
      "detail": "Nothing is configured yet. Add an authorization first.",
      "request_id": "[id]",
      "status": 409,
      "title": "Nothing is configured yet",
      "type": "about:blank"
    }
    "#);
    api.published("Work items").await;
    assert_eq!(
        api.post("/publish").await.expect(409).problem(),
        "unchanged"
    );
}

#[tokio::test]
async fn issues_are_told_before_and_after() {
    let server = TestServer::start().await;
    let api = server.api().await;
    api.create("Work items").await;
    assert_snapshot!(api.get("/publish").await.shown(), @r#"
    200 {
      "changes": [
        {
          "entity": {
            "id": "[id]",
            "name": "Work items",
            "type": "authorization"
          },
          "fields": [],
          "kind": "added"
        }
      ],
      "issues": [
        {
          "code": "authorization_not_authorized",
          "entity": {
            "id": "[id]",
            "name": "Work items",
            "type": "authorization"
          },
          "message": "“Work items” is not authorized: nobody has consented yet. Connectors get no token. Authorize it with the account it should act for.",
          "severity": "warning"
        },
        {
          "code": "authorization_without_connectors",
          "entity": {
            "id": "[id]",
            "name": "Work items",
            "type": "authorization"
          },
          "message": "“Work items” has no connector: add the one that should use it.",
          "severity": "warning"
        }
      ],
      "last": null,
      "needed": true
    }
    "#);
    let published = api.post("/publish").await.expect(200);
    assert_eq!(published.text("/result"), "warning");
    assert_eq!(published.json()["number"], 1);
    let state = api.get("/publish").await.json();
    assert_eq!(
        (&state["needed"], &state["last"]["number"]),
        (&false.into(), &1.into())
    );
}

#[tokio::test]
async fn an_earlier_publication_is_brought_back() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let first = api.published("First").await;
    let second = api.published("Second").await;
    api.get(&format!("/authorizations/{second}/token"))
        .await
        .expect(200);

    let restored = api.post("/publications/1/restore").await.expect(200);
    assert_eq!(restored.json()["number"], 3);
    api.get(&format!("/authorizations/{first}/token"))
        .await
        .expect(200);
    api.get(&format!("/authorizations/{second}/token"))
        .await
        .expect(404);

    let history = api.get("/publications?limit=2").await.expect(200).json();
    assert_eq!(history["items"][0]["restored_from"], 1);
    assert_eq!(history["items"][0]["current"], true);
    assert_eq!(history["next"], "2");
    let rest = api
        .get("/publications?limit=2&cursor=2")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&rest["items"][0]["number"], &rest["next"]),
        (&1.into(), &serde_json::Value::Null)
    );

    assert_eq!(
        api.post("/publications/9/restore")
            .await
            .expect(404)
            .problem(),
        "not_found"
    );
    assert_eq!(
        api.get("/publications?limit=0").await.expect(400).problem(),
        "bad_request"
    );
}
