//! The REST API: who is let in, what the policy does, and work items.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::harness::{BASE, Provider};

const PROFILE: &str = "/_apis/profile/profiles/me?api-version=7.1-preview.3";
const PROJECTS: &str = "/contoso/_apis/projects?api-version=7.1";
const ITEM: &str = "/contoso/Fabrikam/_apis/wit/workitems/2?api-version=7.1";

async fn status(provider: &Provider, method: Method, path: &str, token: &str) -> u16 {
    let title = json!([{"op": "add", "path": "/fields/System.Title", "value": "t"}]);
    let body = (method != Method::GET).then_some(title);
    provider
        .call(method, path, token, body)
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn each_call_needs_its_scope_or_one_that_includes_it() {
    let provider = Provider::new();
    let new_item = "/contoso/Fabrikam/_apis/wit/workitems/$Task?api-version=7.1";
    let calls = [
        (Method::GET, PROFILE),
        (Method::GET, PROJECTS),
        (Method::GET, ITEM),
        (Method::PATCH, ITEM),
        (Method::POST, new_item),
    ];
    for (scope, expected) in [
        ("vso.profile", [200, 403, 403, 403, 403]),
        ("vso.project", [403, 200, 403, 403, 403]),
        ("vso.work", [200, 403, 200, 403, 403]),
        ("vso.work_write", [200, 403, 200, 200, 200]),
        ("vso.analytics", [403, 403, 403, 403, 403]),
        ("user_impersonation", [200, 200, 200, 200, 200]),
    ] {
        let token = provider.legacy_tokens(scope).await.field("access_token");
        let mut statuses = Vec::new();
        for (method, path) in calls.clone() {
            statuses.push(status(&provider, method, path, &token).await);
        }
        assert_eq!(statuses, expected, "{scope}");
    }
}

#[tokio::test]
async fn bad_tokens_get_a_challenge() {
    let provider = Provider::new();
    let anonymous = provider.get(PROJECTS).await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
    assert!(
        anonymous.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Bearer authorization_uri=")
    );
    assert!(anonymous.field("message").starts_with("TF400813"));

    let tokens = provider.legacy_tokens("vso.project").await;
    let refresh_as_access = provider
        .call(Method::GET, PROJECTS, &tokens.field("refresh_token"), None)
        .await;
    assert_eq!(refresh_as_access.status, StatusCode::UNAUTHORIZED);

    let token = tokens.field("access_token");
    assert_eq!(status(&provider, Method::GET, PROJECTS, &token).await, 200);
    provider
        .change_account("service", json!({"active": false}))
        .await;
    assert_eq!(status(&provider, Method::GET, PROJECTS, &token).await, 401);
    provider
        .change_account("service", json!({"active": true}))
        .await;
    provider.advance(3_600);
    let expired = provider.call(Method::GET, PROJECTS, &token, None).await;
    assert_eq!(expired.status, StatusCode::UNAUTHORIZED);
    assert!(expired.headers.contains_key("www-authenticate"));
    assert!(
        !expired.field("message").contains("TF400813"),
        "not to be taken for the policy"
    );
}

#[tokio::test]
async fn the_policy_lets_tokens_be_made_and_every_call_fail() {
    let provider = Provider::new();
    provider.behave(json!({"organization_policy": false})).await;
    let tokens = provider.legacy_tokens("user_impersonation").await;
    assert_eq!(tokens.status, StatusCode::OK);
    for path in [PROFILE, PROJECTS, ITEM] {
        let answer = provider
            .call(Method::GET, path, &tokens.field("access_token"), None)
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.field("message").starts_with("TF400813: The user"));
    }
}

#[tokio::test]
async fn work_items_are_read_changed_and_made() {
    let provider = Provider::new();
    let token = provider
        .legacy_tokens("vso.work_write")
        .await
        .field("access_token");
    let call = async |method, path: &str, body| provider.call(method, path, &token, body).await;

    let item = call(Method::GET, ITEM, None).await.json();
    assert_eq!((&item["id"], &item["rev"]), (&json!(2), &json!(1)));
    assert_eq!(
        item["url"],
        format!("{BASE}/contoso/Fabrikam/_apis/wit/workItems/2")
    );

    let patch = json!([
        {"op": "test", "path": "/rev", "value": 1},
        {"op": "replace", "path": "/fields/System.State", "value": "Committed"},
    ]);
    let patched = call(Method::PATCH, ITEM, Some(patch.clone())).await.json();
    assert_eq!(
        (&patched["rev"], &patched["fields"]["System.State"]),
        (&json!(2), &json!("Committed"))
    );
    assert_eq!(
        patched["fields"]["System.ChangedBy"]["uniqueName"],
        "svc-integrations@contoso.example"
    );
    let stale = call(Method::PATCH, ITEM, Some(patch)).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(call(Method::GET, ITEM, None).await.json()["rev"], 2);

    let new = "/contoso/fabrikam/_apis/wit/workitems/$Bug?api-version=7.1";
    let untitled = call(
        Method::POST,
        new,
        Some(json!([{"op": "add", "path": "/fields/System.State", "value": "New"}])),
    )
    .await;
    assert_eq!(untitled.status, StatusCode::BAD_REQUEST);
    let made = call(
        Method::POST,
        new,
        Some(json!([{"op": "add", "path": "/fields/System.Title", "value": "It"}])),
    )
    .await
    .json();
    assert_eq!(
        (&made["id"], &made["fields"]["System.WorkItemType"]),
        (&json!(4), &json!("Bug"))
    );
    assert_eq!(
        call(Method::GET, "/contoso/Fabrikam/_apis/wit/workitems/4", None)
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn writes_need_a_version_and_a_patch_and_reads_an_item() {
    let provider = Provider::new();
    let token = provider
        .legacy_tokens("vso.work_write")
        .await
        .field("access_token");
    let call = async |method, path: &str, body| provider.call(method, path, &token, body).await;
    let patch = json!([{"op": "add", "path": "/fields/System.Title", "value": "t"}]);

    let no_version = call(
        Method::PATCH,
        "/contoso/Fabrikam/_apis/wit/workitems/2",
        Some(patch.clone()),
    )
    .await;
    assert_eq!(
        (no_version.status, no_version.field("typeKey").as_str()),
        (StatusCode::BAD_REQUEST, "VssVersionNotSpecifiedException")
    );
    assert_eq!(
        call(Method::PATCH, ITEM, Some(json!({"title": "t"})))
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        call(Method::PATCH, ITEM, Some(json!([]))).await.status,
        StatusCode::BAD_REQUEST
    );
    let elsewhere = "/contoso/Tailspin/_apis/wit/workitems/2?api-version=7.1";
    assert_eq!(
        call(Method::GET, elsewhere, None).await.status,
        StatusCode::NOT_FOUND,
        "it belongs to another project"
    );
    let nowhere = call(Method::GET, "/contoso/Nowhere/_apis/wit/workitems/2", None).await;
    assert!(nowhere.field("message").starts_with("TF200016"));
}
