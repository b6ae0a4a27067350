//! Drafts and Save.

use crate::support::{ENTRA, World, input};
use broker::{editor::SaveError, error::WriteError};
use model::{
    authorization::AuthorizationPatch,
    status::{ReauthorizationReason, Status},
};

#[tokio::test]
async fn a_draft_survives_a_restart_and_keeps_a_secret_that_is_sent_back_blank() {
    let mut world = World::new().await;
    let id = world.broker.new_draft(&world.user, ENTRA).await.unwrap().id;
    let form = input(ENTRA, "Contoso");
    world
        .broker
        .keep_draft(&world.user, id, form, 0)
        .await
        .unwrap();
    world.restart().await;

    let editor = world.broker.editor(&world.user, id).await.unwrap().unwrap();
    assert_eq!(
        editor.input.settings.get("client_secret"),
        None,
        "secrets are write-only"
    );
    assert!(editor.secrets.contains_key("client_secret"));
    let mut form = editor.input;
    form.name = "Contoso renamed".to_owned();
    world
        .broker
        .keep_draft(&world.user, id, form.clone(), 0)
        .await
        .unwrap();
    let saved = world.broker.save(&world.user, id, form, 0).await.unwrap();
    assert!(saved.draft.is_none());
    assert!(saved.saved.unwrap().secrets.contains_key("client_secret"));
}

#[tokio::test]
async fn the_second_of_two_editors_is_told_and_keeps_the_draft() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Shared").await.id;
    let editor = world.broker.editor(&world.user, id).await.unwrap().unwrap();
    let patch = AuthorizationPatch {
        name: Some("Renamed by a program".to_owned()),
        ..AuthorizationPatch::default()
    };
    world
        .broker
        .patch_authorization(&world.actor, id, None, patch)
        .await
        .unwrap();

    let mut mine = editor.input;
    mine.scopes.push("vso.code".to_owned());
    let refused = world
        .broker
        .save(&world.user, id, mine.clone(), editor.base_version)
        .await;
    assert!(matches!(refused, Err(SaveError::Write(WriteError::Stale))));
    let kept = world.broker.editor(&world.user, id).await.unwrap().unwrap();
    assert!(kept.input.scopes.contains(&"vso.code".to_owned()));

    let newer = kept.saved.unwrap().version;
    let saved = world
        .broker
        .save(&world.user, id, mine, newer)
        .await
        .unwrap();
    assert_eq!(saved.saved.unwrap().name, "Shared");
}

#[tokio::test]
async fn names_are_unique_whatever_the_case_and_the_error_is_at_the_field() {
    let world = World::new().await;
    world
        .broker
        .create_authorization(&world.actor, input(ENTRA, "Contoso"))
        .await
        .unwrap();
    let refused = world
        .broker
        .create_authorization(&world.actor, input(ENTRA, "CONTOSO"))
        .await;
    let Err(WriteError::Invalid(errors)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(errors[0].field, "name");
}

#[tokio::test]
async fn a_consent_does_not_count_for_another_client() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    let patch = AuthorizationPatch {
        settings: Some(
            [("client_id", "00000000-0000-4000-8000-000000000001")]
                .into_iter()
                .collect(),
        ),
        ..AuthorizationPatch::default()
    };
    let patched = world
        .broker
        .patch_authorization(&world.actor, id, None, patch)
        .await
        .unwrap();
    assert_eq!(
        patched.state,
        Status::ReauthorizationNeeded(ReauthorizationReason::ClientChanged)
    );
}

// S24
#[tokio::test]
async fn s24_an_address_that_is_not_reached_is_told_at_its_field() {
    let world = World::new().await;
    for (address, accepted) in [
        ("https://id.example.com/token", true),
        ("http://127.0.0.1:3100/oidc/token", true),
        ("http://id.example.com/token", false),
        ("https://169.254.169.254/token", false),
        ("https://localhost/token", false),
    ] {
        let mut form = input("oauth2", address);
        form.settings.set("client_authentication", "post");
        form.settings
            .set("authorization_url", "https://id.example.com/authorize");
        form.settings.set("token_url", address);
        let answer = world.broker.create_authorization(&world.actor, form).await;
        match answer {
            Ok(_) => assert!(accepted, "{address}"),
            Err(WriteError::Invalid(errors)) => {
                assert!(!accepted, "{address}: {errors:?}");
                assert_eq!(errors[0].field, "settings.token_url");
            }
            Err(other) => panic!("{address}: {other}"),
        }
    }
}
