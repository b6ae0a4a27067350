//! What browser and server agree on, checked on the browser's side: this runs as WASM, in Node.
//! The same table is checked natively by the second half, so that the two cannot drift apart.

use model::{
    authorization::AuthorizationInput,
    problem::{Code, Problem},
    scopes,
    settings::Settings,
    status::{CancelReason, Status},
    validate,
};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Addresses, and whether a form takes them.
const ADDRESSES: [(&str, bool); 8] = [
    ("https://dev.azure.com/contoso", true),
    ("https://bücher.example/", true),
    ("http://[::1]:3100/", true),
    ("dev.azure.com", false),
    ("https://", false),
    ("https://user@example.com/", false),
    ("javascript:alert(1)", false),
    ("", false),
];

#[test]
fn a_form_takes_the_same_addresses_on_both_sides() {
    for (address, taken) in ADDRESSES {
        let answer = validate::absolute_url("URL", address);
        assert_eq!(answer.is_ok(), taken, "{address}: {answer:?}");
    }
}

#[test]
fn a_form_survives_the_trip() {
    let form = AuthorizationInput {
        name: "Büro – 作業".to_owned(),
        provider: "azure-devops".to_owned(),
        settings: Settings::from_iter([("client_id", "x"), ("tenant", "organizations")]),
        client_secret_expires_on: "2027-02-28".parse().ok(),
        connectors: Vec::new(),
        scopes: scopes::parse("vso.work  vso.code vso.work"),
    };
    let json = serde_json::to_string(&form).unwrap();
    assert!(
        json.contains(r#""client_secret_expires_on":"2027-02-28""#),
        "{json}"
    );
    assert!(
        json.contains(r#""connectors":[]"#),
        "an empty list is not left out: {json}"
    );
    assert_eq!(
        serde_json::from_str::<AuthorizationInput>(&json).unwrap(),
        form
    );
}

#[test]
fn a_refusal_survives_the_trip() {
    let refusal = Problem {
        authorization: Some(Status::Cancelled(CancelReason::AccountDisabled)),
        ..Problem::new(Code::NotAuthorized, "Why.")
    };
    let json = serde_json::to_string(&refusal).unwrap();
    assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), refusal);
}
