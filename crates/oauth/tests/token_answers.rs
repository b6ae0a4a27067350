//! Answers as providers really write them: each leads to the right class, none leaks a secret.

mod support;

use async_trait::async_trait;
use oauth::{
    ClientRegistration, ErrorClass, Reason, SecretString, TokenError, TokenResponse,
    http::{HttpClient, HttpError},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::now;

/// Answers every request with the same thing.
struct Canned {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

#[async_trait]
impl HttpClient for Canned {
    async fn execute(
        &self,
        _: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, HttpError> {
        let mut response = http::Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(*name, value);
        }
        Ok(response.body(self.body.clone()).unwrap())
    }
}

fn json_answer(status: u16, body: &Value) -> Canned {
    Canned {
        status,
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

fn entra() -> ClientRegistration {
    support::registration("azure-devops", "https://login.example", &["hunter2-secret"])
}

async fn refresh(
    registration: &ClientRegistration,
    answer: &dyn HttpClient,
) -> Result<TokenResponse, TokenError> {
    let token = SecretString::from("refresh-token-value");
    registration.refresh(answer, &token, &[], now()).await
}

#[tokio::test]
async fn lifetimes_in_every_form() {
    for (written, seconds) in [
        (json!(3600), Some(3600)),
        (json!("3600"), Some(3600)),
        (json!(" 3600 "), Some(3600)),
        (json!(3599.9), Some(3599)),
        (json!("3599.5"), Some(3599)),
        (json!(1), Some(1)),
        (json!(0), None),
        (json!(-1), None),
        (json!(null), None),
        (json!("soon"), None),
        (json!({}), None),
        (json!("NaN"), None),
        (json!(1_000_000_000_000_u64), Some(315_360_000)),
        (json!("1e300"), Some(315_360_000)),
        (json!("inf"), None),
    ] {
        let body = json!({"access_token": "AT", "expires_in": written});
        let token = refresh(&entra(), &json_answer(200, &body)).await.unwrap();
        let found = token.expires_in.map(|lifetime| lifetime.as_secs());
        assert_eq!(found, seconds, "{written}");
    }
}

#[tokio::test]
async fn a_missing_lifetime_is_the_profiles_default() {
    let legacy = support::registration("azure-devops-legacy", "https://app.example", &["s"]);
    let body = json!({"access_token": "AT"});
    let token = refresh(&legacy, &json_answer(200, &body)).await.unwrap();
    assert_eq!(token.expires_in.unwrap().as_secs(), 3600);
    // RFC 6749 §6: the old refresh token is kept.
    assert!(token.refresh_token.is_none());
    assert_eq!(token.token_type, "Bearer");
}

#[tokio::test]
async fn scopes_in_every_form() {
    for (written, scopes) in [
        (json!("a b  a"), Some(vec!["a", "b"])),
        (json!("a,b"), Some(vec!["a", "b"])),
        (json!(["a", "b"]), Some(vec!["a", "b"])),
        (json!(""), None),
        (json!(null), None),
        (json!(7), None),
    ] {
        let body = json!({"access_token": "AT", "scope": written});
        let token = refresh(&entra(), &json_answer(200, &body)).await.unwrap();
        let scopes = scopes.map(|scopes| scopes.into_iter().map(str::to_owned).collect());
        assert_eq!(token.scopes, scopes, "{written}");
    }
}

#[tokio::test]
async fn errors_are_sorted_by_what_may_be_done() {
    use ErrorClass::{
        Ambiguous, Configuration, InteractionRequired, InvalidClient, InvalidGrant, Transient,
    };
    let error = |error: &str| json!({ "error": error });
    for (status, body, class) in [
        (400, error("invalid_grant"), InvalidGrant),
        (401, error("invalid_client"), InvalidClient),
        (400, error("unauthorized_client"), InvalidClient),
        (400, error("invalid_scope"), Configuration),
        (400, error("invalid_request"), Configuration),
        (400, error("unsupported_grant_type"), Configuration),
        (400, error("interaction_required"), InteractionRequired),
        (400, error("consent_required"), InteractionRequired),
        (400, error("temporarily_unavailable"), Transient),
        (400, error("never_heard_of"), Transient),
        (
            400,
            json!({"Error": "InvalidGrant", "ErrorDescription": "x"}),
            InvalidGrant,
        ),
        (400, json!("text"), Transient),
        (403, json!({}), Transient),
        // The status says more than the body.
        (429, error("invalid_grant"), Transient),
        (503, error("invalid_grant"), Transient),
        (408, json!({}), Transient),
        (425, json!({}), Transient),
        (500, error("server_error"), Ambiguous),
        (502, json!({}), Ambiguous),
        (504, json!({}), Ambiguous),
        (302, json!({}), Configuration),
        // A 200 that is none.
        (200, error("invalid_grant"), Transient),
        (200, json!({}), Transient),
        (200, json!({"access_token": ""}), Transient),
        (200, json!({"access_token": 7}), Transient),
        (200, json!([]), Transient),
        (201, json!({"access_token": "AT"}), Transient),
    ] {
        let failed = refresh(&entra(), &json_answer(status, &body)).await;
        let failed = failed.unwrap_err();
        assert_eq!(failed.class, class, "{status} {body}");
        assert_eq!(failed.status, Some(status), "{status} {body}");
    }
}

#[tokio::test]
async fn html_is_never_a_verdict() {
    for status in [200, 400, 401, 403, 404] {
        let page = Canned {
            status,
            headers: vec![("content-type", "text/html".to_owned())],
            body: b"<html>invalid_grant access_token</html>".to_vec(),
        };
        let failed = refresh(&entra(), &page).await.unwrap_err();
        assert_eq!(failed.class, ErrorClass::Transient, "{status}");
    }
}

#[tokio::test]
async fn entras_codes_pick_the_reason_and_error_decides() {
    let body = json!({
        "error": "invalid_grant",
        "error_description": "AADSTS50057: The user account is disabled.\r\nTrace ID: 0f8fad5b-d9cb-469f-a165-70867728950e",
        "error_codes": [50057],
        "trace_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "correlation_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    });
    let failed = refresh(&entra(), &json_answer(400, &body))
        .await
        .unwrap_err();
    assert_eq!(failed.class, ErrorClass::InvalidGrant);
    assert_eq!(failed.reason, Some(Reason::AccountDisabled));
    let correlation = failed.correlation_id.as_deref();
    assert_eq!(correlation, Some("7c9e6679-7425-40de-944b-e07fc1f90ae7"));
    assert!(!failed.description.unwrap().contains('\n'));

    // A code that promises recovery does not overrule the error.
    let body = json!({"error": "invalid_grant", "error_codes": [90033]});
    let failed = refresh(&entra(), &json_answer(400, &body))
        .await
        .unwrap_err();
    assert_eq!(failed.class, ErrorClass::InvalidGrant);
    assert_eq!(failed.reason, Some(Reason::ProviderTrouble));
}

/// Azure DevOps' own OAuth and gateways say it in a header only.
#[tokio::test]
async fn the_name_of_the_request_is_found_in_the_headers() {
    let mut answer = Canned {
        status: 502,
        headers: vec![("ActivityId", "5f3a".to_owned())],
        body: b"<html>Bad Gateway</html>".to_vec(),
    };
    let failed = refresh(&entra(), &answer).await.unwrap_err();
    assert_eq!(failed.correlation_id.as_deref(), Some("5f3a"));
    answer.body = br#"{"error": "invalid_grant", "correlation_id": "77aa"}"#.to_vec();
    let failed = refresh(&entra(), &answer).await.unwrap_err();
    assert_eq!(failed.correlation_id.as_deref(), Some("77aa"));
}

#[tokio::test]
async fn retry_after_is_read() {
    let mut answer = json_answer(429, &json!({}));
    answer.headers.push(("retry-after", "17".to_owned()));
    let failed = refresh(&entra(), &answer).await.unwrap_err();
    assert_eq!(failed.retry_after.unwrap().as_secs(), 17);

    let mut answer = json_answer(503, &json!({}));
    let date = "Sun, 01 Mar 2026 12:01:00 GMT".to_owned();
    answer.headers.push(("retry-after", date));
    let failed = refresh(&entra(), &answer).await.unwrap_err();
    assert_eq!(failed.retry_after.unwrap().as_secs(), 60);
}

#[tokio::test]
async fn s17_errors_repeat_no_secret() {
    let echo =
        "no: hunter2-secret refresh-token-value eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQeyJhbGciOiJS";
    let body = json!({
        "error": "invalid_grant refresh-token-value",
        "error_description": echo,
        "correlation_id": "hunter2-secret",
    });
    for status in [200, 400, 500] {
        let failed = refresh(&entra(), &json_answer(status, &body)).await;
        let shown = format!("{0} {0:?}", failed.unwrap_err());
        for secret in ["hunter2-secret", "refresh-token-value", "eyJhbGci"] {
            assert!(!shown.contains(secret), "{status}: {shown}");
        }
    }
    // A success that can't be read keeps its tokens to itself.
    let body = json!({"access_token": ["AT-canary"], "refresh_token": "RT-canary"});
    let failed = refresh(&entra(), &json_answer(200, &body)).await;
    let shown = format!("{0} {0:?}", failed.unwrap_err());
    assert!(!shown.contains("canary"), "{shown}");
}

struct Failing(fn() -> HttpError);

#[async_trait]
impl HttpClient for Failing {
    async fn execute(
        &self,
        _: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, HttpError> {
        Err((self.0)())
    }
}

#[tokio::test]
async fn what_may_have_been_sent_is_ambiguous() {
    let cases: [(fn() -> HttpError, ErrorClass); 5] = [
        (
            || HttpError::Dns("no such host".into()),
            ErrorClass::Transient,
        ),
        (
            || HttpError::Connect("refused".into()),
            ErrorClass::Transient,
        ),
        (
            || HttpError::Timeout(std::time::Duration::from_secs(30)),
            ErrorClass::Ambiguous,
        ),
        (|| HttpError::Broken("reset".into()), ErrorClass::Ambiguous),
        (
            || oauth::http::Refusal::Scheme.into(),
            ErrorClass::Configuration,
        ),
    ];
    for (error, class) in cases {
        let failed = refresh(&entra(), &Failing(error)).await.unwrap_err();
        assert_eq!(failed.class, class, "{failed}");
        assert_eq!(error().may_have_been_sent(), class == ErrorClass::Ambiguous);
    }
}

proptest! {
    #[test]
    fn any_answer_is_judged_without_panic(
        status in 200_u16..600,
        body in proptest::collection::vec(any::<u8>(), 0..300),
        retry_after in "[ -~]{0,40}",
    ) {
        let answer = Canned { status, headers: vec![("retry-after", retry_after)], body };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // Random bytes are no token response.
        prop_assert!(runtime.block_on(refresh(&entra(), &answer)).is_err());
    }

    #[test]
    fn any_field_values_are_read_or_refused(
        lifetime in any_json(), scope in any_json(), refresh_token in any_json(), kind in any_json(),
    ) {
        let body = json!({
            "access_token": "AT", "expires_in": lifetime, "scope": scope,
            "refresh_token": refresh_token, "token_type": kind, "id_token": lifetime,
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = json_answer(200, &body);
        prop_assert!(runtime.block_on(refresh(&entra(), &answer)).is_ok());
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        proptest::collection::vec(".{0,9}".prop_map(Value::from), 0..4).prop_map(Value::from),
    ]
}
