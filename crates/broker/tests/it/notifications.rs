//! People are told: once, of what matters, and it arrives.

use crate::{
    receivers::{HOOK, Received},
    support::{ENTRA, World, input},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use broker::{access::Actor, error::WriteError};
use chrono::{Days, TimeDelta};
use model::{
    AuthorizationId,
    authorization::{Authorization, AuthorizationPatch},
    notification::{
        ChannelCreated, ChannelInput, ChannelKind, Delivery, DeliveryState, Notification,
        NotificationKind, PageQuery,
    },
    status::{CancelReason, Status},
};
use oauth::ExposeSecret;
use sandbox::{AccountPatch, Behaviour, CannedAnswer, Decision, config::example};
use sha2::{Digest, Sha256};
use storage::Storage;

const KIND_OF: fn(&Notification) -> NotificationKind = |one| one.kind;

impl World {
    async fn told(&self) -> Vec<Notification> {
        let query = PageQuery::default();
        let page = self.broker.notifications(&self.actor, &query).await;
        page.unwrap().items
    }

    /// What was told, oldest first.
    async fn kinds(&self) -> Vec<NotificationKind> {
        let mut told = self.told().await;
        told.reverse();
        told.iter().map(KIND_OF).collect()
    }

    async fn webhook(&self) -> ChannelCreated {
        self.channel(ChannelKind::Webhook, HOOK).await.unwrap()
    }

    async fn channel(&self, kind: ChannelKind, target: &str) -> Result<ChannelCreated, WriteError> {
        let input = ChannelInput {
            kind,
            target: target.to_owned(),
        };
        self.broker
            .create_notification_channel(&self.actor, input)
            .await
    }

    async fn log(&self) -> Vec<Delivery> {
        let query = PageQuery::default();
        let page = self
            .broker
            .notification_deliveries(&self.actor, &query)
            .await;
        page.unwrap().items
    }

    async fn deliver(&self) {
        while self.broker.deliver_due().await.unwrap() > 0 {}
    }

    async fn refreshed(&self, id: AuthorizationId) -> Status {
        self.broker.refresh(&self.actor, id).await.unwrap().state
    }

    fn account_is_active(&self, active: bool) {
        let patch = AccountPatch {
            active: Some(active),
            ..AccountPatch::default()
        };
        self.sandbox.set_account("service", patch);
    }

    fn provider_answers(&self, answer: serde_json::Value) {
        let answer: CannedAnswer = serde_json::from_value(answer).unwrap();
        self.sandbox.set_behaviour(Behaviour {
            answer: Some(answer),
            ..Behaviour::default()
        });
    }

    fn provider_is_down(&self) {
        self.provider_answers(serde_json::json!({ "status": 503 }));
    }

    fn provider_is_up(&self) {
        self.sandbox.set_behaviour(Behaviour::default());
    }

    async fn consent_again(&self, id: AuthorizationId) {
        let link = self.broker.connect_link(&self.actor, id).await.unwrap();
        let link = self.broker.open_link(link.token.expose_secret(), None);
        let begun = link.await.unwrap();
        self.come_back(&begun, "service", Decision::Accept, ENTRA)
            .await
            .unwrap();
    }

    /// Authorizations of one client registration, all authorized.
    async fn several(&self, count: usize) -> Vec<AuthorizationId> {
        let mut ids = Vec::new();
        for number in 1..=count {
            let name = format!("Contoso {number}");
            ids.push(self.authorized(ENTRA, &name).await.id);
        }
        ids
    }
}

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

async fn with_secret_until(world: &World, name: &str, days: u64) -> Authorization {
    let mut new = input(ENTRA, name);
    let today = world.broker.now().date_naive();
    new.client_secret_expires_on = today.checked_add_days(Days::new(days));
    let created = world.broker.create_authorization(&world.actor, new).await;
    created.unwrap()
}

#[tokio::test]
async fn an_expiring_secret_is_told_30_7_and_1_days_before_and_when_it_has_happened() {
    let world = World::new().await;
    with_secret_until(&world, "Contoso", 40).await;
    let mut told = Vec::new();
    for day in 0..45 {
        // Hourly in truth; twice a day shows as well that nothing is repeated.
        for _ in 0..2 {
            world.broker.sweep_notifications().await.unwrap();
        }
        let count = world.told().await.len();
        if count > told.len() {
            assert_eq!(count, told.len() + 1);
            told.push(40 - day);
        }
        world.clock.advance(TimeDelta::days(1));
    }
    assert_eq!(told, [30, 7, 1, -1]);
    assert!(
        world
            .kinds()
            .await
            .iter()
            .all(|kind| *kind == NotificationKind::SecretExpiring)
    );
}

#[tokio::test]
async fn a_shared_secret_is_one_message_and_a_replaced_one_is_forgotten() {
    let world = World::new().await;
    let first = with_secret_until(&world, "Contoso 1", 5).await;
    with_secret_until(&world, "Contoso 2", 5).await;
    with_secret_until(&world, "Contoso 3", 400).await;
    world.broker.sweep_notifications().await.unwrap();
    let told = world.told().await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].title,
        "Client secret of Contoso 1, Contoso 2 expires in 5 days"
    );

    let today = world.broker.now().date_naive();
    let patch = AuthorizationPatch {
        settings: Some([("client_secret", "the next one")].into_iter().collect()),
        client_secret_expires_on: today.checked_add_days(Days::new(300)),
        ..AuthorizationPatch::default()
    };
    let patched = world
        .broker
        .patch_authorization(&world.actor, first.id, None, patch);
    patched.await.unwrap();
    world.clock.advance(TimeDelta::days(4));
    world.broker.sweep_notifications().await.unwrap();
    let told = world.told().await;
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].title, "Client secret of Contoso 2 expires tomorrow");
}

/// One notification in the queue of a webhook.
async fn queued(world: &World) -> AuthorizationId {
    world.webhook().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.account_is_active(false);
    world.refreshed(id).await;
    id
}

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

#[tokio::test]
async fn everybody_reads_for_themselves() {
    let world = World::new().await;
    let id = queued(&world).await;
    world.account_is_active(true);
    world.consent_again(id).await;
    let unread = async |actor: &Actor| {
        let query = PageQuery::default();
        let page = world.broker.notifications(actor, &query).await;
        page.unwrap().unread
    };
    assert_eq!(unread(&world.actor).await, 2);
    let oldest = world.told().await[1].id;
    let mark = |up_to| world.broker.mark_notifications_read(&world.actor, up_to);
    mark(Some(oldest)).await.unwrap();
    assert_eq!(unread(&world.actor).await, 1);
    let read: Vec<_> = world.told().await.iter().map(|one| one.read).collect();
    assert_eq!(read, [false, true]);
    mark(None).await.unwrap();
    assert_eq!(unread(&world.actor).await, 0);
    let unknown = mark(Some(uuid::Uuid::from_u128(1).into())).await;
    assert!(matches!(unknown, Err(WriteError::NotFound(_))));
    // A program that may not manage reads nothing.
    let reader = world.reader().await;
    let page = world
        .broker
        .notifications(&reader, &PageQuery::default())
        .await;
    assert!(page.is_err());
}

#[tokio::test]
async fn lists_go_on_where_a_page_ended() {
    let world = World::new().await;
    let id = queued(&world).await;
    for active in [true, false, true] {
        world.account_is_active(active);
        if active {
            world.consent_again(id).await;
        } else {
            world.refreshed(id).await;
        }
    }
    let mut query = PageQuery {
        cursor: None,
        limit: Some(3),
    };
    let first = world
        .broker
        .notifications(&world.actor, &query)
        .await
        .unwrap();
    assert_eq!(first.items.len(), 3);
    query.cursor = first.next;
    let last = world
        .broker
        .notifications(&world.actor, &query)
        .await
        .unwrap();
    assert_eq!((last.items.len(), last.next), (1, None));
    query.cursor = None;
    let log = world
        .broker
        .notification_deliveries(&world.actor, &query)
        .await
        .unwrap();
    query.cursor = log.next;
    let rest = world
        .broker
        .notification_deliveries(&world.actor, &query)
        .await
        .unwrap();
    assert_eq!((log.items.len(), rest.items.len()), (3, 1));
}

#[tokio::test]
async fn old_notifications_are_forgotten() {
    let world = World::new().await;
    queued(&world).await;
    world.clock.advance(TimeDelta::days(89));
    world.broker.sweep_notifications().await.unwrap();
    assert_eq!(world.told().await.len(), 1);
    world.clock.advance(TimeDelta::days(2));
    world.broker.sweep_notifications().await.unwrap();
    assert_eq!(world.told().await, []);
    assert_eq!(world.log().await, []);
}
