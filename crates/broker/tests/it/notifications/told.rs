//! What is told, and what is not.

use crate::{
    receivers::Received,
    support::{ENTRA, LEGACY, World},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use model::{
    notification::{ChannelKind, DeliveryState, NotificationKind},
    status::{CancelReason, Status},
};
use sandbox::config::example;
use sha2::{Digest, Sha256};

/// HMAC-SHA256 from its definition (RFC 2104 §2), so that it is not the code under test that checks.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

fn expected_signature(secret: &str, received: &Received) -> String {
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let mut signed = format!(
        "{}.{}.",
        received.header("webhook-id"),
        received.header("webhook-timestamp")
    )
    .into_bytes();
    signed.extend(&received.body);
    format!("v1,{}", STANDARD.encode(hmac(&key, &signed)))
}

#[tokio::test]
async fn a_disabled_account_is_told_once_everywhere_and_names_the_connectors() {
    let world = World::new().await;
    let created = world.webhook().await;
    world
        .channel(ChannelKind::Email, "ops@contoso.example")
        .await
        .unwrap();
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    assert_eq!(world.told().await, []);

    world.account_is_active(false);
    let state = world.refreshed(id).await;
    assert_eq!(state, Status::Cancelled(CancelReason::AccountDisabled));
    world.broker.tell_failing().await.unwrap();
    let told = world.told().await;
    let [one] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(one.kind, NotificationKind::Cancelled);
    assert_eq!(
        one.title,
        "Contoso: authorization cancelled (account disabled)"
    );
    assert_eq!(one.connectors, ["Contoso connector"]);
    assert!(one.next_action.contains("publish"), "{}", one.next_action);
    assert_eq!(one.authorization.as_ref().unwrap().id, id);
    let overview = world.broker.overview(&world.actor).await.unwrap();
    assert_eq!(overview.attention[0].connectors, ["Contoso connector"]);

    world.deliver().await;
    world.deliver().await;
    let posted = world.http.hook.received();
    assert_eq!(posted.len(), 1);
    let body = posted[0].json();
    assert_eq!(body["type"], "authorization.cancelled");
    assert_eq!(body["data"]["connectors"][0], "Contoso connector");
    assert_eq!(body["data"]["authorization"]["id"], id.to_string());
    let secret = created.signing_secret.unwrap();
    assert_eq!(
        posted[0].header("webhook-signature"),
        expected_signature(&secret, &posted[0])
    );
    let mails = world.http.postbox.received();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "ops@contoso.example");
    assert!(
        mails[0]
            .subject
            .contains("Contoso: authorization cancelled")
    );
    assert!(mails[0].text.contains("- Contoso connector"));
    assert!(
        mails[0]
            .text
            .contains(&format!("http://127.0.0.1:3000/authorizations/{id}"))
    );
    assert!(
        world
            .log()
            .await
            .iter()
            .all(|one| one.state == DeliveryState::Delivered)
    );
}

#[tokio::test]
async fn s17_what_is_sent_holds_no_secret() {
    let world = World::new().await;
    let secret = world.webhook().await.signing_secret.unwrap();
    world
        .channel(ChannelKind::Email, "ops@contoso.example")
        .await
        .unwrap();
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    let reader = world.reader().await;
    let token = world.broker.token(&reader, id).await.unwrap().access_token;
    world.account_is_active(false);
    world.refreshed(id).await;
    world.deliver().await;
    let mail = &world.http.postbox.received()[0];
    let posted = String::from_utf8(world.http.hook.received()[0].body.clone()).unwrap();
    for text in [&mail.text, &mail.html, &mail.subject, &posted] {
        for canary in [example::ENTRA_CLIENT_SECRET, &token, &secret] {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
    }
    let channels = world
        .broker
        .notification_channels(&world.actor)
        .await
        .unwrap();
    assert!(!serde_json::to_string(&channels).unwrap().contains(&secret));
}

#[tokio::test]
async fn what_comes_and_goes_is_not_told() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    for _ in 0..3 {
        world.provider_is_down();
        assert_eq!(world.refreshed(id).await, Status::RefreshFailing);
        world.wait(14);
        world.broker.tell_failing().await.unwrap();
        world.provider_is_up();
        assert_eq!(world.refreshed(id).await, Status::Healthy);
        world.wait(1);
        world.broker.tell_failing().await.unwrap();
    }
    assert_eq!(world.kinds().await, []);
}

#[tokio::test]
async fn what_fails_for_long_is_told_once_and_so_is_its_end() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.provider_is_down();
    world.refreshed(id).await;
    world.wait(16);
    for _ in 0..3 {
        world.broker.tell_failing().await.unwrap();
        world.wait(5);
        world.refreshed(id).await;
    }
    assert_eq!(world.kinds().await, [NotificationKind::RefreshFailing]);
    let told = world.told().await;
    assert_eq!(told[0].title, "Contoso: no fresh token for 16 minutes");

    world.provider_is_up();
    world.wait(5);
    assert_eq!(world.refreshed(id).await, Status::Healthy);
    world.wait(5);
    world.refreshed(id).await;
    world.broker.tell_failing().await.unwrap();
    assert_eq!(
        world.kinds().await,
        [
            NotificationKind::RefreshFailing,
            NotificationKind::Recovered
        ]
    );
}

#[tokio::test]
async fn r15_a_refused_registration_is_one_alert_and_kills_nothing() {
    let world = World::new().await;
    let ids = world.several(5).await;
    world.provider_answers(serde_json::json!({ "status": 401, "error": "invalid_client" }));
    for _ in 0..2 {
        for id in &ids {
            let state = world.refreshed(*id).await;
            assert!(matches!(state, Status::Misconfigured(_)), "{state:?}");
        }
        world.wait(20);
        world.broker.tell_failing().await.unwrap();
    }
    assert_eq!(world.kinds().await, [NotificationKind::RegistrationRefused]);
    let told = world.told().await;
    assert!(
        told[0].title.contains(example::ENTRA_CLIENT_ID),
        "{}",
        told[0].title
    );
    // Of all that depend on it, not of the first one alone.
    assert_eq!(told[0].connectors.len(), 5);

    world.provider_is_up();
    world.wait(120);
    for (number, id) in (1..).zip(&ids) {
        assert_eq!(world.refreshed(*id).await, Status::Healthy);
        let recovered = number == ids.len();
        assert_eq!(world.kinds().await.len(), 1 + usize::from(recovered));
    }
    assert_eq!(world.kinds().await[1], NotificationKind::Recovered);
}

#[tokio::test]
async fn a_provider_that_is_down_is_one_message_whatever_hangs_on_it() {
    let world = World::new().await;
    let ids = world.several(6).await;
    world.provider_is_down();
    for id in &ids[..5] {
        world.refreshed(*id).await;
        // Not all at once: the client pauses after some failures in a row.
        world.wait(2);
    }
    world.wait(16);
    world.broker.tell_failing().await.unwrap();
    assert_eq!(world.kinds().await, [NotificationKind::RefreshFailing]);
    let told = world.told().await;
    assert!(
        told[0].title.contains("(5 authorizations)"),
        "{}",
        told[0].title
    );
    assert_eq!(told[0].connectors.len(), 5);

    // One that begins to fail later belongs to it.
    world.refreshed(ids[5]).await;
    world.wait(16);
    world.broker.tell_failing().await.unwrap();
    assert_eq!(world.kinds().await.len(), 1);

    world.provider_is_up();
    for id in &ids {
        assert_eq!(world.kinds().await.len(), 1);
        world.wait(2);
        assert_eq!(world.refreshed(*id).await, Status::Healthy);
    }
    assert_eq!(
        world.kinds().await,
        [
            NotificationKind::RefreshFailing,
            NotificationKind::Recovered
        ]
    );
}

#[tokio::test]
async fn a_new_consent_ends_the_trouble_that_was_told() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.account_is_active(false);
    world.refreshed(id).await;
    world.account_is_active(true);
    world.consent_again(id).await;
    assert_eq!(
        world.kinds().await,
        [NotificationKind::Cancelled, NotificationKind::Recovered]
    );
    // And the next trouble is news again.
    world.account_is_active(false);
    world.refreshed(id).await;
    assert_eq!(world.kinds().await.len(), 3);
}

#[tokio::test]
async fn what_a_person_ended_is_not_told() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.provider_is_down();
    world.refreshed(id).await;
    world.wait(16);
    world.broker.tell_failing().await.unwrap();
    world.provider_is_up();
    world.broker.deauthorize(&world.actor, id).await.unwrap();
    assert_eq!(world.kinds().await, [NotificationKind::RefreshFailing]);
    // The memory went with the consent.
    world.consent_again(id).await;
    assert_eq!(world.kinds().await, [NotificationKind::RefreshFailing]);
}

// R17
#[tokio::test]
async fn a_restored_backup_is_one_message_each_time() {
    let mut world = World::new().await;
    for name in ["Contoso 1", "Contoso 2", "Contoso 3"] {
        world.authorized(LEGACY, name).await;
    }
    for times in 1..=2 {
        world.wait(1);
        world.end().await;
        world.copy_journals();
        world.restart().await;
        assert_eq!(world.kinds().await.len(), times);
        assert_eq!(world.broker.resume_refreshes().await.unwrap(), 3);
    }
    let told = world.told().await;
    assert_eq!(told[0].kind, NotificationKind::ReauthorizationNeeded);
    assert!(
        told[0]
            .title
            .ends_with("refreshes are held (database restored)"),
        "{}",
        told[0].title
    );
    assert_eq!(told[0].connectors.len(), 3);
    assert!(
        told[0].next_action.contains("resume-refreshes"),
        "{}",
        told[0].next_action
    );
}
