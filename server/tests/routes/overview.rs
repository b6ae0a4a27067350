//! `/overview` and `/authorizations/{id}/health`.

use crate::support::TestServer;
use sandbox::AccountPatch;
use serde_json::json;

#[tokio::test]
async fn a_refresh_and_the_end_of_a_consent_show() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Work items").await;
    let path = format!("/authorizations/{id}");
    api.post(&format!("{path}/refresh")).await.expect(200);

    let health = api.get(&format!("{path}/health")).await.expect(200).json();
    assert_eq!(health["reason"], "healthy");
    assert_eq!(health["days"].as_array().unwrap().len(), 30);
    assert_eq!(health["days"][29]["refreshed"], 1);
    assert_eq!(health["events"][0]["kind"], "consented");
    let overview = api.get("/overview").await.expect(200).json();
    assert_eq!(
        overview["counts"][0],
        json!({ "group": "working", "number": 1 })
    );
    assert_eq!(overview["attention"], json!([]));

    let disabled = AccountPatch {
        active: Some(false),
        ..AccountPatch::default()
    };
    server.sandbox.set_account("service", disabled);
    api.post(&format!("{path}/refresh")).await.expect(200);
    let health = api.get(&format!("{path}/health")).await.expect(200).json();
    assert_eq!(health["reason_detail"], "account_disabled");
    assert_eq!(health["events"][0]["kind"], "state_changed");
    let error = &health["events"][0]["error"];
    assert!(error["correlation_id"].is_string(), "{error}");
    let overview = api.get("/overview").await.expect(200).json();
    let first = &overview["attention"][0];
    assert_eq!(first["authorization"]["name"], "Work items");
    assert_eq!(first["urgency"], "broken");
    assert_eq!(first["published"], true);
    assert_eq!(first["status"], "not_authorized");
    assert_eq!(overview["today"]["failed"], 1);

    // The list can be asked for just these.
    let listed = async |state: &str| {
        let page = api.get(&format!("/authorizations?state={state}")).await;
        page.expect(200).json()["items"].as_array().unwrap().len()
    };
    assert_eq!(listed("cancelled").await, 1);
    assert_eq!(listed("working").await, 0);
}

#[tokio::test]
async fn what_does_not_exist_has_no_health() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let path = "/authorizations/01950000-0000-7000-8000-000000000000/health";
    assert_eq!(api.get(path).await.expect(404).problem(), "not_found");
}
