//! What browsers get around the pages: headers, guards, the 404 page. The pages themselves are
//! tested in `end2end/`.

use crate::support::{PUBLIC_URL, TestServer};
use axum::{
    body::Body,
    http::{Method, header},
};

#[tokio::test]
async fn s31_every_answer_is_locked_down() {
    let server = TestServer::start().await;
    let browser = server.stranger();
    for path in [
        "/sign-in",
        "/no/such/page",
        "/healthz",
        "/api/v1/providers",
        "/callback/nobody",
    ] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(policy.contains("base-uri 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert_eq!(
            answer.header("strict-transport-security"),
            "max-age=31536000",
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(!answer.header("permissions-policy").is_empty(), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn s31_a_pages_scripts_carry_the_nonce_of_its_policy() {
    let server = TestServer::start().await;
    let pages = [
        server.stranger().get("/sign-in").await,
        server.stranger().get("/sign-in").await,
    ];
    let nonces = pages.map(|page| {
        let page = page.expect(200);
        let policy = page.header("content-security-policy").to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap();
        let scripts = page.body.matches("<script").count();
        let with_nonce = page.body.matches(&format!("nonce=\"{nonce}\"")).count();
        assert!(scripts > 0 && with_nonce >= scripts, "{}", page.body);
        for inline in [" style=\"", "<style", " onclick=", "javascript:"] {
            assert!(!page.body.contains(inline), "{inline}");
        }
        nonce.to_owned()
    });
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn unknown_addresses_have_a_page() {
    let server = TestServer::start().await;
    let answer = server.stranger().get("/no/such/page").await.expect(404);
    assert!(answer.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn s33_other_sites_cannot_make_a_browser_write() {
    let server = TestServer::start().await;
    let browser = server.browser().await;
    let send = async |origin: Option<&str>, site: Option<&str>| {
        let mut request = browser
            .request(Method::POST, "/ui/accounts/sign-out")
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        browser.send(request.body(Body::from("{}")).unwrap()).await
    };
    for (origin, site) in [
        (Some("https://evil.example"), Some("cross-site")),
        (Some("null"), Some("same-origin")),
        (None, Some("same-site")),
        (None, None),
    ] {
        let answer = send(origin, site).await.expect(403);
        assert_eq!(answer.problem(), "forbidden", "{origin:?} {site:?}");
    }
    let own = send(Some(PUBLIC_URL), Some("same-origin")).await;
    assert!(
        own.status.is_success() || own.status.is_redirection(),
        "{}",
        own.body
    );
}
