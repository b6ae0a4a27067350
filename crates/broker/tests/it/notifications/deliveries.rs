//! How it gets out: retries, giving up, restarts, and where it may not go.

use super::queued;
use crate::{receivers::HOOK, support::World};
use broker::error::WriteError;
use chrono::TimeDelta;
use model::notification::{ChannelKind, DeliveryState};
use storage::Storage;

#[tokio::test]
async fn a_webhook_that_fails_is_tried_again_with_the_same_id() {
    let world = World::new().await;
    queued(&world).await;
    world.http.hook.will_answer(&[500, 302]);
    world.deliver().await;
    let log = world.log().await;
    assert_eq!(
        (log[0].state, log[0].http_status),
        (DeliveryState::Pending, Some(500))
    );
    assert_eq!(
        log[0].next_attempt_at,
        Some(world.broker.now() + TimeDelta::seconds(5))
    );
    world.clock.advance(TimeDelta::seconds(4));
    world.deliver().await;
    assert_eq!(world.http.hook.received().len(), 1);
    world.clock.advance(TimeDelta::seconds(1));
    world.deliver().await;
    world.clock.advance(TimeDelta::seconds(30));
    world.deliver().await;
    let received = world.http.hook.received();
    assert_eq!(received.len(), 3);
    let ids: Vec<_> = received
        .iter()
        .map(|one| one.header("webhook-id"))
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_ne!(
        received[0].header("webhook-timestamp"),
        received[2].header("webhook-timestamp")
    );
    let log = world.log().await;
    assert_eq!(
        (log[0].state, log[0].attempts),
        (DeliveryState::Delivered, 3)
    );
}

#[tokio::test]
async fn a_webhook_that_never_works_is_given_up() {
    let world = World::new().await;
    queued(&world).await;
    world.http.hook.will_answer(&[503; 20]);
    for _ in 0..20 {
        world.deliver().await;
        world.clock.advance(TimeDelta::hours(25));
    }
    assert_eq!(world.http.hook.received().len(), 8);
    let log = world.log().await;
    assert_eq!((log[0].state, log[0].attempts), (DeliveryState::Failed, 8));
    assert_eq!(
        log[0].last_error.as_deref(),
        Some("answered 503 Service Unavailable")
    );
}

#[tokio::test]
async fn a_receiver_that_is_gone_turns_its_channel_off() {
    let world = World::new().await;
    let id = queued(&world).await;
    world.http.hook.will_answer(&[410]);
    world.deliver().await;
    let channels = world
        .broker
        .notification_channels(&world.actor)
        .await
        .unwrap();
    assert!(channels[0].disabled_at.is_some());
    world.account_is_active(true);
    world.consent_again(id).await;
    world.deliver().await;
    assert_eq!(world.http.hook.received().len(), 1);
    // It can be added again.
    world.webhook().await;
}

#[tokio::test]
async fn mail_that_is_refused_for_good_is_not_tried_again() {
    let world = World::new().await;
    let email = world
        .channel(ChannelKind::Email, "ops@contoso.example")
        .await;
    let channel = email.unwrap().channel.id;
    world.http.postbox.will_refuse(true);
    let delivery = world
        .broker
        .test_notification_channel(&world.actor, channel)
        .await
        .unwrap();
    assert_eq!(delivery.state, DeliveryState::Failed);
    assert!(delivery.last_error.unwrap().contains("mailbox full"));
    let delivery = world
        .broker
        .test_notification_channel(&world.actor, channel)
        .await
        .unwrap();
    assert_eq!(delivery.state, DeliveryState::Delivered);
    // A test is not for everybody to read.
    assert_eq!(world.told().await, []);
    world.deliver().await;
    assert_eq!(world.http.postbox.received().len(), 1);
}

#[tokio::test]
async fn what_waits_survives_a_restart_and_a_crash() {
    let mut world = World::new().await;
    queued(&world).await;
    // The process dies while it sends.
    let mut tx = world.storage.write().await.unwrap();
    let now = world.broker.now();
    let claimed = tx
        .notifications()
        .claim(
            uuid::Uuid::from_u128(1),
            now,
            now + TimeDelta::seconds(60),
            10,
        )
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    tx.save().await.unwrap();
    world.restart().await;
    world.deliver().await;
    assert_eq!(world.http.hook.received().len(), 0);
    world.wait(1);
    world.deliver().await;
    assert_eq!(world.http.hook.received().len(), 1);
    assert_eq!(world.log().await[0].state, DeliveryState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_send_once() {
    let mut world = World::new().await;
    queued(&world).await;
    let first = world.broker.clone();
    world.restart().await;
    let (one, two) = tokio::join!(first.deliver_due(), world.broker.deliver_due());
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert_eq!(world.http.hook.received().len(), 1);
}

#[tokio::test]
async fn s24_a_webhook_does_not_lead_inside() {
    let world = World::new().await;
    for target in [
        "http://hooks.contoso.example/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://localhost/",
        "https://user@hooks.contoso.example/",
        "file:///etc/passwd",
        "hooks",
    ] {
        let refused = world.channel(ChannelKind::Webhook, target).await;
        let Err(WriteError::Invalid(errors)) = refused else {
            panic!("{target} was taken")
        };
        assert_eq!(errors[0].field, "target", "{target}");
    }
    world.webhook().await;
    let again = world.channel(ChannelKind::Webhook, HOOK).await;
    assert!(matches!(again, Err(WriteError::Invalid(_))));
}

#[tokio::test]
async fn an_address_brings_no_header() {
    let world = World::new().await;
    for target in ["", "ops", "ops@x\r\nBcc: all@contoso.example", "a b@c"] {
        let refused = world.channel(ChannelKind::Email, target).await;
        assert!(matches!(refused, Err(WriteError::Invalid(_))), "{target:?}");
    }
}
