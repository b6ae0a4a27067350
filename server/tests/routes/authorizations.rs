use crate::support::TestServer;
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn a_new_authorization_says_what_is_left_to_do() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let created = api
        .post_json("/authorizations", TestServer::contoso("Work items"))
        .await;
    assert_snapshot!(created.shown(), @r#"
    201 {
      "active": true,
      "client_secrets": [
        {
          "ends_in": "cret",
          "expires_on": null,
          "field": "client_secret",
          "id": "[id]",
          "in_use": false,
          "last_worked_at": null,
          "position": 0,
          "set_at": "2026-03-01T12:00:00Z"
        }
      ],
      "connectors": [],
      "created_at": "2026-03-01T12:00:00Z",
      "grant": null,
      "id": "[id]",
      "name": "Work items",
      "next_action": "Authorize it with the account it should act for.",
      "provider": "azure-devops",
      "published": false,
      "reason": "never",
      "redirect_uri": "https://tokenry.example/callback/azure-devops",
      "scopes": [
        "vso.profile",
        "vso.work"
      ],
      "secrets": {
        "client_secret": {
          "ends_in": "cret",
          "expires_on": null,
          "set_at": "2026-03-01T12:00:00Z"
        }
      },
      "settings": {
        "client_id": "5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911",
        "tenant": "organizations"
      },
      "status": "not_authorized",
      "updated_at": "2026-03-01T12:00:00Z",
      "version": 1
    }
    "#);
    let path = created.header("location").strip_prefix("/api/v1").unwrap();
    let read = api.get(path).await.expect(200);
    assert_eq!(read.json(), created.json());
    assert_eq!(read.header("etag"), created.header("etag"));
}

#[tokio::test]
async fn missing_and_wrong_fields_are_named() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let input = json!({
        "name": "",
        "provider": "azure-devops",
        "settings": { "client_id": "not a guid" },
        "scopes": ["two scopes"],
    });
    assert_snapshot!(api.post_json("/authorizations", input).await.shown(), @r#"
    422 {
      "code": "invalid",
      "detail": "4 fields need your attention.",
      "errors": [
        {
          "field": "name",
          "message": "Give it a name."
        },
        {
          "field": "settings.client_id",
          "message": "App ID looks like 1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b; copy it again."
        },
        {
          "field": "settings.client_secret",
          "message": "Fill in Client secret."
        },
        {
          "field": "scopes",
          "message": "A scope has no spaces. Add several scopes one by one."
        }
      ],
      "request_id": "[id]",
      "status": 422,
      "title": "Some fields are not valid",
      "type": "about:blank"
    }
    "#);

    let unknown = json!({ "name": "x", "provider": "nobody" });
    api.post_json("/authorizations", unknown).await.expect(422);
    api.create("Twice").await;
    let again = api
        .post_json("/authorizations", TestServer::contoso("twice"))
        .await
        .expect(422);
    assert_eq!(again.text("/errors/0/field"), "name");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_keeps_the_secret() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    let path = format!("/authorizations/{id}");
    let before = api.get(&path).await;

    let change = json!({ "scopes": ["vso.code"], "settings": { "client_secret": "" } });
    let after = api
        .patch(&path, Some(before.header("etag")), change)
        .await
        .expect(200);
    assert_eq!(after.json()["scopes"], json!(["vso.code"]));
    assert_eq!(after.json()["name"], "Work items");
    assert_eq!(after.json()["secrets"], before.json()["secrets"]);

    let late = api
        .patch(
            &path,
            Some(before.header("etag")),
            json!({ "name": "Late" }),
        )
        .await;
    assert_eq!(late.expect(412).problem(), "stale");
    let weak = format!("W/{}", after.header("etag"));
    api.patch(&path, Some(&weak), json!({ "name": "Weak" }))
        .await
        .expect(412);
    api.patch(&path, Some("*"), json!({ "name": "Any" }))
        .await
        .expect(200);
}

#[tokio::test]
async fn the_list_is_searched_filtered_and_paged() {
    let server = TestServer::start().await;
    let api = server.api().await;
    for name in ["Alpha", "Beta", "Gamma"] {
        api.create(name).await;
    }
    let names = async |query: &str| {
        let page = api
            .get(&format!("/authorizations{query}"))
            .await
            .expect(200)
            .json();
        let names: Vec<_> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect();
        (names.join(" "), page["next"].as_str().map(str::to_owned))
    };
    assert_eq!(names("?search=ALPH").await.0, "Alpha");
    assert_eq!(names("?active=false").await.0, "");
    let (first, next) = names("?limit=2").await;
    assert_eq!(first, "Alpha Beta");
    let (second, end) = names(&format!("?limit=2&cursor={}", next.unwrap())).await;
    assert_eq!((second.as_str(), end), ("Gamma", None));
    let answer = api.get("/authorizations?active=perhaps").await.expect(400);
    assert_eq!(answer.problem(), "bad_request");
}

#[tokio::test]
async fn put_aside_and_taken_back() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    let aside = api
        .post(&format!("/authorizations/{id}/deactivate"))
        .await
        .expect(200);
    assert_eq!(aside.json()["active"], false);
    let back = api
        .post(&format!("/authorizations/{id}/activate"))
        .await
        .expect(200);
    assert_eq!(back.json()["active"], true);
}

#[tokio::test]
async fn deauthorize_ends_the_consent_and_says_so() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Work items").await;
    let path = format!("/authorizations/{id}");
    assert_eq!(api.get(&path).await.text("/status"), "authorized");

    let ended = api.post(&format!("{path}/deauthorize")).await.expect(200);
    assert_eq!(ended.text("/status"), "not_authorized");
    assert_eq!(
        (ended.text("/reason"), ended.text("/reason_detail")),
        ("cancelled".into(), "deauthorized".into())
    );
    assert_eq!(
        ended.text("/next_action"),
        "Authorize it again to bring it back, then publish."
    );
}

#[tokio::test]
async fn refresh_brings_a_new_token_now() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Work items").await;
    let before = api
        .get(&format!("/authorizations/{id}/token"))
        .await
        .expect(200);
    server.clock.advance(chrono::TimeDelta::minutes(10));
    let refreshed = api
        .post(&format!("/authorizations/{id}/refresh"))
        .await
        .expect(200);
    assert_eq!(
        refreshed.text("/grant/refreshed_at"),
        "2026-03-01T12:10:00Z"
    );
    let after = api
        .get(&format!("/authorizations/{id}/token"))
        .await
        .expect(200);
    assert_ne!(before.text("/access_token"), after.text("/access_token"));
    assert_eq!(server.sandbox.ledger().totals.double_spends, 0);
}

#[tokio::test]
async fn deleted_is_gone() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    api.delete(&format!("/authorizations/{id}"))
        .await
        .expect(204);
    for path in [
        format!("/authorizations/{id}"),
        "/authorizations/not-an-id".to_owned(),
    ] {
        assert_eq!(api.get(&path).await.expect(404).problem(), "not_found");
    }
}
