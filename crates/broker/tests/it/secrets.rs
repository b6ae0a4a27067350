//! Several client secrets: the order in which they are tried, and what changing them does.

use crate::support::{ENTRA, World, input};
use broker::{client_secrets::SecretError, error::WriteError};
use chrono::TimeDelta;
use model::{
    AuthorizationId,
    authorization::Authorization,
    client_secret::{ClientSecretInput, ClientSecretPatch},
    status::{MisconfigurationReason, Status},
};
use sandbox::config::{AppRegistration, example};
use storage::Storage as _;

const NEW: &str = "a-new-secret-of-the-app";

/// What the provider's portal does: these secrets are good from now on.
fn register(world: &World, good: &[&str], expired: &[&str]) {
    let all = example::apps(&"http://127.0.0.1:3000".parse().unwrap());
    let app = all
        .into_iter()
        .find(|app| app.client_id == example::ENTRA_CLIENT_ID)
        .unwrap();
    let owned = |secrets: &[&str]| secrets.iter().map(|&one| one.to_owned()).collect();
    world.sandbox.register(AppRegistration {
        secrets: owned(good),
        expired_secrets: owned(expired),
        ..app
    });
}

async fn add(world: &World, id: AuthorizationId, value: &str, first: bool) {
    let input = ClientSecretInput {
        value: value.to_owned(),
        expires_on: None,
        first,
    };
    world
        .broker
        .add_client_secret(&world.actor, id, input)
        .await
        .unwrap();
}

async fn refresh(world: &World, id: AuthorizationId) -> Authorization {
    world.broker.refresh(&world.actor, id).await.unwrap()
}

fn order(authorization: &Authorization) -> Vec<(Option<&str>, bool)> {
    let secrets = authorization.client_secrets.iter();
    secrets
        .map(|secret| (secret.ends_in.as_deref(), secret.in_use))
        .collect()
}

#[tokio::test]
async fn the_first_that_works_is_remembered_and_tried_first_the_next_time() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    add(&world, id, NEW, false).await;
    register(&world, &[NEW], &[example::ENTRA_CLIENT_SECRET]);

    world.wait(30);
    let before = world.token_requests();
    let refreshed = refresh(&world, id).await;
    assert_eq!(refreshed.state, Status::Healthy);
    assert_eq!(
        world.token_requests() - before,
        2,
        "the old one is tried first"
    );
    assert_eq!(
        order(&refreshed),
        [(Some("cret"), false), (Some("-app"), true)]
    );
    let noted = refreshed.client_secrets[1].last_worked_at;
    assert!(noted.is_some());

    world.wait(30);
    let before = world.token_requests();
    let again = refresh(&world, id).await;
    assert_eq!(
        world.token_requests() - before,
        1,
        "the one in use goes first"
    );
    assert_eq!(
        again.client_secrets[1].last_worked_at, noted,
        "it is not written at every refresh"
    );
    world.clock.advance(TimeDelta::days(1));
    let later = refresh(&world, id).await;
    assert!(
        later.client_secrets[1].last_worked_at > noted,
        "but once a day"
    );
}

#[tokio::test]
async fn replacing_an_expired_secret_needs_no_consent_and_works_at_once() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    register(&world, &[NEW], &[example::ENTRA_CLIENT_SECRET]);
    world.wait(50);
    let failed = refresh(&world, id).await;
    assert_eq!(
        failed.state,
        Status::Misconfigured(MisconfigurationReason::SecretExpired)
    );
    let grant = stored_grant(&world, id).await;
    add(&world, id, NEW, true).await;

    let mut tx = world.storage.read().await.unwrap();
    let due = tx.grants().due(world.broker.now(), 9, &[]).await.unwrap();
    assert!(due.iter().any(|one| one.id == grant), "due at once");
    drop(tx);
    let refreshed = refresh(&world, id).await;
    assert_eq!(refreshed.state, Status::Healthy);
    assert_eq!(stored_grant(&world, id).await, grant, "the same consent");
}

async fn stored_grant(world: &World, id: AuthorizationId) -> model::GrantId {
    let workspace = world.actor.workspace();
    let mut tx = world.storage.read().await.unwrap();
    let record = tx.authorizations().get(workspace, id).await.unwrap();
    record.unwrap().grant_id.unwrap()
}

#[tokio::test]
async fn a_form_goes_stale_only_when_the_secret_it_shows_changes() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    let version = async || world.get(id).await.version;
    let before = version().await;
    add(&world, id, NEW, false).await;
    let second = world.get(id).await.client_secrets[1].id;
    let broker = &world.broker;
    let day = ClientSecretPatch {
        expires_on: Some("2027-02-28".parse().ok()),
        first: false,
    };
    broker
        .change_client_secret(&world.actor, id, second, day)
        .await
        .unwrap();
    assert_eq!(version().await, before);

    let first = ClientSecretPatch {
        first: true,
        ..ClientSecretPatch::default()
    };
    let moved = broker
        .change_client_secret(&world.actor, id, second, first)
        .await
        .unwrap();
    assert_eq!((moved.position, moved.in_use), (0, false));
    assert_eq!(version().await, before + 1);
    let stored = world.get(id).await;
    let shown = &stored.secrets["client_secret"];
    assert_eq!(shown.expires_on, "2027-02-28".parse().ok());

    broker
        .remove_client_secret(&world.actor, id, second)
        .await
        .unwrap();
    assert_eq!(order(&world.get(id).await).len(), 1);
}

#[tokio::test]
async fn the_form_replaces_the_first_and_keeps_the_others() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    add(&world, id, "a-fallback-of-some-length", false).await;
    let editor = world.broker.editor(&world.user, id).await.unwrap().unwrap();
    let mut form = editor.input;
    form.settings.set("client_secret", NEW);
    let saved = world
        .broker
        .save(&world.user, id, form, editor.base_version)
        .await
        .unwrap();
    assert_eq!(
        order(&saved.saved.unwrap()),
        [(Some("-app"), false), (Some("ngth"), false)]
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    let only = world.get(id).await.client_secrets[0].id;
    let broker = &world.broker;
    let last = broker.remove_client_secret(&world.actor, id, only).await;
    assert!(matches!(last, Err(SecretError::Last)));
    let refused = async |value: &str| {
        let input = ClientSecretInput {
            value: value.to_owned(),
            ..ClientSecretInput::default()
        };
        match broker.add_client_secret(&world.actor, id, input).await {
            Err(SecretError::Write(WriteError::Invalid(errors))) => errors[0].message.clone(),
            other => panic!("{value}: {other:?}"),
        }
    };
    assert_eq!(refused(" ").await, "Fill in the secret.");
    let same = refused(example::ENTRA_CLIENT_SECRET).await;
    assert_eq!(same, "This secret is there already.");
    for number in 1..5 {
        add(&world, id, &format!("secret number {number}"), false).await;
    }
    let full = refused("one too many").await;
    assert!(full.starts_with("There are 5"), "{full}");
}

#[tokio::test]
async fn a_secret_is_reached_through_its_own_authorization_alone() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    let only = world.get(id).await.client_secrets[0].id;
    let elsewhere = world
        .broker
        .create_authorization(&world.actor, input(ENTRA, "Other"))
        .await
        .unwrap()
        .id;
    let crossed = world
        .broker
        .remove_client_secret(&world.actor, elsewhere, only)
        .await;
    let Err(SecretError::Write(WriteError::NotFound(what))) = crossed else {
        panic!("{crossed:?}");
    };
    assert_eq!(what, "client secret");
}
