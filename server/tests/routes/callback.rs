//! What comes back from a provider, and what is made to look like it.

use crate::support::{Answer, Api, Browser, PUBLIC_URL, SANDBOX_URL, TestServer};
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, header},
};
use chrono::TimeDelta;
use sandbox::{Behaviour, Decision};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// A flow begun in `browser`; answers the callback that the provider sends it to.
async fn begun(api: &Api<'_>, browser: &Browser<'_>) -> (String, String) {
    let id = api.create("Work items").await;
    let link = api.connect_link(&id).await;
    let provider = browser.get(&link).await.location().to_owned();
    let callback = api
        .server()
        .at_the_provider(&provider, "service", Decision::Accept);
    (id, callback)
}

/// Refused with a page, and the provider was asked nothing.
#[track_caller]
fn assert_refused(server: &TestServer, answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.body.contains("<a href=\"/\">"), "a way back");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(server.sandbox.ledger().totals.requests, 0);
}

#[tokio::test]
async fn s10_the_code_does_not_stay_in_the_address() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let browser = server.stranger();
    let (_, callback) = begun(&api, &browser).await;
    let answer = browser.get(&callback).await;
    assert!(!answer.location().contains("code"), "{}", answer.location());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn s1_a_callback_works_once() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let browser = server.stranger();
    let (_, callback) = begun(&api, &browser).await;
    browser.get(&callback).await.expect(303);
    let replayed = browser.get(&callback).await.expect(400);
    assert!(replayed.body.contains("Start again"), "{}", replayed.body);
    assert_eq!(server.sandbox.ledger().totals.requests, 1);
}

#[tokio::test]
async fn s1_a_flow_lives_ten_minutes() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let browser = server.stranger();
    let (_, callback) = begun(&api, &browser).await;
    server.clock.advance(TimeDelta::minutes(11));
    assert_refused(&server, &browser.get(&callback).await);
}

#[tokio::test]
async fn s2_another_browser_or_person_cannot_finish_it() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let browser = server.stranger();
    let (id, callback) = begun(&api, &browser).await;
    assert_refused(&server, &server.stranger().get(&callback).await);
    let other = server.stranger();
    other.get(&api.connect_link(&id).await).await.expect(303);
    assert_refused(&server, &other.get(&callback).await);
}

#[tokio::test]
async fn s3_the_address_must_be_the_flows_own() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let browser = server.stranger();
    let (id, callback) = begun(&api, &browser).await;
    let query = callback.split_once('?').unwrap().1;
    for path in [
        "azure-devops-legacy".to_owned(),
        format!("oauth2/{id}"),
        "nobody".to_owned(),
    ] {
        let answer = browser.get(&format!("/callback/{path}?{query}")).await;
        assert_refused(&server, &answer);
    }
}

#[tokio::test]
async fn s9_contradictory_callbacks_are_refused() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let browser = server.stranger();
    let (_, callback) = begun(&api, &browser).await;
    for extra in ["&code=another", "&state=another", "&error=access_denied"] {
        assert_refused(&server, &browser.get(&format!("{callback}{extra}")).await);
    }
    for query in ["", "?code=x", "?state=x&code=y", "?state=%ff"] {
        let answer = browser.get(&format!("/callback/azure-devops{query}")).await;
        assert_refused(&server, &answer);
    }
}

#[tokio::test]
async fn s12_a_code_of_one_flow_does_not_work_in_another() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let (mine, theirs) = (server.stranger(), server.stranger());
    let (id, my_callback) = begun(&api, &mine).await;
    let link = api.connect_link(&id).await;
    let provider = theirs.get(&link).await.location().to_owned();
    let their_callback = server.at_the_provider(&provider, "service", Decision::Accept);
    let parameter = |callback: &str, name: &str| {
        let url = url::Url::parse(callback).unwrap();
        let pair = url.query_pairs().find(|(key, _)| key == name).unwrap();
        pair.1.into_owned()
    };
    let injected = format!(
        "/callback/azure-devops?state={}&code={}",
        parameter(&my_callback, "state"),
        parameter(&their_callback, "code"),
    );
    mine.get(&injected).await;
    let authorization = api.get(&format!("/authorizations/{id}")).await;
    assert_eq!(authorization.text("/status"), "not_authorized");
}

#[tokio::test]
async fn a_person_who_declines_is_told_and_nothing_is_stored() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let browser = server.stranger();
    let id = api.create("Work items").await;
    let link = api.connect_link(&id).await;
    let provider = browser.get(&link).await.location().to_owned();
    let callback = server.at_the_provider(&provider, "service", Decision::Decline);
    let answer = browser.get(&callback).await;
    assert_eq!(answer.location(), "/connect/done?flow=failed");
    let authorization = api.get(&format!("/authorizations/{id}")).await;
    assert_eq!(authorization.text("/status"), "not_authorized");
    assert_eq!(server.sandbox.ledger().totals.requests, 0);
}

#[tokio::test]
async fn s36_consents_have_a_bucket_of_their_own() {
    let web = server::config::WebSection {
        consents_per_minute: 2,
        ..Default::default()
    };
    let server = TestServer::with(crate::support::Setup {
        web,
        ..Default::default()
    })
    .await;
    let browser = server.stranger();
    for _ in 0..2 {
        browser
            .get("/callback/azure-devops?state=x&code=y")
            .await
            .expect(400);
    }
    let answer = browser
        .get("/callback/azure-devops?state=x&code=y")
        .await
        .expect(429);
    assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    server.api().await.get("/providers").await.expect(200);
}

/// What a page asks for.
async fn ask(browser: &Browser<'_>, endpoint: &str, body: &Value) -> Answer {
    let request = browser
        .request(Method::POST, &format!("/ui/editor/{endpoint}"))
        .header(header::ORIGIN, PUBLIC_URL)
        .header(header::CONTENT_TYPE, "application/json");
    let mut request = request.body(Body::from(body.to_string())).unwrap();
    // A program in the page asks, not a form.
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json);
    browser.send(request).await.expect(200)
}

#[tokio::test]
async fn only_an_administrator_may_consent_and_there_is_a_link_for_that() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.create("Work items").await;
    server.sandbox.set_behaviour(Behaviour {
        admin_consent_required: true,
        ..Behaviour::default()
    });
    let browser = server.browser().await;
    let editor = ask(&browser, "load", &json!({ "id": id })).await.json();
    let begin = json!({
        "id": id,
        "input": editor["current"]["editor"]["input"],
        "base_version": editor["current"]["editor"]["base_version"],
        "tab": "settings",
    });
    let trip = async || {
        let provider = ask(&browser, "begin", &begin).await.json();
        let provider = provider.as_str().unwrap().to_owned();
        let callback = server.at_the_provider(&provider, "service", Decision::Accept);
        browser.get(&callback).await.location().to_owned()
    };
    assert!(trip().await.ends_with("?flow=failed"));
    let editor = ask(&browser, "load", &json!({ "id": id })).await;
    let error = |field: &str| editor.text(&format!("/current/editor/draft/flow_error/{field}"));
    let message = error("message");
    assert!(message.contains("administrator"), "{message}");
    assert!(message.contains("authorize again"), "{message}");
    let page = error("admin_consent_url");

    // The administrator follows it in a browser of their own, and has no account here.
    let page = page.strip_prefix(SANDBOX_URL).unwrap();
    let request = Request::get(page).body(Body::empty()).unwrap();
    let agreed = server.sandbox.router().oneshot(request).await.unwrap();
    let back = agreed.headers()[header::LOCATION].to_str().unwrap();
    let administrator = server.stranger();
    let told = administrator.get(back).await.location().to_owned();
    assert_eq!(told, "/connect/done?flow=consented");
    let told = administrator.get(&told).await.expect(200);
    assert!(
        told.body
            .contains("Consent was given for your organization")
    );
    assert!(trip().await.ends_with("?flow=done"));
}

#[tokio::test]
async fn an_administrators_return_proves_nothing_and_changes_nothing() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let browser = server.stranger();
    let (_, callback) = begun(&api, &browser).await;
    let state = callback.split_once("state=").unwrap().1;
    let state = state.split('&').next().unwrap();
    for (query, outcome) in [
        ("admin_consent=True".to_owned(), "consented"),
        (format!("admin_consent=True&state={state}"), "consented"),
        (
            "error=access_denied&state=admin-consent".to_owned(),
            "refused",
        ),
    ] {
        let answer = browser
            .get(&format!("/callback/azure-devops?{query}"))
            .await;
        assert_eq!(answer.location(), format!("/connect/done?flow={outcome}"));
    }
    let twice = "/callback/azure-devops?admin_consent=True&admin_consent=True";
    assert_refused(&server, &browser.get(twice).await);
    // The flow whose state was named is still there.
    let done = browser.get(&callback).await;
    assert_eq!(done.location(), "/connect/done?flow=done");
}

#[tokio::test]
async fn who_followed_a_link_is_told_that_an_administrator_has_to_agree() {
    let server = TestServer::start().await;
    let api = server.api().await;
    server.sandbox.set_behaviour(Behaviour {
        admin_consent_required: true,
        ..Behaviour::default()
    });
    let browser = server.stranger();
    let (_, callback) = begun(&api, &browser).await;
    let answer = browser.get(&callback).await;
    assert_eq!(answer.location(), "/connect/done?flow=admin");
}
