use crate::support::TestServer;
use insta::assert_snapshot;

// S16
#[tokio::test]
async fn s16_what_became_of_an_ended_consent_is_told() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    let path = format!("/authorizations/{id}/revocations");
    assert_eq!(
        api.get(&path).await.expect(200).json()["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    api.authorize(&id, &server.stranger()).await.expect(303);
    api.post(&format!("/authorizations/{id}/deauthorize"))
        .await
        .expect(200);
    assert_snapshot!(api.get(&path).await.shown(), @r#"
    200 {
      "items": [
        {
          "account": "svc-integrations@contoso.example",
          "advice": "Tokenry has wiped the tokens it had. The last access token ends by itself at 2026-03-01 13:00 UTC. Microsoft offers apps no way to revoke. To end it at once, the account removes the app at https://myapps.microsoft.com, or an administrator revokes the account's sessions in the Microsoft Entra admin center (Users, the account, Revoke sessions).",
          "attempts": 0,
          "authorization_name": "Work items",
          "created_at": "2026-03-01T12:00:00Z",
          "finished_at": "2026-03-01T12:00:00Z",
          "id": "[id]",
          "last_error": null,
          "next_attempt_at": null,
          "state": "not_offered",
          "token_ends_at": "2026-03-01T13:00:00Z"
        }
      ],
      "next": null
    }
    "#);

    api.delete(&format!("/authorizations/{id}"))
        .await
        .expect(204);
    let after = api.get(&path).await.expect(200);
    assert_eq!(after.text("/items/0/authorization_name"), "Work items");
    let unknown = "/authorizations/01950000-0000-7000-8000-000000000000/revocations";
    api.get(unknown).await.expect(404);
}
