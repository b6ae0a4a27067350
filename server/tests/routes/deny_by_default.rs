//! Who may do what: every route, with every kind of key, with none, and from another company (S35).

use crate::support::{Answer, Api, TestServer};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use model::api_key::KeyScope;
use serde_json::{Value, json};

/// A route, a body that it accepts, and the scopes of which one is needed.
struct Route {
    method: Method,
    path: String,
    body: Option<Value>,
    needs: &'static [KeyScope],
}

const MANAGE: &[KeyScope] = &[KeyScope::Manage];
const PUBLISH: &[KeyScope] = &[KeyScope::Publish];
const LOOK: &[KeyScope] = &[KeyScope::Publish, KeyScope::Manage];
const TOKENS: &[KeyScope] = &[KeyScope::TokensRead];
const ANY: &[KeyScope] = &KeyScope::ALL;

/// A client secret that is nobody's.
const SECRET: &str = "01950000-0000-7000-8000-00000000005e";

/// All routes of the REST API, about one authorization and one connector.
#[expect(clippy::too_many_lines, reason = "it is a list")]
fn routes(authorization: &str, connector: &str) -> Vec<Route> {
    let route = |method, path: String, body, needs| Route {
        method,
        path,
        body,
        needs,
    };
    let one = format!("/authorizations/{authorization}");
    let connectors = format!("/connectors/{connector}");
    let new_connector = json!({ "name": "New", "type": "advanced_rest_api", "config": { "base_url": "https://example.com/" } });
    let new_key = json!({ "name": "new", "scopes": ["manage"] });
    vec![
        route(Method::GET, "/providers".into(), None, ANY),
        route(Method::GET, "/providers/azure-devops".into(), None, ANY),
        route(Method::GET, "/connectors".into(), None, MANAGE),
        route(
            Method::POST,
            "/connectors".into(),
            Some(new_connector),
            MANAGE,
        ),
        route(Method::GET, connectors.clone(), None, MANAGE),
        route(Method::PATCH, connectors.clone(), Some(json!({})), MANAGE),
        route(Method::GET, "/authorizations".into(), None, MANAGE),
        route(
            Method::POST,
            "/authorizations".into(),
            Some(TestServer::contoso("New")),
            MANAGE,
        ),
        route(Method::GET, one.clone(), None, MANAGE),
        route(
            Method::PATCH,
            one.clone(),
            Some(json!({ "name": "Renamed" })),
            MANAGE,
        ),
        route(Method::POST, format!("{one}/connect"), None, MANAGE),
        route(Method::POST, format!("{one}/deactivate"), None, MANAGE),
        route(Method::POST, format!("{one}/activate"), None, MANAGE),
        route(Method::POST, format!("{one}/refresh"), None, MANAGE),
        route(Method::GET, format!("{one}/health"), None, MANAGE),
        route(Method::GET, "/overview".into(), None, MANAGE),
        route(Method::GET, format!("{one}/secrets"), None, MANAGE),
        route(
            Method::POST,
            format!("{one}/secrets"),
            Some(json!({ "value": "another secret" })),
            MANAGE,
        ),
        route(
            Method::PATCH,
            format!("{one}/secrets/{SECRET}"),
            Some(json!({ "first": true })),
            MANAGE,
        ),
        route(
            Method::DELETE,
            format!("{one}/secrets/{SECRET}"),
            None,
            MANAGE,
        ),
        route(Method::GET, format!("{one}/revocations"), None, MANAGE),
        route(Method::GET, format!("{one}/token"), None, TOKENS),
        route(
            Method::POST,
            format!("{one}/token/rejected"),
            Some(json!({"generation": 1})),
            TOKENS,
        ),
        route(Method::GET, "/publish".into(), None, LOOK),
        route(Method::POST, "/publish".into(), None, PUBLISH),
        route(Method::GET, "/publications".into(), None, LOOK),
        route(
            Method::POST,
            "/publications/1/restore".into(),
            None,
            PUBLISH,
        ),
        route(Method::GET, "/api-keys".into(), None, MANAGE),
        route(Method::POST, "/api-keys".into(), Some(new_key), MANAGE),
        route(
            Method::DELETE,
            "/api-keys/01950000-0000-7000-8000-000000000000".into(),
            None,
            MANAGE,
        ),
        route(Method::GET, "/notifications".into(), None, MANAGE),
        route(
            Method::POST,
            "/notifications/read".into(),
            Some(json!({})),
            MANAGE,
        ),
        route(Method::GET, "/notification-channels".into(), None, MANAGE),
        route(
            Method::POST,
            "/notification-channels".into(),
            Some(json!({ "kind": "webhook", "target": "https://example.com/hook" })),
            MANAGE,
        ),
        route(
            Method::DELETE,
            "/notification-channels/01950000-0000-7000-8000-000000000000".into(),
            None,
            MANAGE,
        ),
        route(
            Method::POST,
            "/notification-channels/01950000-0000-7000-8000-000000000000/test".into(),
            None,
            MANAGE,
        ),
        route(Method::GET, "/notification-deliveries".into(), None, MANAGE),
        route(Method::POST, format!("{one}/deauthorize"), None, MANAGE),
        route(Method::DELETE, connectors, None, MANAGE),
        route(Method::DELETE, one, None, MANAGE),
    ]
}

impl Route {
    async fn call(&self, api: &Api<'_>) -> Answer {
        api.send(
            api.request(self.method.clone(), &self.path),
            self.body.clone(),
        )
        .await
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A server with something of everything.
async fn furnished(server: &TestServer) -> (String, String) {
    let api = server.api().await;
    let connector = json!({ "name": "Contoso", "type": "advanced_rest_api", "config": { "base_url": "https://example.com/" } });
    let connector = api
        .post_json("/connectors", connector)
        .await
        .expect(201)
        .text("/id");
    (api.published("Work items").await, connector)
}

#[tokio::test]
async fn the_matrix_has_every_route_there_is() {
    let document = serde_json::to_value(server::http::openapi_document()).unwrap();
    let mut described = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            described.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    let id = "01950000-0000-7000-8000-000000000000";
    let mut tried: Vec<_> = routes(id, id)
        .iter()
        .map(Route::name)
        .map(|name| {
            name.replace(id, "{id}")
                .replace(SECRET, "{secret_id}")
                .replace("azure-devops", "{id}")
                .replace("/1/", "/{number}/")
        })
        .collect();
    described.sort();
    tried.sort();
    assert_eq!(tried, described);
}

#[tokio::test]
async fn s35_without_a_key_nothing_is_told() {
    let server = TestServer::start().await;
    let (authorization, connector) = furnished(&server).await;
    for key in ["", "tky_wrong", "nonsense"] {
        let api = Api::with_key(&server, key.to_owned());
        for route in routes(&authorization, &connector) {
            let answer = route.call(&api).await;
            assert_eq!(answer.status, 401, "{}", route.name());
            assert_eq!(answer.problem(), "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
        api.get("/no/such/route").await.expect(401);
    }
}

#[tokio::test]
async fn s35_a_key_does_what_its_scopes_say() {
    let server = TestServer::start().await;
    let (authorization, connector) = furnished(&server).await;
    for scope in KeyScope::ALL {
        let api = server.api_with(&[scope]).await;
        for route in routes(&authorization, &connector) {
            if route.needs.contains(&scope) {
                continue;
            }
            let answer = route.call(&api).await;
            assert_eq!(answer.status, 403, "{scope} {}", route.name());
            assert_eq!(answer.problem(), "forbidden");
        }
    }
    // What is needed is also enough.
    for route in routes(&authorization, &connector) {
        let api = server.api_with(&route.needs[..1]).await;
        let status = route.call(&api).await.status;
        assert!(
            !matches!(status.as_u16(), 401 | 403 | 405 | 500..),
            "{status} {}",
            route.name()
        );
    }
}

#[tokio::test]
async fn s35_another_companys_things_do_not_exist() {
    let server = TestServer::start().await;
    let (authorization, connector) = furnished(&server).await;
    server.add_workspace("other").await;
    let api = server.api_in("other", &KeyScope::ALL).await;
    for route in routes(&authorization, &connector) {
        if !(route.path.contains(&authorization) || route.path.contains(&connector)) {
            continue;
        }
        let answer = route.call(&api).await;
        assert_eq!(answer.status, 404, "{}", route.name());
    }
    for list in [
        "/authorizations",
        "/connectors",
        "/publications",
        "/notifications",
        "/notification-channels",
        "/notification-deliveries",
    ] {
        assert_eq!(
            api.get(list).await.expect(200).json()["items"],
            json!([]),
            "{list}"
        );
    }
    let mut stolen = TestServer::contoso("Stolen");
    stolen["connectors"] = json!([connector]);
    api.post_json("/authorizations", stolen).await.expect(422);
}

#[tokio::test]
async fn s33_a_cookie_opens_nothing_of_the_api() {
    let server = TestServer::start().await;
    let browser = server.browser().await;
    for path in ["/api/v1/authorizations", "/api/v1/publish"] {
        assert_eq!(
            browser.get(path).await.expect(401).problem(),
            "unauthenticated"
        );
    }
}

#[tokio::test]
async fn s35_server_functions_need_a_session() {
    let server = TestServer::start().await;
    let open = [
        "/ui/session",
        "/ui/accounts/sign-in-page",
        "/ui/accounts/sign-in",
        "/ui/accounts/setup-page",
        "/ui/accounts/set-up",
        "/ui/connect/question",
        "/ui/connect/answer",
    ];
    let mut guarded = 0;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ORIGIN, crate::support::PUBLIC_URL)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from("{}"));
        let answer = server.send(request.unwrap()).await;
        if open.contains(&path) {
            assert_ne!(answer.json()["detail"], "Sign in to go on.", "{path}");
        } else {
            guarded += 1;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.problem(), "unauthenticated", "{path}");
        }
    }
    assert!(guarded > 20, "{guarded} server functions were found");
}

/// What answers outside the API to somebody whom nobody knows. The rest is pages, and they ask who
/// is there; who may read `/metrics` is tested with it.
#[tokio::test]
async fn s35_strangers_learn_that_it_runs_and_no_more() {
    let server = TestServer::with(crate::support::Setup {
        metrics: server::config::MetricsSection::default().with_token("scrape-only".into()),
        ..crate::support::Setup::default()
    })
    .await;
    let stranger = server.stranger();
    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 401),
        ("/metrics/", 404),
        ("/debug", 404),
        ("/admin", 404),
    ] {
        assert_eq!(stranger.get(path).await.status, status, "{path}");
    }
}
