//! Who consented: only a token that the issuer signed for this client and this flow is believed.

mod support;

use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use model::account::AccountInfo;
use oauth::{
    ClientRegistration, DocumentError, IdentityError, Probe, PublishedDocuments, Reason,
    SecretString, SignIn, TokenResponse, http::GuardedClient,
};
use serde_json::{Value, json};
use support::{CLIENT_ID, TENANT, client_for, now};
use url::Url;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

const KEY: &[u8] = include_bytes!("fixtures/signing-key-for-tests.pem");

fn signing_key() -> EncodingKey {
    EncodingKey::from_rsa_pem(KEY).unwrap()
}

fn sign(claims: &Value, key_id: &str) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(key_id.to_owned());
    jsonwebtoken::encode(&header, claims, &signing_key()).unwrap()
}

fn jwks(key_id: &str) -> Value {
    let mut key = Jwk::from_encoding_key(&signing_key(), Algorithm::RS256).unwrap();
    key.common.key_id = Some(key_id.to_owned());
    // Keys of kinds that are not understood stand beside it.
    json!({"keys": [{"kty": "XYZ", "kid": "odd"}, key]})
}

fn tokens(id_token: Option<&str>, scopes: &[&str]) -> TokenResponse {
    TokenResponse {
        access_token: "AT".into(),
        token_type: "Bearer".to_owned(),
        expires_in: None,
        refresh_token: None,
        scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        id_token: id_token.map(SecretString::from),
        server_date: None,
        client_secret: None,
    }
}

async fn identify(
    registration: &ClientRegistration,
    client: &GuardedClient,
    documents: &PublishedDocuments,
    tokens: &TokenResponse,
) -> Result<Option<AccountInfo>, IdentityError> {
    let sign_in = SignIn {
        tokens,
        nonce: "NONCE",
        asked: &[],
        now: now(),
    };
    registration.identity(client, documents, &sign_in).await
}

/// An Entra tenant that publishes one key.
async fn entra() -> (MockServer, ClientRegistration) {
    let server = MockServer::start().await;
    Mock::given(path(format!("/{TENANT}/discovery/v2.0/keys")))
        .respond_with(ResponseTemplate::new(200).set_body_json(jwks("k1")))
        .expect(0..=2)
        .mount(&server)
        .await;
    let registration = support::registration("azure-devops", &server.uri(), &["s"]);
    (server, registration)
}

fn entra_claims(server: &MockServer) -> Value {
    json!({
        "iss": format!("{}/{TENANT}/v2.0", server.uri()),
        "aud": CLIENT_ID,
        "exp": now().timestamp() + 3600,
        "nonce": "NONCE",
        "oid": "OID",
        "tid": TENANT,
        "sub": "SUB",
        "preferred_username": "svc@contoso.example",
        "name": "Service Account",
    })
}

#[tokio::test]
async fn entra_names_the_account_by_oid_and_tid() {
    let (server, registration) = entra().await;
    let id_token = sign(&entra_claims(&server), "k1");
    let documents = PublishedDocuments::default();
    let client = client_for(&server);
    let tokens = tokens(Some(&id_token), &[]);
    let expected = AccountInfo {
        subject: "OID".to_owned(),
        tenant: Some(TENANT.to_owned()),
        username: Some("svc@contoso.example".to_owned()),
        display_name: Some("Service Account".to_owned()),
        personal: false,
    };
    // Twice with one fetch of the keys.
    for _ in 0..2 {
        let account = identify(&registration, &client, &documents, &tokens).await;
        assert_eq!(account.unwrap(), Some(expected.clone()));
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_personal_account_is_recognised() {
    let personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let (server, registration) = entra().await;
    let mut claims = entra_claims(&server);
    claims["tid"] = personal.into();
    claims["iss"] = format!("{}/{personal}/v2.0", server.uri()).into();
    let id_token = sign(&claims, "k1");
    let documents = PublishedDocuments::default();
    let tokens = tokens(Some(&id_token), &[]);
    // With a directory in the settings an account of another one is refused …
    let refused = identify(&registration, &client_for(&server), &documents, &tokens).await;
    assert!(matches!(refused, Err(IdentityError::IdToken(_))));
    // … and without one it is welcome, and known to be personal.
    let organizations = multi_tenant(&server);
    let account = identify(&organizations, &client_for(&server), &documents, &tokens).await;
    assert!(account.unwrap().unwrap().personal);
}

/// The same app with `organizations`, reading the keys of the mock tenant.
fn multi_tenant(server: &MockServer) -> ClientRegistration {
    let mut registration = support::registration_of_tenant(&server.uri(), "organizations");
    let keys = format!("{}/{TENANT}/discovery/v2.0/keys", server.uri());
    registration.endpoints.jwks = Some(Url::parse(&keys).unwrap());
    registration
}

#[tokio::test]
async fn s12_forged_stale_and_foreign_tokens_are_refused() {
    let (server, registration) = entra().await;
    let good = entra_claims(&server);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        sign(&claims, "k1")
    };
    let expired = now().timestamp() - 3600;
    let mut bad = vec![
        with("iss", "https://evil.example/v2.0".into()),
        with("tid", "00000000-0000-0000-0000-000000000000".into()),
        with("aud", "another client".into()),
        with("aud", json!([CLIENT_ID, "another client"])),
        with("aud", Value::Null),
        with("exp", expired.into()),
        with("nonce", "of another flow".into()),
        with("nonce", Value::Null),
        with("oid", "".into()),
        sign(&good, "unpublished"),
        String::new(),
        "a.b.c".to_owned(),
    ];
    let signed = sign(&good, "k1");
    let (head, signature) = signed.rsplit_once('.').unwrap();
    bad.push(format!("{head}."));
    bad.push(format!("{head}.AAAA{}", &signature[4..]));
    // alg: none, and HS256 keyed with what is public
    let none = "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ";
    let payload = head.split_once('.').unwrap().1;
    bad.push(format!("{none}.{payload}."));
    let mut symmetric = Header::new(Algorithm::HS256);
    symmetric.kid = Some("k1".to_owned());
    let shared = EncodingKey::from_secret(b"public");
    bad.push(jsonwebtoken::encode(&symmetric, &good, &shared).unwrap());

    let documents = PublishedDocuments::default();
    for id_token in bad {
        let tokens = tokens(Some(&id_token), &[]);
        let refused = identify(&registration, &client_for(&server), &documents, &tokens).await;
        assert!(
            matches!(refused, Err(IdentityError::IdToken(_))),
            "{id_token}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn several_audiences_need_to_name_the_client() {
    let (server, registration) = entra().await;
    let mut claims = entra_claims(&server);
    claims["aud"] = json!([CLIENT_ID, "another client"]);
    claims["azp"] = CLIENT_ID.into();
    let id_token = sign(&claims, "k1");
    let documents = PublishedDocuments::default();
    let tokens = tokens(Some(&id_token), &[]);
    let account = identify(&registration, &client_for(&server), &documents, &tokens).await;
    assert_eq!(account.unwrap().unwrap().subject, "OID");
}

#[tokio::test]
async fn no_id_token_no_account() {
    let (server, registration) = entra().await;
    let documents = PublishedDocuments::default();
    let tokens = tokens(None, &[]);
    let account = identify(&registration, &client_for(&server), &documents, &tokens).await;
    assert_eq!(account.unwrap(), None);
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn legacy_reads_the_profile_when_a_scope_covers_it() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/_apis/profile/profiles/me"))
        .and(header("authorization", "Bearer AT"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "id": "P1", "displayName": "Ada", "emailAddress": "ada@contoso.example", "coreRevision": 3,
        })))
        .mount(&server)
        .await;
    let registration = support::registration("azure-devops-legacy", &server.uri(), &["s"]);
    let documents = PublishedDocuments::default();
    let client = client_for(&server);
    // vso.work includes vso.hooks_write, vso.hooks and so vso.profile.
    for scope in ["vso.profile", "vso.work"] {
        let tokens = tokens(None, &[scope]);
        let account = identify(&registration, &client, &documents, &tokens).await;
        let account = account.unwrap().unwrap();
        assert_eq!(account.subject, "P1");
        assert_eq!(account.label(), "ada@contoso.example");
    }
    let tokens = tokens(None, &["vso.graph"]);
    let account = identify(&registration, &client, &documents, &tokens).await;
    assert_eq!(account.unwrap(), None);
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 2, "not asked without the scope");
    assert_eq!(requests[0].url.query(), Some("api-version=7.1-preview.3"));
}

#[tokio::test]
async fn generic_uses_what_the_issuer_publishes() {
    let server = MockServer::start().await;
    let issuer = server.uri();
    Mock::given(path("/.well-known/openid-configuration"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/keys"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "authorization_response_iss_parameter_supported": true,
        })))
        .mount(&server)
        .await;
    Mock::given(path("/keys"))
        .respond_with(ResponseTemplate::new(200).set_body_json(jwks("k9")))
        .mount(&server)
        .await;
    let registration = support::generic(&issuer, &[("issuer", &issuer)], &["s"]);
    let client = client_for(&server);
    let documents = PublishedDocuments::default();
    let registration = documents
        .complete(&client, registration, now())
        .await
        .unwrap();
    assert!(registration.issuer_in_callback);
    let revocation = registration.endpoints.revocation.as_ref().unwrap();
    assert_eq!(revocation.path(), "/revoke");

    let id_token = sign(
        &json!({
            "iss": issuer, "aud": ["my client"], "exp": now().timestamp() + 60,
            "nonce": "NONCE", "sub": "S1", "email": "ada@example.com",
        }),
        "k9",
    );
    let tokens = tokens(Some(&id_token), &[]);
    let account = identify(&registration, &client, &documents, &tokens).await;
    let account = account.unwrap().unwrap();
    assert_eq!(account.subject, "S1");
    assert_eq!(account.tenant, Some(issuer));
    assert_eq!(account.label(), "ada@example.com");
}

#[tokio::test]
async fn s7_metadata_of_another_issuer_are_refused() {
    let server = MockServer::start().await;
    let issuer = server.uri();
    Mock::given(path("/.well-known/openid-configuration"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({"issuer": format!("{issuer}/")})),
        )
        .mount(&server)
        .await;
    let registration = support::generic(&issuer, &[("issuer", &issuer)], &["s"]);
    let documents = PublishedDocuments::default();
    let refused = documents
        .complete(&client_for(&server), registration, now())
        .await
        .unwrap_err();
    assert!(matches!(refused, DocumentError::Issuer { .. }), "{refused}");
}

#[tokio::test]
async fn metadata_are_also_found_where_rfc_8414_puts_them() {
    let server = MockServer::start().await;
    let issuer = format!("{}/tenant", server.uri());
    Mock::given(path("/.well-known/oauth-authorization-server/tenant"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"issuer": issuer})))
        .mount(&server)
        .await;
    let documents = PublishedDocuments::default();
    let metadata = documents
        .metadata(&client_for(&server), &issuer, now())
        .await
        .unwrap();
    assert_eq!(metadata.issuer, issuer);
}

#[tokio::test]
async fn an_unknown_key_does_not_hammer_the_issuer() {
    let (server, registration) = entra().await;
    let documents = PublishedDocuments::default();
    let client = client_for(&server);
    for _ in 0..5 {
        let id_token = sign(&entra_claims(&server), "unknown");
        let tokens = tokens(Some(&id_token), &[]);
        let refused = identify(&registration, &client, &documents, &tokens).await;
        assert!(refused.is_err());
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_probe_tells_a_policy_from_a_missing_scope() {
    let policy = "TF400813: The user '' is not authorized to access this resource.";
    let refused = |status, reason| Probe::Refused { status, reason };
    for (status, body, expected) in [
        (200, "{}", Probe::Accepted),
        (403, "needs another scope", Probe::Accepted),
        (404, "", Probe::Accepted),
        (401, policy, refused(401, Some(Reason::AccessPolicyOff))),
        (403, policy, refused(403, Some(Reason::AccessPolicyOff))),
        (401, "", refused(401, None)),
        (203, "<html>Sign in", refused(203, None)),
        (302, "", refused(302, None)),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .mount(&server)
            .await;
        let registration = support::registration("azure-devops-legacy", &server.uri(), &["s"]);
        let url = Url::parse(&server.uri()).unwrap();
        let token = SecretString::from("AT");
        let client = client_for(&server);
        let probe = registration.probe(&client, &url, &token).await.unwrap();
        assert_eq!(probe, expected, "{status} {body}");
    }
}
