//! Every built-in definition, and what the operator and a person's settings make of it.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use model::{provider::Privilege, settings::Settings};
use oauth::{
    Catalogue, CatalogueError, ClientAuthentication, Dialect, ErrorClass, ProviderOverride, Reason,
    Remedy, SecretString,
};
use support::{authorization, public_url};
use url::Url;

fn catalogue() -> Catalogue {
    Catalogue::load(&[]).unwrap()
}

#[test]
fn definitions_are_complete() {
    let catalogue = catalogue();
    let mut ids = BTreeSet::new();
    for provider in catalogue.providers() {
        let info = provider.info(&public_url());
        assert!(ids.insert(info.id.clone()), "{} is there twice", info.id);
        assert!(info.description.ends_with('.'), "{}", info.id);
        assert!(!info.setup_steps.is_empty(), "{}", info.id);
        assert!(provider.supports_connector("advanced_rest_api"));
        let keys: BTreeSet<_> = info.fields.iter().map(|field| &field.key).collect();
        assert_eq!(keys.len(), info.fields.len(), "{}: a key twice", info.id);
        for key in ["client_id", "client_secret"] {
            assert!(info.field(key).is_some(), "{} lacks {key}", info.id);
        }
        let links = info
            .setup_steps
            .iter()
            .filter_map(|step| step.link.as_ref());
        for link in links.chain(&info.docs_url) {
            assert_eq!(Url::parse(link).unwrap().scheme(), "https", "{link}");
        }
        for field in &info.fields {
            assert!(field.help.is_some(), "{}.{}", info.id, field.key);
            if let Some(default) = &field.default {
                let checked = model::validate::setting(field, Some(default), false);
                assert_eq!(checked, Ok(()), "{}.{}", info.id, field.key);
            }
        }
    }
    let ids: Vec<_> = catalogue.providers().map(|p| p.id().to_owned()).collect();
    assert_eq!(ids, ["azure-devops", "azure-devops-legacy", "oauth2"]);
}

#[test]
fn azure_devops_has_all_its_scopes() {
    let catalogue = catalogue();
    let scopes = catalogue.get("azure-devops").unwrap().scopes();
    assert_eq!(scopes.len(), 86);
    let legacy = catalogue.get("azure-devops-legacy").unwrap().scopes();
    assert_eq!(scopes, legacy);

    let by_value: BTreeMap<_, _> = scopes.iter().map(|scope| (&*scope.value, scope)).collect();
    assert_eq!(by_value.len(), 86, "a scope is there twice");
    for scope in scopes {
        assert_eq!(
            model::scopes::check(&scope.value),
            Ok(()),
            "{}",
            scope.value
        );
        assert!(scope.description.len() > 25, "{}", scope.value);
        assert!(scope.description.ends_with('.'), "{}", scope.value);
        // Following `includes` ends, and every step exists.
        let mut seen = BTreeSet::from([&*scope.value]);
        let mut next = scope.includes.as_deref();
        while let Some(value) = next {
            assert!(
                seen.insert(value),
                "{}: includes go in a circle",
                scope.value
            );
            let included = by_value.get(value);
            next = included
                .unwrap_or_else(|| panic!("{} includes unknown {value}", scope.value))
                .includes
                .as_deref();
        }
    }
    let descriptions: BTreeSet<_> = scopes.iter().map(|scope| &scope.description).collect();
    assert_eq!(
        descriptions.len(),
        86,
        "two scopes with the same description"
    );
}

#[test]
fn scopes_are_sorted_into_microsofts_categories() {
    let catalogue = catalogue();
    let scopes = catalogue.get("azure-devops").unwrap().scopes();
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for scope in scopes {
        *count.entry(&scope.category).or_default() += 1;
    }
    assert_eq!(count.len(), 34);
    for (category, expected) in [("Code", 5), ("Work Items", 3), ("Wiki", 2), ("Tokens", 2)] {
        assert_eq!(count[category], expected, "{category}");
    }
    assert_eq!(scopes.iter().filter(|s| s.high_privilege).count(), 35);

    let privilege = |value: &str| scopes.iter().find(|s| s.value == value).unwrap().privilege;
    assert_eq!(privilege("vso.work"), Privilege::Read);
    assert_eq!(privilege("vso.work_write"), Privilege::Write);
    assert_eq!(privilege("vso.build_execute"), Privilege::Execute);
    assert_eq!(privilege("vso.security_manage"), Privilege::Manage);
    assert_eq!(privilege("user_impersonation"), Privilege::Full);
}

#[test]
fn azure_devops_scopes_cover_what_they_include() {
    let catalogue = catalogue();
    let scopes = catalogue.get("azure-devops").unwrap().scopes();
    let covered = model::scopes::covered_by(&["vso.code_full".to_owned()], scopes);
    let covered: Vec<_> = covered.keys().map(String::as_str).collect();
    let chain = [
        "vso.code",
        "vso.code_manage",
        "vso.code_write",
        "vso.hooks",
        "vso.hooks_write",
        "vso.profile",
    ];
    assert_eq!(covered, chain);
}

#[test]
fn redirect_uris_are_distinct_where_endpoints_are_user_input() {
    // S3, S8
    let catalogue = catalogue();
    let uri = |id: &str| {
        let provider = catalogue.get(id).unwrap();
        provider.redirect_uri(&public_url(), authorization())
    };
    assert_eq!(
        uri("azure-devops"),
        "https://tokenry.example/callback/azure-devops"
    );
    let generic = "https://tokenry.example/callback/oauth2/0195f2c4-7c3e-7c1a-9a5e-0123456789ab";
    assert_eq!(uri("oauth2"), generic);
    let provider = catalogue.get("oauth2").unwrap();
    assert!(provider.redirect_is_per_authorization());
    let info = provider.info(&Url::parse("https://host.example/tokenry/").unwrap());
    assert_eq!(
        info.redirect_uri,
        "https://host.example/tokenry/callback/oauth2/{authorization_id}"
    );
}

#[test]
fn every_aadsts_code_of_the_table_has_its_reason() {
    let table: &[(Reason, &[u32])] = &[
        (Reason::AccountDisabled, &[50057]),
        (
            Reason::AccountNotFound,
            &[50034, 51004, 50020, 16003, 50014],
        ),
        (Reason::AccountLocked, &[50053, 50055, 50144]),
        (Reason::ConsentMissing, &[65001, 70000]),
        (Reason::UserDeclined, &[65004]),
        (Reason::AdminConsentNeeded, &[90094, 90095]),
        (Reason::GrantRevoked, &[50173, 50089, 50132, 50133]),
        (
            Reason::RefreshTokenExpired,
            &[700_082, 70008, 70043, 700_084],
        ),
        (
            Reason::PolicyRequiresSignIn,
            &[
                50072, 50074, 50076, 50078, 50079, 50158, 53000, 53001, 53002, 53003, 530_032,
            ],
        ),
        (Reason::SecretExpired, &[7_000_222]),
        (Reason::SecretWrong, &[7_000_215, 70002, 7_000_218]),
        (
            Reason::AppUnavailable,
            &[700_016, 700_011, 70001, 7_000_112, 50105],
        ),
        (Reason::RedirectMismatch, &[50011]),
        (Reason::TenantWrong, &[50194, 90002, 9_001_023, 700_005]),
        (
            Reason::ScopeInvalid,
            &[70011, 28002, 28003, 700_022, 650_057, 65005, 500_011],
        ),
        (Reason::CodeRejected, &[54005, 501_481]),
        (
            Reason::ProviderTrouble,
            &[50033, 50087, 90006, 90012, 90024, 90033, 90055, 90090],
        ),
        (Reason::ClientLoop, &[50196]),
    ];
    let catalogue = catalogue();
    let provider = catalogue.get("azure-devops").unwrap();
    for (reason, codes) in table {
        for code in *codes {
            let text = format!("AADSTS{code}: something happened.");
            let error = provider.callback_error("invalid_grant", Some(&text));
            assert_eq!(error.reason, Some(*reason), "{code}");
        }
    }
    let unknown = provider.callback_error("invalid_grant", Some("AADSTS1: new."));
    assert_eq!(unknown.reason, None);
}

#[test]
fn a_callbacks_error_is_read() {
    let catalogue = catalogue();
    let entra = catalogue.get("azure-devops").unwrap();
    let declined = entra.callback_error("access_denied", Some("AADSTS65004: declined"));
    assert_eq!(declined.reason, Some(Reason::UserDeclined));
    assert_eq!(declined.reason.unwrap().remedy(), Remedy::StayUnauthorized);

    let legacy = catalogue.get("azure-devops-legacy").unwrap();
    let scope = legacy.callback_error("InvalidScope", None);
    assert_eq!(scope.reason, Some(Reason::ScopeInvalid));
    assert_eq!(scope.class, ErrorClass::Configuration);
    assert_eq!(scope.error, "invalid_scope");
}

#[test]
fn the_operator_points_a_provider_elsewhere() {
    let sandbox = "http://127.0.0.1:3100";
    let registration = support::registration("azure-devops", sandbox, &["s"]);
    let endpoints = &registration.endpoints;
    let tenant = support::TENANT;
    assert_eq!(
        endpoints.token.as_str(),
        format!("{sandbox}/{tenant}/oauth2/v2.0/token")
    );
    let issuer = registration.issuer.unwrap().fixed();
    assert_eq!(issuer, Some(format!("{sandbox}/{tenant}/v2.0")));
}

#[test]
fn overrides_that_miss_are_refused_by_name() {
    let change = |provider: &str, key: &str, value: &str| ProviderOverride {
        provider: provider.to_owned(),
        bases: [(key.to_owned(), value.to_owned())].into(),
        settings: BTreeMap::new(),
    };
    let load = |change| Catalogue::load(&[change]).unwrap_err();
    assert!(matches!(
        load(change("nope", "login", "https://a.example")),
        CatalogueError::UnknownProvider(_)
    ));
    assert!(matches!(
        load(change("azure-devops", "log_in", "https://a.example")),
        CatalogueError::UnknownKey { .. }
    ));
    for value in ["", "a.example", "ftp://a.example", "javascript:alert(1)"] {
        assert!(
            matches!(
                load(change("azure-devops", "login", value)),
                CatalogueError::Base { .. }
            ),
            "{value}"
        );
    }
}

fn register(
    provider: &str,
    settings: &[(&str, &str)],
    secret: bool,
) -> Result<oauth::ClientRegistration, oauth::RegistrationError> {
    let settings: Settings = settings.iter().copied().collect();
    let secrets = secret.then(|| SecretString::from("s"));
    let catalogue = catalogue();
    let provider = catalogue.get(provider).unwrap();
    let secrets = secrets.into_iter().collect();
    provider.registration(&settings, secrets, &public_url(), authorization())
}

#[test]
fn a_tenant_can_not_bend_the_endpoint() {
    for tenant in [
        "a/b",
        "..",
        ".",
        "a?b",
        "a#b",
        "a%2fb",
        "a\\b",
        "@evil.example",
        "a b",
    ] {
        let settings = [("client_id", "c"), ("tenant", tenant)];
        let error = register("azure-devops", &settings, true).unwrap_err();
        assert_eq!(error.field, "tenant", "{tenant}");
    }
    let settings = [("client_id", "c"), ("tenant", "contoso.onmicrosoft.com")];
    assert!(register("azure-devops", &settings, true).is_ok());
    // A blank tenant is its default.
    let registration = register("azure-devops", &[("client_id", "c")], true).unwrap();
    assert_eq!(
        registration.endpoints.authorization.path(),
        "/organizations/oauth2/v2.0/authorize"
    );
}

#[test]
fn generic_settings_name_the_field_at_fault() {
    let good = [
        ("client_id", "c"),
        (
            "authorization_url",
            "https://id.example/authorize?audience=a",
        ),
        ("token_url", "https://id.example/token"),
    ];
    let with = |key, value| {
        let mut settings = good.to_vec();
        settings.push((key, value));
        register("oauth2", &settings, true)
    };
    let plain = register("oauth2", &good, true).unwrap();
    assert_eq!(plain.authentication, ClientAuthentication::Basic);
    assert_eq!(plain.automatic_scopes, ["offline_access"]);
    assert_eq!(plain.endpoints.revocation, None);
    assert_eq!(plain.provider.dialect(), Dialect::AuthorizationCode);

    let unticked = with("request_offline_access", "false").unwrap();
    assert!(unticked.automatic_scopes.is_empty());

    for (key, value) in [
        ("authorize_parameters", "response_type=token"),
        ("authorize_parameters", "client_id=other"),
        (
            "authorize_parameters",
            "redirect_uri=https%3A%2F%2Fevil.example",
        ),
        ("authorize_parameters", "state=x"),
        ("authorize_parameters", "a=1&a=2"),
        ("token_url", "https://id.example/token#x"),
        ("authorization_url", "not an address"),
        ("client_authentication", "jwt"),
    ] {
        assert_eq!(with(key, value).unwrap_err().field, key, "{value}");
    }
    let error = register("oauth2", &good, false).unwrap_err();
    assert_eq!(error.field, "client_secret");
    let error = register("oauth2", &good[1..], true).unwrap_err();
    assert_eq!(error.field, "client_id");
}

// S16
#[test]
fn s16_where_apps_cannot_revoke_the_definition_says_what_a_person_can_do() {
    let base = "https://id.example.com";
    let generic = |more: &[(&str, &str)]| support::generic(base, more, &["s"]);
    for (registration, offered) in [
        (support::registration("azure-devops", base, &["s"]), false),
        (
            support::registration("azure-devops-legacy", base, &["s"]),
            false,
        ),
        (generic(&[]), false),
        // Its metadata may name an address (RFC 8414).
        (generic(&[("issuer", base)]), true),
        (
            generic(&[("revocation_url", "https://id.example.com/revoke")]),
            true,
        ),
    ] {
        let provider = &registration.provider;
        assert_eq!(
            registration.may_offer_revocation(),
            offered,
            "{}",
            provider.id()
        );
        let hint = provider.revocation_hint().unwrap();
        assert!(hint.ends_with('.'), "{}: {hint}", provider.id());
    }
}

#[test]
fn what_lists_need_is_had_without_the_whole_entry() {
    for provider in catalogue().providers() {
        let info = provider.info(&public_url());
        assert_eq!(provider.name(), info.name);
        assert_eq!(provider.icon(), info.icon);
        assert!(provider.secret_keys().eq(info.secret_keys()));
        let field = provider.field("client_secret");
        assert_eq!(field, info.field("client_secret"));
    }
}
