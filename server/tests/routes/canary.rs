//! S17: secrets that are unlike anything else are put in everywhere, every route and every failure
//! is exercised, and then they are looked for: in answers, in logs, on the disk.

use crate::support::{Answer, Api, Browser, PASSWORD, TestServer, capture_logs, logged};
use axum::{
    body::Body,
    http::{Method, header},
};
use chrono::TimeDelta;
use sandbox::{AppRegistration, Behaviour, CannedAnswer, Decision, Dialect};
use serde_json::{Value, json};

const CLIENT_ID: &str = "7d1f5b7e-3f1c-4c52-9d0b-3c7ee3d1a001";
const CLIENT_SECRET: &str = "canary-client-secret-5e3bd8";
const NEW_CLIENT_SECRET: &str = "canary-client-secret-a91c77";
const SPARE_CLIENT_SECRET: &str = "canary-client-secret-0f24d6";
const TYPO: &str = "canary-in-the-wrong-place-0c4f";

/// Everything that was answered, and everything that must not have been.
#[derive(Default)]
struct Aviary {
    canaries: Vec<(String, String)>,
    answers: Vec<(String, Answer)>,
}

impl Aviary {
    fn release(&mut self, name: &str, secret: impl Into<String>) {
        let secret = secret.into();
        assert!(
            secret.len() > 12,
            "{name} is too short to be unlike anything else"
        );
        self.canaries.push((name.to_owned(), secret));
    }

    fn keep(&mut self, name: &str, answer: Answer) -> Answer {
        self.answers.push((name.to_owned(), answer.clone()));
        answer
    }

    fn assert_unseen(&self, place: &str, content: &[u8]) {
        for (name, secret) in &self.canaries {
            let found = content
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{name} was found in {place}");
        }
    }
}

fn register_app(server: &TestServer) {
    server.sandbox.register(AppRegistration {
        client_id: CLIENT_ID.to_owned(),
        name: "Canary".to_owned(),
        kind: Dialect::Entra,
        secrets: vec![CLIENT_SECRET.to_owned(), NEW_CLIENT_SECRET.to_owned()],
        expired_secrets: Vec::new(),
        redirect_uris: vec!["https://tokenry.example/callback/azure-devops".to_owned()],
        redirect_uri_prefixes: Vec::new(),
        scopes: ["openid", "profile", "offline_access", "vso.work"]
            .map(str::to_owned)
            .to_vec(),
        tenant: None,
    });
}

fn authorization(name: &str) -> Value {
    json!({
        "name": name,
        "provider": "azure-devops",
        "settings": { "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "tenant": "organizations" },
        "scopes": ["vso.work"],
    })
}

#[tokio::test]
async fn s17_no_secret_is_found_where_it_does_not_belong() {
    capture_logs();
    let server = TestServer::start().await;
    register_app(&server);
    let api = server.api().await;
    let browser = server.browser().await;
    let mut aviary = Aviary::default();
    aviary.release("the password", PASSWORD);
    aviary.release("the client secret", CLIENT_SECRET);
    aviary.release("the new client secret", NEW_CLIENT_SECRET);
    aviary.release("the spare client secret", SPARE_CLIENT_SECRET);
    aviary.release("a secret in the wrong place", TYPO);
    aviary.release("the session cookie", browser.session());
    aviary.release("the API key", api.key.clone());

    let id = consent(&mut aviary, &api, &browser).await;
    changes(&mut aviary, &api, &id).await;
    mistakes(&mut aviary, &api).await;
    failures(&mut aviary, &api, &id).await;
    pages(&mut aviary, &browser, &id).await;
    measurements(&mut aviary, &browser, &id).await;

    for (name, answer) in &aviary.answers {
        aviary.assert_unseen(&format!("the answer of {name}"), answer.body.as_bytes());
        let headers = format!("{:?}", answer.headers);
        aviary.assert_unseen(&format!("the headers of {name}"), headers.as_bytes());
    }
    aviary.assert_unseen("the log", logged().as_bytes());
    for (name, content) in server.files().await {
        aviary.assert_unseen(&format!("the file {name}"), &content);
    }
    assert!(
        aviary.answers.len() > 30,
        "{} answers",
        aviary.answers.len()
    );
    assert!(logged().contains("\"answered\""), "the log was captured");
}

/// Create, connect, consent, publish, read.
async fn consent(aviary: &mut Aviary, api: &Api<'_>, browser: &Browser<'_>) -> String {
    let created = api
        .post_json("/authorizations", authorization("Canary"))
        .await
        .expect(201);
    let id = aviary.keep("create", created).text("/id");
    // The link is an answer that holds a secret on purpose.
    let link = api.connect_link(&id).await;
    aviary.release("the connect link", link.rsplit('/').next().unwrap());
    let opened = browser.get(&link).await;
    let callback = api
        .server()
        .at_the_provider(opened.location(), "service", Decision::Accept);
    for (name, value) in url::Url::parse(&callback).unwrap().query_pairs() {
        if matches!(&*name, "code" | "state") {
            aviary.release(&format!("the callback's {name}"), value);
        }
    }
    let finished = browser.get(&callback).await.expect(303);
    aviary.keep("callback", finished);
    let replayed = browser.get(&callback).await.expect(400);
    aviary.keep("callback again", replayed);
    let reused = browser.get(&link).await.expect(400);
    aviary.keep("link again", reused);

    let published = api.post("/publish").await.expect(200);
    aviary.keep("publish", published);
    // So is the answer that shows what a webhook's messages are signed with.
    let webhook = json!({ "kind": "webhook", "target": "https://hooks.contoso.example/" });
    let webhook = api.post_json("/notification-channels", webhook).await;
    aviary.release(
        "a signing secret",
        webhook.expect(201).text("/signing_secret"),
    );
    read_token(aviary, api, &id).await;
    id
}

/// The one answer that may hold a token is not kept.
async fn read_token(aviary: &mut Aviary, api: &Api<'_>, id: &str) {
    let token = api
        .get(&format!("/authorizations/{id}/token"))
        .await
        .expect(200);
    aviary.release("an access token", token.text("/access_token"));
}

async fn changes(aviary: &mut Aviary, api: &Api<'_>, id: &str) {
    let path = format!("/authorizations/{id}");
    let change = json!({ "settings": { "client_secret": NEW_CLIENT_SECRET } });
    let changed = api.patch(&path, None, change).await.expect(200);
    aviary.keep("change of the secret", changed);
    let spare = json!({ "value": SPARE_CLIENT_SECRET });
    let added = api
        .post_json(&format!("{path}/secrets"), spare.clone())
        .await;
    aviary.keep("another secret", added.expect(201));
    let twice = api.post_json(&format!("{path}/secrets"), spare).await;
    aviary.keep("the same secret again", twice.expect(422));
    api.server().clock.advance(TimeDelta::minutes(30));
    let refreshed = api.post(&format!("{path}/refresh")).await.expect(200);
    aviary.keep("refresh", refreshed);
    read_token(aviary, api, id).await;
    for path in [
        path.as_str(),
        &format!("{path}/secrets"),
        "/authorizations",
        "/providers/azure-devops",
        "/connectors",
        "/publish",
        "/publications",
        "/notifications",
        "/notification-channels",
        "/notification-deliveries",
        "/api-keys",
    ] {
        let read = api.get(path).await.expect(200);
        aviary.keep(path, read);
    }
    let published = api.post("/publish").await;
    aviary.keep("publish again", published);
    let restored = api.post("/publications/1/restore").await;
    aviary.keep("restore", restored);
}

/// Secrets where they do not belong come back in no error.
async fn mistakes(aviary: &mut Aviary, api: &Api<'_>) {
    let with_settings = |settings: Value| json!({ "name": "Wrong", "provider": "azure-devops", "settings": settings });
    for (name, body) in [
        ("secret as settings", with_settings(json!(TYPO))),
        (
            "secret as client id",
            with_settings(json!({ "client_id": TYPO, "client_secret": CLIENT_SECRET })),
        ),
        (
            "secret in a list",
            with_settings(json!({ "client_secret": [TYPO] })),
        ),
        (
            "secret with a line break",
            with_settings(json!({ "client_secret": format!("{TYPO}\n") })),
        ),
        (
            "secret as provider",
            json!({ "name": "Wrong", "provider": TYPO, "settings": {} }),
        ),
        (
            "secret as a connector",
            json!({ "name": "Wrong", "provider": "azure-devops", "connectors": [TYPO] }),
        ),
    ] {
        let refused = api.post_json("/authorizations", body).await;
        assert!(refused.status.is_client_error(), "{name}: {}", refused.body);
        aviary.keep(name, refused);
    }
    let request = api
        .request(Method::POST, "/authorizations")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(format!(
            "{{\"settings\": {{\"client_secret\": \"{TYPO}\" oops"
        )));
    let broken = api.server().send(request.unwrap()).await.expect(400);
    aviary.keep("broken JSON", broken);
    for path in [
        format!("/{TYPO}"),
        format!("/authorizations/{TYPO}"),
        format!("/providers/{TYPO}"),
    ] {
        let lost = api.get(&path).await.expect(404);
        aviary.keep("secret in a path", lost);
    }
    let wrong_key = Api::with_key(api.server(), format!("tky_{TYPO}"));
    let refused = wrong_key.get("/providers").await.expect(401);
    aviary.keep("wrong key", refused);
    let nowhere = api
        .server()
        .stranger()
        .get(&format!("/{TYPO}?token={TYPO}"))
        .await;
    // A page may repeat its own address to the person who typed it; the log may not.
    nowhere.expect(404);
}

/// The provider fails in every way there is.
async fn failures(aviary: &mut Aviary, api: &Api<'_>, id: &str) {
    let answers = [
        CannedAnswer {
            status: 503,
            ..CannedAnswer::default()
        },
        CannedAnswer {
            status: 400,
            error: Some("invalid_grant".to_owned()),
            ..CannedAnswer::default()
        },
        CannedAnswer {
            status: 401,
            error: Some("invalid_client".to_owned()),
            ..CannedAnswer::default()
        },
        CannedAnswer {
            status: 200,
            body: Some(json!("<html>proxy</html>")),
            ..CannedAnswer::default()
        },
        CannedAnswer {
            status: 200,
            body: Some(json!({ "access_token": TYPO })),
            ..CannedAnswer::default()
        },
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        api.server().sandbox.set_behaviour(Behaviour {
            answer: Some(answer),
            ..Behaviour::default()
        });
        api.server().clock.advance(TimeDelta::hours(2));
        let refreshed = api.post(&format!("/authorizations/{id}/refresh")).await;
        aviary.keep(&format!("failed refresh {number}"), refreshed);
        let shown = api.get(&format!("/authorizations/{id}")).await.expect(200);
        aviary.keep(&format!("authorization after failure {number}"), shown);
    }
    api.server().broker.deliver_due().await.unwrap();
    for path in ["/notifications", "/notification-deliveries"] {
        let told = api.get(path).await.expect(200);
        aviary.keep(path, told);
    }
    api.server().sandbox.set_behaviour(Behaviour::default());
    let ended = api
        .post(&format!("/authorizations/{id}/deauthorize"))
        .await
        .expect(200);
    aviary.keep("deauthorize", ended);
    let told = api.get(&format!("/authorizations/{id}/revocations")).await;
    aviary.keep("revocations", told.expect(200));
    // Until then connectors get what was published.
    let published = api.post("/publish").await.expect(200);
    aviary.keep("publish the end", published);
    let none = api.get(&format!("/authorizations/{id}/token")).await;
    assert!(!none.status.is_success(), "{}", none.body);
    aviary.keep("no token", none);
}

async fn pages(aviary: &mut Aviary, browser: &Browser<'_>, id: &str) {
    for path in [
        "/authorizations",
        "/authorizations/new",
        &format!("/authorizations/{id}/settings"),
        &format!("/authorizations/{id}/connectors"),
        &format!("/authorizations/{id}/scopes"),
        "/connectors",
        "/publications",
        "/notifications",
        "/api-keys",
        "/settings",
        "/connect/done?result=authorized",
    ] {
        let page = browser.get(path).await;
        assert!(!page.status.is_server_error(), "{path}: {}", page.body);
        aviary.keep(path, page);
    }
}

/// What all of that left in the measurements: they are about the authorization, and do not name it.
async fn measurements(aviary: &mut Aviary, browser: &Browser<'_>, id: &str) {
    let metrics = browser.get("/metrics").await.expect(200);
    assert!(
        metrics.body.contains("tokenry_refreshes_total"),
        "{}",
        metrics.body
    );
    for name in [id, CLIENT_ID, "Canary"] {
        assert!(!metrics.body.contains(name), "{name} is in the metrics");
    }
    aviary.keep("metrics", metrics);
}
