//! The last 30 days, the overview, and what open pages are told.

use crate::support::{ENTRA, World, input};
use broker::{access::Actor, live::LiveChanges};
use chrono::{Days, TimeDelta};
use model::{
    AuthorizationId,
    authorization::AuthorizationPatch,
    health::{Health, HealthEventKind, LiveChange, Overview, StateGroup, Urgency},
    settings::Settings,
    status::{CancelReason, ReauthorizationReason, Status},
};
use sandbox::{AccountPatch, Behaviour, CannedAnswer};
use std::time::Duration;

impl World {
    async fn health(&self, id: AuthorizationId) -> Health {
        let health = self.broker.health(&self.actor, id).await.unwrap();
        health.unwrap()
    }

    async fn overview(&self) -> Overview {
        self.broker.overview(&self.actor).await.unwrap()
    }

    /// Refreshes a minute later.
    async fn refresh(&self, id: AuthorizationId) {
        self.wait(6);
        self.broker.refresh(&self.actor, id).await.unwrap();
    }

    fn answer(&self, status: Option<u16>) {
        let answer = status.map(|status| {
            serde_json::from_value::<CannedAnswer>(serde_json::json!({ "status": status })).unwrap()
        });
        self.sandbox.set_behaviour(Behaviour {
            answer,
            ..Behaviour::default()
        });
    }

    fn disable_account(&self) {
        let patch = AccountPatch {
            active: Some(false),
            ..AccountPatch::default()
        };
        self.sandbox.set_account("service", patch);
    }
}

fn kinds(health: &Health) -> Vec<HealthEventKind> {
    health.events.iter().map(|event| event.kind).collect()
}

async fn next(changes: &mut LiveChanges) -> Vec<LiveChange> {
    let waited = tokio::time::timeout(Duration::from_secs(5), changes.next()).await;
    waited.expect("something is told").unwrap()
}

#[tokio::test]
async fn refreshes_are_counted_and_only_what_changes_is_an_event() {
    use HealthEventKind::{Consented, Recovered, StateChanged};
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    for _ in 0..3 {
        world.refresh(id).await;
    }
    let health = world.health(id).await;
    let today = world.broker.now().date_naive();
    assert_eq!(health.days.len(), 30);
    let last = health.days[29];
    assert_eq!((last.day, last.refreshed, last.failed), (today, 3, 0));
    assert_eq!(health.days[28].refreshed, 0);
    assert_eq!(kinds(&health), [Consented]);
    let account = health.events[0].account.as_ref().unwrap();
    assert!(account.label().contains("svc"), "{}", account.label());
    assert!(health.next_refresh_at > Some(world.broker.now()));

    // The same failure again and again is one event.
    world.answer(Some(503));
    for _ in 0..4 {
        world.refresh(id).await;
    }
    let health = world.health(id).await;
    assert_eq!(kinds(&health), [StateChanged, Consented]);
    assert_eq!(health.days[29].failed, 4);
    assert_eq!((health.state, health.attempts), (Status::RefreshFailing, 4));
    assert_eq!(health.failing_since, Some(health.events[0].at));
    assert!(health.last_error.is_some() && health.events[0].error.is_some());

    world.answer(None);
    world.refresh(id).await;
    world.refresh(id).await;
    let health = world.health(id).await;
    assert_eq!(kinds(&health), [Recovered, StateChanged, Consented]);
    let last = health.days[29];
    assert_eq!((last.refreshed, last.failed), (5, 4));
    assert_eq!((health.failing_since, health.attempts), (None, 0));
}

#[tokio::test]
async fn the_end_of_a_consent_is_told_and_a_new_one() {
    use HealthEventKind::{Consented, Ended, Reconsented, StateChanged};
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.disable_account();
    world.refresh(id).await;
    let health = world.health(id).await;
    assert_eq!(kinds(&health), [StateChanged, Consented]);
    let over = &health.events[0];
    assert_eq!(over.state, Status::Cancelled(CancelReason::AccountDisabled));
    assert!(over.error.as_ref().unwrap().correlation_id.is_some());
    assert!(!health.next_action.is_empty());
    assert_eq!(health.next_refresh_at, None);

    let patch = AccountPatch {
        active: Some(true),
        ..AccountPatch::default()
    };
    world.sandbox.set_account("service", patch);
    world.wait(1);
    world.consent(&world.get(id).await).await;
    world.wait(1);
    world.broker.deauthorize(&world.actor, id).await.unwrap();
    let health = world.health(id).await;
    assert_eq!(
        kinds(&health),
        [Ended, Reconsented, StateChanged, Consented]
    );
    assert_eq!(
        health.events[0].state,
        Status::Cancelled(CancelReason::Deauthorized)
    );
}

#[tokio::test]
async fn history_ends_after_its_days_and_with_the_authorization() {
    let world = World::new().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.refresh(id).await;
    let workspace = world.actor.workspace();
    let day = world.broker.now().date_naive();
    let total = async |world: &World| {
        let mut tx = storage::Storage::read(&*world.storage).await.unwrap();
        let mut history = tx.history();
        history.total(workspace, day).await.unwrap().refreshed
    };
    world.clock.advance(TimeDelta::days(31));
    assert!(kinds(&world.health(id).await).is_empty());
    world.broker.sweep().await.unwrap();
    assert_eq!(total(&world).await, 1);
    world.clock.advance(TimeDelta::days(5));
    world.broker.sweep().await.unwrap();
    assert_eq!(total(&world).await, 0);

    let id = world.authorized(ENTRA, "Fabrikam").await.id;
    world.refresh(id).await;
    assert_eq!(world.overview().await.today.refreshed, 1);
    world
        .broker
        .delete_authorization(&world.actor, id, None)
        .await
        .unwrap();
    assert_eq!(world.overview().await.today.refreshed, 0);
    assert_eq!(world.broker.health(&world.actor, id).await.unwrap(), None);
}

#[tokio::test]
async fn the_overview_counts_and_tells_what_comes_first() {
    let world = World::new().await;
    let empty = world.overview().await;
    assert_eq!((empty.active(), empty.attention.len()), (0, 0));

    let never = world
        .broker
        .create_authorization(&world.actor, input(ENTRA, "Never"))
        .await
        .unwrap()
        .id;
    let mut expiring = input(ENTRA, "Expiring");
    let today = world.broker.now().date_naive();
    expiring.client_secret_expires_on = today.checked_add_days(Days::new(7));
    let expiring = world.authorized_with(expiring).await.id;
    let altered = world.authorized(ENTRA, "Altered").await.id;
    let mut settings = Settings::default();
    settings.set("client_id", "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b");
    let patch = AuthorizationPatch {
        settings: Some(settings),
        ..AuthorizationPatch::default()
    };
    world
        .broker
        .patch_authorization(&world.actor, altered, None, patch)
        .await
        .unwrap();
    let aside = world.authorized(ENTRA, "Aside").await.id;
    world
        .broker
        .set_active(&world.actor, aside, false)
        .await
        .unwrap();
    let cancelled = world.authorized(ENTRA, "Cancelled").await.id;
    world.broker.publish(&world.actor).await.unwrap();
    let well = world.authorized(ENTRA, "Well").await.id;
    world.refresh(well).await;
    world.disable_account();
    world.refresh(cancelled).await;

    let overview = world.overview().await;
    let count = |group| overview.count(group);
    assert_eq!(count(StateGroup::Working), 2);
    assert_eq!(count(StateGroup::ReauthorizationNeeded), 1);
    assert_eq!(count(StateGroup::Cancelled), 1);
    assert_eq!(count(StateGroup::Never), 1);
    assert_eq!((overview.active(), overview.inactive), (5, 1));
    assert_eq!((overview.today.refreshed, overview.today.failed), (1, 1));
    let order: Vec<_> = overview
        .attention
        .iter()
        .map(|one| (one.authorization.id, one.urgency))
        .collect();
    // Both are broken and published; what the database cannot tell is looked at first.
    assert_eq!(
        order,
        [
            (altered, Urgency::Broken),
            (cancelled, Urgency::Broken),
            (expiring, Urgency::AtRisk),
            (never, Urgency::Open),
        ]
    );
    let [changed, over, secret, open] = &overview.attention[..] else {
        panic!("four need attention");
    };
    assert_eq!(
        changed.state,
        Status::ReauthorizationNeeded(ReauthorizationReason::ClientChanged)
    );
    assert_eq!(over.what, "Cancelled: account disabled");
    assert_eq!(over.since, Some(world.broker.now()));
    assert!(over.next_action.starts_with("Re-authorize"));
    assert!(secret.secret_expires_on.is_some() && secret.next_action.contains("secret"));
    assert_eq!(open.what, "Not yet authorized");
    // The account's other grants are asked in their own time.
    assert!(overview.next_refresh_at.is_some());
}

#[tokio::test]
async fn open_pages_are_told_what_to_read_again() {
    let world = World::new().await;
    let mut changes = world.broker.live_changes(&world.actor).unwrap();
    let created = world
        .broker
        .create_authorization(&world.actor, input(ENTRA, "Contoso"))
        .await
        .unwrap();
    assert_eq!(next(&mut changes).await, [LiveChange::Configuration]);
    world.consent(&created).await;
    let told = next(&mut changes).await;
    assert!(told.contains(&LiveChange::Authorization(created.id)));
    world.refresh(created.id).await;
    let told = next(&mut changes).await;
    assert_eq!(told, [LiveChange::Authorization(created.id)]);
    world.broker.publish(&world.actor).await.unwrap();
    let told = next(&mut changes).await;
    assert!(told.contains(&LiveChange::Published), "{told:?}");
    // Programs that may not manage hear nothing.
    let reader: Actor = world.reader().await;
    assert!(world.broker.live_changes(&reader).is_err());
}

#[tokio::test]
async fn looking_at_a_session_does_not_prolong_it() {
    let world = World::new().await;
    let lasts = async || world.broker.session_lasts(&world.user).await.unwrap();
    world.wait(11 * 60);
    assert!(lasts().await);
    world.wait(61);
    assert!(!lasts().await);
}

#[tokio::test]
async fn signing_out_ends_a_session_for_open_pages() {
    let world = World::new().await;
    assert!(world.broker.session_lasts(&world.user).await.unwrap());
    world.broker.sign_out(&world.user).await.unwrap();
    assert!(!world.broker.session_lasts(&world.user).await.unwrap());
}
