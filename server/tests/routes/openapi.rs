use crate::support::TestServer;

/// The contract. A difference here is a change that callers see: accept it on purpose.
#[tokio::test]
async fn the_description_of_the_api() {
    let server = TestServer::start().await;
    let document = server
        .stranger()
        .get("/api/openapi.json")
        .await
        .expect(200)
        .json();
    insta::assert_json_snapshot!(document);
}
