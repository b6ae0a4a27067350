//! The consent flow and what it refuses. "No token call" is checked against the sandbox's ledger.

use crate::support::{ENTRA, LEGACY, World, input};
use broker::{
    ExposeSecret,
    access::SessionUser,
    consent::{Begun, CallbackRequest, ConsentError},
};
use model::{
    AuthorizationId, UserId,
    status::{Status, StatusLabel},
};
use sandbox::Decision;
use uuid::Uuid;

async fn begin(world: &World, provider: &str) -> (AuthorizationId, Begun) {
    let id = world
        .broker
        .new_draft(&world.user, provider)
        .await
        .unwrap()
        .id;
    let form = input(provider, "Contoso work items");
    let begun = world
        .broker
        .begin(&world.user, id, form, 0, "scopes", None)
        .await
        .unwrap();
    (id, begun)
}

fn location(world: &World, begun: &Begun) -> url::Url {
    world
        .sandbox
        .consent(&begun.authorize_url, "service", Decision::Accept)
        .unwrap()
}

#[tokio::test]
async fn both_dialects_bring_a_consent_that_save_stores() {
    for provider in [ENTRA, LEGACY] {
        let world = World::new().await;
        let (id, begun) = begin(&world, provider).await;
        let finished = world
            .come_back(&begun, "service", Decision::Accept, provider)
            .await
            .unwrap();
        assert_eq!(
            finished.return_to,
            format!("/authorizations/{id}/scopes?flow=done")
        );

        let editor = world.broker.editor(&world.user, id).await.unwrap().unwrap();
        assert_eq!(editor.state, Status::Healthy, "{provider}");
        assert!(editor.saved.is_none());
        let account = editor.grant.clone().unwrap().account.unwrap();
        assert_eq!(account.label(), "svc-integrations@contoso.example");
        assert!(editor.grant.unwrap().missing_scopes.is_empty());

        let saved = world
            .broker
            .save(&world.user, id, editor.input, 0)
            .await
            .unwrap();
        let saved = saved.saved.unwrap();
        assert_eq!(saved.status, StatusLabel::Authorized);
        assert_eq!(saved.version, 1);
    }
}

#[tokio::test]
async fn declining_changes_nothing_and_is_told_in_the_form() {
    for provider in [ENTRA, LEGACY] {
        let world = World::new().await;
        let (id, begun) = begin(&world, provider).await;
        let finished = world
            .come_back(&begun, "service", Decision::Decline, provider)
            .await
            .unwrap();
        assert!(finished.return_to.ends_with("?flow=failed"));
        assert_eq!(world.token_requests(), 0);
        let editor = world.broker.editor(&world.user, id).await.unwrap().unwrap();
        assert_eq!(editor.state, Status::Never);
        let error = editor.draft.unwrap().flow_error.unwrap();
        assert!(error.message.contains("declined"), "{}", error.message);
        assert_eq!(editor.input.name, "Contoso work items");
    }
}

#[tokio::test]
async fn a_wrong_secret_points_at_its_field_and_loses_nothing() {
    let world = World::new().await;
    let id = world.broker.new_draft(&world.user, ENTRA).await.unwrap().id;
    let mut form = input(ENTRA, "Contoso");
    form.settings.set("client_secret", "not-the-secret-at-all");
    let begun = world
        .broker
        .begin(&world.user, id, form, 0, "settings", None)
        .await
        .unwrap();
    world
        .come_back(&begun, "service", Decision::Accept, ENTRA)
        .await
        .unwrap();
    let editor = world.broker.editor(&world.user, id).await.unwrap().unwrap();
    let error = editor.draft.unwrap().flow_error.unwrap();
    assert_eq!(error.field.as_deref(), Some("settings.client_secret"));
    let provider = error.provider.unwrap();
    assert!(provider.correlation_id.is_some());
    assert!(!provider.message.contains("not-the-secret-at-all"));
    assert_eq!(editor.input.scopes.len(), 2);
}

// S1
#[tokio::test]
async fn s1_a_replayed_callback_is_refused_without_a_token_call() {
    let world = World::new().await;
    let (_, begun) = begin(&world, ENTRA).await;
    let location = location(&world, &begun);
    let request = || CallbackRequest {
        callback: ENTRA,
        query: location.query().unwrap(),
        browser: Some(begun.browser.expose_secret()),
        user: Some(&world.user),
    };
    world.broker.finish(request()).await.unwrap();
    let before = world.token_requests();
    let replayed = world.broker.finish(request()).await;
    assert!(matches!(replayed, Err(ConsentError::FlowInvalid(_))));
    assert_eq!(world.token_requests(), before);
}

// S1
#[tokio::test]
async fn s1_an_expired_flow_is_refused_without_a_token_call() {
    let world = World::new().await;
    let (_, begun) = begin(&world, ENTRA).await;
    let location = location(&world, &begun);
    world.wait(10);
    let late = world
        .broker
        .finish(CallbackRequest {
            callback: ENTRA,
            query: location.query().unwrap(),
            browser: Some(begun.browser.expose_secret()),
            user: Some(&world.user),
        })
        .await;
    assert!(matches!(late, Err(ConsentError::FlowInvalid(_))));
    assert_eq!(world.token_requests(), 0);
}

// S2, S3
#[tokio::test]
async fn s2_s3_another_browser_person_or_address_is_refused_and_the_right_one_still_works() {
    let world = World::new().await;
    let (_, begun) = begin(&world, ENTRA).await;
    let location = location(&world, &begun);
    let query = location.query().unwrap();
    let browser = Some(begun.browser.expose_secret());
    let mut other = world.user.clone();
    other.user.id = UserId(Uuid::from_u128(1));
    let wrong: [(&str, Option<&str>, Option<&SessionUser>); 5] = [
        (ENTRA, None, Some(&world.user)),
        (ENTRA, Some("another-browser"), Some(&world.user)),
        (ENTRA, browser, None),
        (ENTRA, browser, Some(&other)),
        (LEGACY, browser, Some(&world.user)),
    ];
    for (callback, browser, user) in wrong {
        let refused = world
            .broker
            .finish(CallbackRequest {
                callback,
                query,
                browser,
                user,
            })
            .await;
        assert!(
            matches!(
                refused,
                Err(ConsentError::NotYours | ConsentError::FlowInvalid(_))
            ),
            "{callback} {browser:?}"
        );
    }
    assert_eq!(world.token_requests(), 0);
    let right = CallbackRequest {
        callback: ENTRA,
        query,
        browser,
        user: Some(&world.user),
    };
    assert!(world.broker.finish(right).await.is_ok());
}

// S12
#[tokio::test]
async fn s12_a_code_of_one_flow_does_not_work_in_another() {
    let world = World::new().await;
    let (_, first) = begin(&world, ENTRA).await;
    let (second_id, second) = begin(&world, ENTRA).await;
    let stolen = location(&world, &first);
    let own = location(&world, &second);
    let pair = |url: &url::Url, name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .unwrap()
            .1
            .into_owned()
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &pair(&stolen, "code"))
        .append_pair("state", &pair(&own, "state"))
        .finish();
    let finished = world
        .broker
        .finish(CallbackRequest {
            callback: ENTRA,
            query: &query,
            browser: Some(second.browser.expose_secret()),
            user: Some(&world.user),
        })
        .await
        .unwrap();
    assert!(finished.return_to.ends_with("flow=failed"));
    let editor = world
        .broker
        .editor(&world.user, second_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(editor.state, Status::Never);
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_flow_loses_nothing() {
    let mut world = World::new().await;
    let (id, begun) = begin(&world, ENTRA).await;
    world.restart().await;
    world
        .come_back(&begun, "service", Decision::Accept, ENTRA)
        .await
        .unwrap();
    let editor = world.broker.editor(&world.user, id).await.unwrap().unwrap();
    assert_eq!(editor.state, Status::Healthy);
    assert_eq!(editor.input.name, "Contoso work items");
}

#[tokio::test]
async fn a_connect_link_works_once() {
    let world = World::new().await;
    let created = world
        .broker
        .create_authorization(&world.actor, input(ENTRA, "Linked"))
        .await
        .unwrap();
    let link = world
        .broker
        .connect_link(&world.actor, created.id)
        .await
        .unwrap();
    let token = link.token.expose_secret();
    let begun = world.broker.open_link(token, None).await.unwrap();
    let again = world.broker.open_link(token, None).await;
    assert!(matches!(again, Err(ConsentError::LinkInvalid)));
    // Whoever opened it need not have an account here.
    let location = location(&world, &begun);
    let finished = world
        .broker
        .finish(CallbackRequest {
            callback: ENTRA,
            query: location.query().unwrap(),
            browser: Some(begun.browser.expose_secret()),
            user: None,
        })
        .await
        .unwrap();
    assert_eq!(finished.return_to, "/connect/done?flow=done");
    assert_eq!(world.get(created.id).await.status, StatusLabel::Authorized);
}
