//! Re-authorizing in place: the same account replaces, another one is asked about first.

use crate::support::{ENTRA, PLAIN, World, callback_of, input};
use broker::{
    ExposeSecret,
    consent::{AccountChoice, CallbackRequest, ConsentError},
    editor::SaveError,
};
use chrono::TimeDelta;
use model::{
    AuthorizationId,
    authorization::{Authorization, Editor},
    status::Status,
};
use sandbox::{AccountPatch, Decision};

/// An authorization that the service account consented to, open to every account.
async fn authorized(world: &World) -> Authorization {
    let mut form = input(ENTRA, "Contoso");
    form.settings.set("tenant", "common");
    world.authorized_with(form).await
}

fn account(authorization: &Authorization) -> &str {
    let grant = authorization.grant.as_ref().unwrap();
    grant.account.as_ref().unwrap().label()
}

const SERVICE: &str = "svc-integrations@contoso.example";
const PERSONAL: &str = "maya.personal@outlook.example";

/// The signed-in person authorizes again from the form.
async fn again(world: &World, id: AuthorizationId, with: &str) -> Editor {
    let editor = world.broker.editor(&world.user, id).await.unwrap().unwrap();
    let (form, base) = (editor.input, editor.base_version);
    let begun = world
        .broker
        .begin(&world.user, id, form, base, "settings", None)
        .await
        .unwrap();
    world
        .come_back(&begun, with, Decision::Accept, ENTRA)
        .await
        .unwrap();
    world.broker.editor(&world.user, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_same_account_is_not_asked_about() {
    let world = World::new().await;
    let before = authorized(&world).await;
    let editor = again(&world, before.id, "service").await;
    assert!(editor.draft.as_ref().unwrap().account_question.is_none());
    let base = editor.base_version;
    let saved = world
        .broker
        .save(&world.user, before.id, editor.input, base)
        .await
        .unwrap();
    let saved = saved.saved.unwrap();
    assert_eq!(saved.connectors, before.connectors);
    assert_eq!(saved.scopes, before.scopes);
}

#[tokio::test]
async fn save_waits_for_the_answer_and_then_uses_the_new_account() {
    let world = World::new().await;
    let id = authorized(&world).await.id;
    let editor = again(&world, id, "personal").await;
    let question = editor.draft.unwrap().account_question.unwrap();
    assert_eq!(
        (question.before.label(), question.now.label()),
        (SERVICE, PERSONAL)
    );
    assert!(!question.expected);
    let (form, base) = (editor.input, editor.base_version);
    let refused = world.broker.save(&world.user, id, form.clone(), base).await;
    assert!(matches!(refused, Err(SaveError::AccountUnconfirmed(_))));
    assert_eq!(account(&world.get(id).await), SERVICE);

    world
        .broker
        .answer_account(&world.user, id, AccountChoice::New)
        .await
        .unwrap();
    world
        .broker
        .save(&world.user, id, form, base)
        .await
        .unwrap();
    assert_eq!(account(&world.get(id).await), PERSONAL);
}

#[tokio::test]
async fn keeping_the_account_gives_the_new_consent_up_and_keeps_the_edits() {
    let world = World::new().await;
    let id = authorized(&world).await.id;
    let editor = again(&world, id, "personal").await;
    let mut form = editor.input;
    form.name = "Renamed meanwhile".to_owned();
    world
        .broker
        .keep_draft(&world.user, id, form, editor.base_version)
        .await
        .unwrap();
    let kept = world
        .broker
        .answer_account(&world.user, id, AccountChoice::Old)
        .await
        .unwrap();
    assert_eq!(kept.input.name, "Renamed meanwhile");
    let draft = kept.draft.unwrap();
    assert!(!draft.has_grant && draft.account_question.is_none());
    assert_eq!(kept.state, Status::Healthy);
    let revoked = world.broker.revocations(&world.actor, id).await.unwrap();
    assert_eq!(revoked.unwrap()[0].account.as_deref(), Some(PERSONAL));
    world
        .broker
        .save(&world.user, id, kept.input, kept.base_version)
        .await
        .unwrap();
    assert_eq!(account(&world.get(id).await), SERVICE);
}

/// A yes is for the consent it was given to.
#[tokio::test]
async fn an_answer_does_not_count_for_the_next_consent() {
    let world = World::new().await;
    let id = authorized(&world).await.id;
    again(&world, id, "personal").await;
    world
        .broker
        .answer_account(&world.user, id, AccountChoice::New)
        .await
        .unwrap();
    let editor = again(&world, id, "personal").await;
    assert!(editor.draft.unwrap().account_question.is_some());
}

#[tokio::test]
async fn after_its_account_was_disabled_another_one_is_expected_and_asked_about() {
    let world = World::new().await;
    let id = authorized(&world).await.id;
    let disable = AccountPatch {
        active: Some(false),
        ..AccountPatch::default()
    };
    world.sandbox.set_account("service", disable).unwrap();
    world.wait(30);
    world.broker.refresh(&world.actor, id).await.unwrap();
    let editor = again(&world, id, "personal").await;
    let question = editor.draft.unwrap().account_question.unwrap();
    assert!(question.expected);
}

/// The token in the address that the browser is sent to.
fn token(return_to: &str) -> &str {
    return_to
        .strip_prefix("/connect/confirm?token=")
        .unwrap_or_else(|| panic!("{return_to}"))
}

#[tokio::test]
async fn over_a_link_nothing_is_replaced_before_that_browser_says_so() {
    let world = World::new().await;
    let id = authorized(&world).await.id;
    for (choice, expected) in [
        (AccountChoice::Old, SERVICE),
        (AccountChoice::New, PERSONAL),
    ] {
        let begun = world.open_link(id).await;
        let finished = world
            .come_back(&begun, "personal", Decision::Accept, ENTRA)
            .await
            .unwrap();
        assert!(finished.asks);
        assert_eq!(account(&world.get(id).await), SERVICE, "not yet");
        let token = token(&finished.return_to);
        let browser = Some(begun.browser.expose_secret());
        let broker = &world.broker;

        let question = broker.link_question(token, browser).await.unwrap();
        assert_eq!(question.now, PERSONAL);
        assert_eq!(
            question.before, "sv…@contoso.example",
            "a stranger learns little"
        );
        // S2
        for other in [None, Some("another-browser")] {
            let refused = broker.answer_link(token, other, AccountChoice::New).await;
            assert!(matches!(refused, Err(ConsentError::NotYours)));
        }
        broker.answer_link(token, browser, choice).await.unwrap();
        assert_eq!(account(&world.get(id).await), expected);
        let twice = broker.answer_link(token, browser, AccountChoice::New).await;
        assert!(matches!(twice, Err(ConsentError::QuestionInvalid)));
    }
}

#[tokio::test]
async fn a_question_that_nobody_answers_ends_the_new_consent() {
    let world = World::new().await;
    let mut form = input(PLAIN, "Contoso");
    form.scopes = ["openid", "offline_access", "vso.work"]
        .map(str::to_owned)
        .into();
    let authorization = world.authorized_with(form).await;
    let id = authorization.id;
    let begun = world.open_link(id).await;
    let callback = callback_of(&authorization);
    let finished = world
        .come_back(&begun, "personal", Decision::Accept, &callback)
        .await
        .unwrap();
    let token = token(&finished.return_to).to_owned();
    world.clock.advance(TimeDelta::minutes(10));
    let browser = Some(begun.browser.expose_secret());
    let late = world.broker.link_question(&token, browser).await;
    assert!(matches!(late, Err(ConsentError::QuestionInvalid)));
    world.broker.sweep().await.unwrap();
    world.broker.deliver_revocations().await.unwrap();
    assert_eq!(world.sandbox.ledger().totals.revocations, 1);
    assert_eq!(world.get(id).await.state, Status::Healthy);
}

#[tokio::test]
async fn the_second_consent_over_a_link_overtakes_the_first() {
    let world = World::new().await;
    let id = authorized(&world).await.id;
    let first = world.open_link(id).await;
    let asked = world
        .come_back(&first, "personal", Decision::Accept, ENTRA)
        .await
        .unwrap();
    let second = world.open_link(id).await;
    let location = world
        .sandbox
        .consent(&second.authorize_url, "service", Decision::Accept)
        .unwrap();
    world
        .broker
        .finish(CallbackRequest {
            callback: ENTRA,
            query: location.query().unwrap(),
            browser: Some(second.browser.expose_secret()),
            user: None,
        })
        .await
        .unwrap();
    let browser = Some(first.browser.expose_secret());
    let overtaken = world
        .broker
        .answer_link(token(&asked.return_to), browser, AccountChoice::New)
        .await;
    assert!(matches!(overtaken, Err(ConsentError::QuestionInvalid)));
    assert_eq!(account(&world.get(id).await), SERVICE);
}
