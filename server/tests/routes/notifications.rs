use crate::support::{Api, TestServer};
use insta::assert_snapshot;
use model::api_key::KeyScope;
use sandbox::AccountPatch;
use serde_json::json;

const HOOK: &str = "https://hooks.contoso.example/tokenry";

async fn add_webhook(api: &Api<'_>) -> (String, String) {
    let input = json!({ "kind": "webhook", "target": HOOK });
    let created = api.post_json("/notification-channels", input).await;
    let created = created.expect(201);
    let id = created.text("/id");
    assert_eq!(
        created.header("location"),
        format!("/api/v1/notification-channels/{id}")
    );
    (id, created.text("/signing_secret"))
}

/// Something that is worth telling has happened.
async fn disabled_account(server: &TestServer, api: &Api<'_>) -> String {
    let id = api.published("Work items").await;
    let patch = AccountPatch {
        active: Some(false),
        ..AccountPatch::default()
    };
    server.sandbox.set_account("service", patch);
    api.post(&format!("/authorizations/{id}/refresh"))
        .await
        .expect(200);
    id
}

#[tokio::test]
async fn a_notification_says_what_happened_and_is_read_by_each_key_for_itself() {
    let server = TestServer::start().await;
    let api = server.api().await;
    disabled_account(&server, &api).await;
    let list = api.get("/notifications").await.expect(200);
    assert_snapshot!(list.shown(), @r#"
    200 {
      "items": [
        {
          "at": "2026-03-01T12:00:00Z",
          "authorization": {
            "id": "[id]",
            "name": "Work items"
          },
          "connectors": [],
          "id": "[id]",
          "kind": "authorization.cancelled",
          "next_action": "Re-authorize it with an active account, best a service account, then publish.",
          "read": false,
          "severity": "error",
          "text": "The consent of svc-integrations@contoso.example at Azure DevOps is over: account disabled. The provider's error: invalid_grant, request 7da27afb-924d-44e7-93ae-6f8279cc23ad.",
          "title": "Work items: authorization cancelled (account disabled)"
        }
      ],
      "next": null,
      "unread": 1
    }
    "#);
    api.post_json("/notifications/read", json!({}))
        .await
        .expect(204);
    let list = api.get("/notifications").await.expect(200).json();
    assert_eq!(
        (&list["unread"], &list["items"][0]["read"]),
        (&json!(0), &json!(true))
    );
    let other = server.api_with(&[KeyScope::Manage]).await;
    assert_eq!(
        other.get("/notifications").await.expect(200).json()["unread"],
        1
    );
}

#[tokio::test]
async fn s22_a_signing_secret_is_shown_once() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let (id, secret) = add_webhook(&api).await;
    assert!(secret.starts_with("whsec_"), "{secret}");
    let list = api.get("/notification-channels").await.expect(200);
    assert!(!list.body.contains(&secret));
    assert_eq!(list.json()["items"][0]["target"], HOOK);

    // The sandbox behind the HTTP port knows no such address.
    let path = format!("/notification-channels/{id}");
    let tried = api.post(&format!("{path}/test")).await.expect(200).json();
    assert_eq!(
        (&tried["state"], &tried["http_status"]),
        (&json!("failed"), &json!(404))
    );
    let log = api.get("/notification-deliveries").await.expect(200).json();
    assert_eq!(log["items"][0]["id"], tried["id"]);

    api.delete(&path).await.expect(204);
    api.delete(&path).await.expect(404);
    api.post(&format!("{path}/test")).await.expect(404);
}

#[tokio::test]
async fn s35_channels_of_another_company_do_not_exist() {
    let server = TestServer::start().await;
    let (id, _) = add_webhook(&server.api().await).await;
    server.add_workspace("other").await;
    let other = server.api_in("other", &KeyScope::ALL).await;
    let path = format!("/notification-channels/{id}");
    other.delete(&path).await.expect(404);
    other.post(&format!("{path}/test")).await.expect(404);
}

#[tokio::test]
async fn without_a_mail_server_an_address_is_refused_with_what_to_configure() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let input = json!({ "kind": "email", "target": "ops@contoso.example" });
    let refused = api.post_json("/notification-channels", input).await;
    assert_snapshot!(refused.shown(), @r#"
    422 {
      "code": "invalid",
      "detail": "This server sends no e-mail yet: the operator has to set host and from in the section [smtp] of its configuration.",
      "errors": [
        {
          "field": "target",
          "message": "This server sends no e-mail yet: the operator has to set host and from in the section [smtp] of its configuration."
        }
      ],
      "request_id": "[id]",
      "status": 422,
      "title": "Some fields are not valid",
      "type": "about:blank"
    }
    "#);
}
