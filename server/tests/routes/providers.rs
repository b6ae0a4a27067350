use crate::support::TestServer;
use insta::assert_snapshot;

#[tokio::test]
async fn the_catalogue_tells_what_to_fill_in_and_to_choose_from() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let list = api.get("/providers").await.expect(200).json();
    let ids: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, ["azure-devops", "azure-devops-legacy", "oauth2"]);

    let provider = api.get("/providers/azure-devops").await.expect(200).json();
    assert_eq!(
        provider["redirect_uri"],
        "https://tokenry.example/callback/azure-devops"
    );
    let keys: Vec<_> = provider["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["key"])
        .collect();
    assert_eq!(keys, ["client_id", "client_secret", "tenant"]);
    assert!(provider["scopes"].as_array().unwrap().len() > 50);
}

#[tokio::test]
async fn unknown_providers_are_not_found() {
    let server = TestServer::start().await;
    let answer = server.api().await.get("/providers/nobody").await;
    answer.problem();
    assert_snapshot!(answer.shown(), @r#"
    404 {
      "code": "not_found",
      "detail": "There is no such provider here.",
      "request_id": "[id]",
      "status": 404,
      "title": "Not found",
      "type": "about:blank"
    }
    "#);
}
