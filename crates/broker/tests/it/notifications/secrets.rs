//! Client secrets that expire.

use crate::support::{ENTRA, World, input};
use chrono::{Days, TimeDelta};
use model::{
    authorization::{Authorization, AuthorizationPatch},
    notification::NotificationKind,
};

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
