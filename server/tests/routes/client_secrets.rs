use crate::support::TestServer;
use insta::assert_snapshot;
use serde_json::json;

const VALUE: &str = "a-new-secret-of-the-app";

#[tokio::test]
async fn a_secret_goes_in_and_never_comes_out() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    let path = format!("/authorizations/{id}/secrets");
    let input = json!({ "value": VALUE, "expires_on": "2026-08-28" });
    let added = api.post_json(&path, input).await;
    assert_snapshot!(added.shown(), @r#"
    201 {
      "ends_in": "-app",
      "expires_on": "2026-08-28",
      "field": "client_secret",
      "id": "[id]",
      "in_use": false,
      "last_worked_at": null,
      "position": 1,
      "set_at": "2026-03-01T12:00:00Z"
    }
    "#);
    let one = added.header("location").strip_prefix("/api/v1").unwrap();

    let cleared = api.patch(one, None, json!({ "expires_on": null })).await;
    assert!(cleared.expect(200).json()["expires_on"].is_null());
    let first = api.patch(one, None, json!({ "first": true })).await;
    assert_eq!(first.expect(200).json()["position"], 0);
    let list = api.get(&path).await.expect(200);
    let ends: Vec<_> = list.json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|secret| secret["ends_in"].clone())
        .collect();
    assert_eq!(ends, ["-app", "cret"]);
    // S17
    for answer in [
        &added,
        &list,
        &api.get(&format!("/authorizations/{id}")).await,
    ] {
        assert!(!answer.body.contains(VALUE));
    }

    api.delete(one).await.expect(204);
    api.delete(one).await.expect(404);
    let left = api.get(&path).await.text("/items/0/id");
    let refused = api.delete(&format!("{path}/{left}")).await.expect(409);
    assert_eq!(refused.problem(), "last_secret");
}

#[tokio::test]
async fn what_is_wrong_is_told_at_the_field() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    let path = format!("/authorizations/{id}/secrets");
    let empty = api.post_json(&path, json!({ "value": "" })).await;
    assert_eq!(empty.expect(422).text("/errors/0/field"), "value");
    let gone = "/authorizations/01950000-0000-7000-8000-000000000000/secrets";
    api.get(gone).await.expect(404);
    api.post_json(gone, json!({ "value": VALUE }))
        .await
        .expect(404);
}
