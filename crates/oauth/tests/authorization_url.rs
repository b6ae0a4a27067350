//! The URL the browser is sent to, parameter by parameter.

mod support;

use oauth::{AuthorizationRequest, ClientRegistration, Prompt, SecretString};
use support::{CLIENT_ID, VERIFIER, map, query};
use url::Url;

fn url(registration: &ClientRegistration, scopes: &[&str], prompt: Option<Prompt>) -> Url {
    let scopes: Vec<_> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    registration.authorization_url(&AuthorizationRequest {
        state: &SecretString::from("STATE"),
        pkce_verifier: &SecretString::from(VERIFIER),
        nonce: "NONCE",
        scopes: &scopes,
        prompt,
        login_hint: Some("ada@contoso.example"),
    })
}

#[test]
fn entra_asks_for_the_resource_and_for_a_sign_in() {
    let registration = support::registration("azure-devops", "https://login.example", &["s"]);
    let scopes = ["vso.work", "https://graph.microsoft.com/User.Read"];
    let url = url(&registration, &scopes, Some(Prompt::SelectAccount));
    let expected = map([
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("state", "STATE"),
        // RFC 7636 appendix B
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
        (
            "redirect_uri",
            "https://tokenry.example/callback/azure-devops",
        ),
        (
            "scope",
            "openid profile offline_access 499b84ac-1321-427f-aa17-267ca6975798/vso.work \
             https://graph.microsoft.com/User.Read",
        ),
        ("nonce", "NONCE"),
        ("prompt", "select_account"),
        ("login_hint", "ada@contoso.example"),
    ]);
    assert_eq!(query(&url), expected);
}

#[test]
fn legacy_asks_for_an_assertion_without_pkce() {
    let registration = support::registration("azure-devops-legacy", "https://app.example", &["s"]);
    let url = url(
        &registration,
        &["vso.work", "vso.code"],
        Some(Prompt::Consent),
    );
    assert!(
        url.as_str()
            .starts_with("https://app.example/oauth2/authorize?")
    );
    let expected = map([
        ("response_type", "Assertion"),
        ("client_id", CLIENT_ID),
        ("state", "STATE"),
        ("scope", "vso.work vso.code"),
        (
            "redirect_uri",
            "https://tokenry.example/callback/azure-devops-legacy",
        ),
    ]);
    assert_eq!(query(&url), expected);
}

#[test]
fn s5_generic_sends_pkce_and_its_own_parameters_once() {
    let more = [
        (
            "authorization_url",
            "https://id.example/authorize?audience=api",
        ),
        ("authorize_parameters", "response_type=code&prompt=login"),
    ];
    let registration = support::generic("https://id.example", &more, &["s"]);
    let url = url(&registration, &["read", "read"], Some(Prompt::Consent));
    let query = query(&url);
    assert_eq!(query["audience"], "api");
    assert_eq!(query["prompt"], "login");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["scope"], "offline_access read");
    assert!(!query.contains_key("nonce"));
    assert!(!query.contains_key("login_hint"));
}

#[test]
fn offline_access_goes_with_the_consent_screen_at_a_generic_provider() {
    let prompt = |offline: &str| {
        let more = [("request_offline_access", offline)];
        let registration = support::generic("https://id.example", &more, &["s"]);
        let url = url(&registration, &["read"], Some(Prompt::SelectAccount));
        query(&url).get("prompt").cloned()
    };
    assert_eq!(prompt("true").as_deref(), Some("consent"));
    assert_eq!(prompt("false"), None);
}

#[test]
fn an_administrator_gets_a_link() {
    let registration = support::registration("azure-devops", "https://login.example", &["s"]);
    let url = registration.admin_consent_url("STATE").unwrap();
    assert_eq!(url.path(), format!("/{}/adminconsent", support::TENANT));
    assert_eq!(query(&url)["client_id"], CLIENT_ID);
    let generic = support::generic("https://id.example", &[], &["s"]);
    assert_eq!(generic.admin_consent_url("STATE"), None);
}
