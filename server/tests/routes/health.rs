use crate::support::{Setup, TestServer};
use insta::assert_snapshot;

#[tokio::test]
async fn alive_and_ready() {
    let server = TestServer::start().await;
    let browser = server.stranger();
    let alive = browser.get("/healthz").await.expect(200);
    assert_eq!(alive.body, r#"{"status":"ok"}"#);
    assert_eq!(alive.header("tokenry-instance").len(), 16);
    assert_eq!(
        browser.get("/readyz").await.expect(200).body,
        r#"{"status":"ready"}"#
    );
}

#[tokio::test]
async fn s20_with_the_wrong_key_the_server_is_alive_and_not_ready() {
    let server = TestServer::with(Setup {
        wrong_root_key: true,
        ..Setup::default()
    })
    .await;
    server.stranger().get("/healthz").await.expect(200);
    assert_snapshot!(server.stranger().get("/readyz").await.shown(), @r#"
    503 {
      "code": "sealed",
      "detail": "Not ready: the vault is sealed: the root key is not the one that sealed this database.",
      "request_id": "[id]",
      "status": 503,
      "title": "Service Unavailable",
      "type": "about:blank"
    }
    "#);

    let api = server.api().await;
    let refused = api
        .post_json("/authorizations", TestServer::contoso("Sealed"))
        .await;
    assert_eq!(refused.expect(503).problem(), "sealed");
    api.get("/authorizations").await.expect(200);
}
