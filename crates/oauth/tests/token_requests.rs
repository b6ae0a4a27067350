//! What goes to the token and revocation endpoints: the decoded form, and nothing beside it.

mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use oauth::{
    ClientRegistration, CodeExchange, ErrorClass, ExposeSecret, Revocation, SecretString,
    TokenKind, TokenResponse,
};
use support::{CLIENT_ID, TENANT, VERIFIER, client_for, form, map, now, token_json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string_contains, method, path},
};

async fn server_answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

async fn exchange(registration: &ClientRegistration, server: &MockServer) {
    let exchange = CodeExchange {
        code: &SecretString::from("CODE"),
        pkce_verifier: &SecretString::from(VERIFIER),
    };
    registration
        .exchange_code(&client_for(server), &exchange, now())
        .await
        .unwrap();
}

async fn refresh(registration: &ClientRegistration, server: &MockServer) -> TokenResponse {
    let token = SecretString::from("RT1");
    let scopes = ["vso.work".to_owned()];
    registration
        .refresh(&client_for(server), &token, &scopes, now())
        .await
        .unwrap()
}

#[tokio::test]
async fn entra_code_exchange() {
    let server = server_answering(token_json()).await;
    let registration = support::registration("azure-devops", &server.uri(), &["p&s=/ü"]);
    exchange(&registration, &server).await;
    let request = only_request(&server).await;
    assert_eq!(request.url.path(), format!("/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(request.headers["accept"], "application/json");
    assert_eq!(
        request.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    let expected = map([
        ("grant_type", "authorization_code"),
        ("code", "CODE"),
        ("code_verifier", VERIFIER),
        ("client_id", CLIENT_ID),
        ("client_secret", "p&s=/ü"),
        (
            "redirect_uri",
            "https://tokenry.example/callback/azure-devops",
        ),
    ]);
    assert_eq!(form(&request), expected);
    // S14: never two ways at once
    assert!(!request.headers.contains_key("authorization"));
}

#[tokio::test]
async fn entra_refresh_repeats_the_scope() {
    let server = server_answering(token_json()).await;
    let registration = support::registration("azure-devops", &server.uri(), &["secret"]);
    refresh(&registration, &server).await;
    let expected = map([
        ("grant_type", "refresh_token"),
        ("refresh_token", "RT1"),
        ("client_id", CLIENT_ID),
        ("client_secret", "secret"),
        (
            "scope",
            "openid profile offline_access 499b84ac-1321-427f-aa17-267ca6975798/vso.work",
        ),
    ]);
    assert_eq!(form(&only_request(&server).await), expected);
}

#[tokio::test]
async fn legacy_code_exchange_has_exactly_the_legacy_fields() {
    let server = server_answering(token_json()).await;
    let registration = support::registration("azure-devops-legacy", &server.uri(), &["se+cret"]);
    exchange(&registration, &server).await;
    let request = only_request(&server).await;
    assert_eq!(request.url.path(), "/oauth2/token");
    assert!(!request.headers.contains_key("authorization"));
    let expected = map([
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", "se+cret"),
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", "CODE"),
        (
            "redirect_uri",
            "https://tokenry.example/callback/azure-devops-legacy",
        ),
    ]);
    assert_eq!(form(&request), expected);
}

#[tokio::test]
async fn legacy_refresh_has_exactly_the_legacy_fields() {
    let server = server_answering(token_json()).await;
    let registration = support::registration("azure-devops-legacy", &server.uri(), &["secret"]);
    refresh(&registration, &server).await;
    let expected = map([
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", "secret"),
        ("grant_type", "refresh_token"),
        ("assertion", "RT1"),
        (
            "redirect_uri",
            "https://tokenry.example/callback/azure-devops-legacy",
        ),
    ]);
    assert_eq!(form(&only_request(&server).await), expected);
}

#[tokio::test]
async fn s14_basic_form_encodes_both_parts() {
    let server = server_answering(token_json()).await;
    let registration = support::generic(&server.uri(), &[], &["p:w d%"]);
    exchange(&registration, &server).await;
    let request = only_request(&server).await;
    let header = request.headers["authorization"].to_str().unwrap();
    let decoded = STANDARD.decode(header.strip_prefix("Basic ").unwrap());
    assert_eq!(decoded.unwrap(), b"my+client:p%3Aw+d%25");
    let form = form(&request);
    assert!(!form.contains_key("client_secret"));
    assert!(!form.contains_key("client_id"));
}

#[tokio::test]
async fn s14_post_and_none_send_no_header() {
    for (method, secret) in [("post", Some("pw")), ("none", None)] {
        let server = server_answering(token_json()).await;
        let more = [("client_authentication", method)];
        let registration = support::generic(&server.uri(), &more, secret.as_slice());
        refresh(&registration, &server).await;
        let request = only_request(&server).await;
        assert!(!request.headers.contains_key("authorization"), "{method}");
        let form = form(&request);
        assert_eq!(form["client_id"], "my client");
        assert_eq!(form.get("client_secret").map(String::as_str), secret);
        // RFC 6749 §6: without `scope` the refresh asks for what was granted.
        assert!(!form.contains_key("scope"));
    }
}

#[tokio::test]
async fn the_next_secret_is_tried_when_the_client_is_refused() {
    let server = MockServer::start().await;
    let refusal = serde_json::json!({"error": "invalid_client", "error_codes": [7_000_222]});
    Mock::given(body_string_contains("client_secret=old"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refusal))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(body_string_contains("client_secret=new"))
        .respond_with(token_json())
        .expect(1)
        .mount(&server)
        .await;
    let registration = support::registration("azure-devops", &server.uri(), &["old", "new"]);
    let answer = refresh(&registration, &server).await;
    assert_eq!(
        answer.client_secret,
        Some(1),
        "so that it can be remembered"
    );
}

#[tokio::test]
async fn another_error_does_not_try_the_next_secret() {
    let refusal = serde_json::json!({"error": "invalid_grant"});
    let server = server_answering(ResponseTemplate::new(400).set_body_json(refusal)).await;
    let registration = support::registration("azure-devops", &server.uri(), &["old", "new"]);
    let token = SecretString::from("RT1");
    let error = registration
        .refresh(&client_for(&server), &token, &[], now())
        .await
        .unwrap_err();
    assert_eq!(error.class, ErrorClass::InvalidGrant);
    only_request(&server).await;
}

#[tokio::test]
async fn s15_a_redirect_from_the_token_endpoint_is_not_followed() {
    let server = MockServer::start().await;
    let elsewhere = format!("{}/elsewhere", server.uri());
    Mock::given(path(format!("/{TENANT}/oauth2/v2.0/token")))
        .respond_with(ResponseTemplate::new(307).insert_header("location", elsewhere.as_str()))
        .mount(&server)
        .await;
    Mock::given(path("/elsewhere"))
        .respond_with(token_json())
        .expect(0)
        .mount(&server)
        .await;
    let registration = support::registration("azure-devops", &server.uri(), &["secret"]);
    let token = SecretString::from("RT1");
    let error = registration
        .refresh(&client_for(&server), &token, &[], now())
        .await
        .unwrap_err();
    assert_eq!(error.class, ErrorClass::Configuration);
    assert_eq!(error.status, Some(307));
}

#[tokio::test]
async fn s16_revocation_names_token_and_kind() {
    let server = server_answering(ResponseTemplate::new(200)).await;
    let endpoint = format!("{}/revoke", server.uri());
    let more = [
        ("revocation_url", endpoint.as_str()),
        ("client_authentication", "post"),
    ];
    let registration = support::generic(&server.uri(), &more, &["pw"]);
    let token = SecretString::from("RT1");
    let revoked = registration
        .revoke(&client_for(&server), &token, TokenKind::RefreshToken, now())
        .await;
    assert_eq!(revoked, Ok(Revocation::Revoked));
    let request = only_request(&server).await;
    assert_eq!(request.url.path(), "/revoke");
    let expected = map([
        ("token", "RT1"),
        ("token_type_hint", "refresh_token"),
        ("client_id", "my client"),
        ("client_secret", "pw"),
    ]);
    assert_eq!(form(&request), expected);
}

#[tokio::test]
async fn s16_a_failed_revocation_is_told_apart_from_none_offered() {
    let server = server_answering(ResponseTemplate::new(503)).await;
    let endpoint = format!("{}/revoke", server.uri());
    let more = [("revocation_url", endpoint.as_str())];
    let registration = support::generic(&server.uri(), &more, &["pw"]);
    let token = SecretString::from("AT");
    let client = client_for(&server);
    let failed = registration
        .revoke(&client, &token, TokenKind::AccessToken, now())
        .await
        .unwrap_err();
    assert_eq!(failed.class, ErrorClass::Transient);

    let without = support::registration("azure-devops", &server.uri(), &["pw"]);
    let none = without
        .revoke(&client, &token, TokenKind::AccessToken, now())
        .await;
    assert_eq!(none, Ok(Revocation::NotOffered));
}

#[tokio::test]
async fn the_answer_comes_back_whole() {
    let answer = serde_json::json!({
        "access_token": "AT",
        "token_type": "bearer",
        "expires_in": "3600",
        "refresh_token": "RT2",
        "id_token": "a.b.c",
        "scope": "499b84ac-1321-427f-aa17-267ca6975798/vso.work openid",
    });
    let answer = ResponseTemplate::new(200)
        .insert_header("date", "Sun, 01 Mar 2026 12:00:05 GMT")
        .set_body_json(answer);
    let server = server_answering(answer).await;
    let registration = support::registration("azure-devops", &server.uri(), &["secret"]);
    let token = SecretString::from("RT1");
    let answer = registration
        .refresh(&client_for(&server), &token, &[], now())
        .await
        .unwrap();
    assert_eq!(answer.access_token.expose_secret(), "AT");
    assert_eq!(answer.token_type, "bearer");
    assert_eq!(answer.expires_in.unwrap().as_secs(), 3600);
    assert_eq!(
        answer.refresh_token.as_ref().unwrap().expose_secret(),
        "RT2"
    );
    assert_eq!(answer.scopes.as_ref().unwrap(), &["vso.work", "openid"]);
    assert_eq!((answer.server_date.unwrap() - now()).num_seconds(), 5);
    // S21
    let debug = format!("{answer:?}");
    assert!(!debug.contains("RT2") && !debug.contains("AT\""), "{debug}");
}
