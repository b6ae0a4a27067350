//! API keys and sessions.

use crate::support::World;
use broker::{ExposeSecret, SecretString, accounts::AccountError};
use chrono::TimeDelta;
use model::api_key::{ApiKeyInput, KeyScope};
use std::net::{IpAddr, Ipv4Addr};

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

// S22
#[tokio::test]
async fn s22_a_key_works_until_its_last_day_or_its_deletion() {
    let world = World::new().await;
    let last_day = world.broker.now().date_naive();
    let input = ApiKeyInput {
        name: "connector".to_owned(),
        scopes: vec![KeyScope::TokensRead],
        expires_on: Some(last_day),
    };
    let created = world
        .broker
        .create_api_key(&world.actor, input)
        .await
        .unwrap();
    assert!(created.key.starts_with("tky_") && created.key.len() >= 47);
    let known = |key: String| {
        let broker = world.broker.clone();
        async move { broker.authenticate_key(&key).await.unwrap().is_some() }
    };
    assert!(known(created.key.clone()).await);
    assert!(!known(format!("{}x", created.key)).await);
    world.clock.advance(TimeDelta::days(1));
    assert!(!known(created.key).await, "expired");

    let input = ApiKeyInput {
        name: "another".to_owned(),
        scopes: vec![KeyScope::TokensRead],
        expires_on: None,
    };
    let created = world
        .broker
        .create_api_key(&world.actor, input)
        .await
        .unwrap();
    assert!(known(created.key.clone()).await);
    world
        .broker
        .delete_api_key(&world.actor, created.info.id)
        .await
        .unwrap();
    assert!(!known(created.key).await, "deleted, at once");
}

// S34
#[tokio::test]
async fn s34_sessions_end_by_idleness_age_and_sign_out() {
    let world = World::new().await;
    let password = SecretString::from("correct horse battery");
    let sign_in = || world.broker.sign_in("ADA@example.com", &password, CLIENT);
    let session = sign_in().await.unwrap();
    let cookie = session.token.expose_secret();
    let user = world.broker.session(cookie).await.unwrap().unwrap();
    world.clock.advance(TimeDelta::hours(13));
    assert!(
        world.broker.session(cookie).await.unwrap().is_none(),
        "idle"
    );

    let session = sign_in().await.unwrap();
    let cookie = session.token.expose_secret();
    for _ in 0..16 {
        world.clock.advance(TimeDelta::hours(11));
        world.broker.session(cookie).await.unwrap();
    }
    assert!(
        world.broker.session(cookie).await.unwrap().is_none(),
        "too old"
    );

    let session = sign_in().await.unwrap();
    let cookie = session.token.expose_secret();
    world.broker.sign_out_everywhere(&user).await.unwrap();
    assert!(
        world.broker.session(cookie).await.unwrap().is_none(),
        "signed out"
    );
}

// S23
#[tokio::test]
async fn s23_guessing_is_throttled_and_the_setup_link_works_once() {
    let world = World::new().await;
    assert!(world.broker.new_setup_link().await.unwrap().is_none());
    let wrong = SecretString::from("wrong password");
    let mut throttled = 0;
    for _ in 0..15 {
        match world
            .broker
            .sign_in("ada@example.com", &wrong, CLIENT)
            .await
        {
            Err(AccountError::WrongCredentials) => {}
            Err(AccountError::Throttled { retry_after }) => {
                assert!(retry_after > TimeDelta::zero());
                throttled += 1;
            }
            Ok(_) => panic!("a wrong password signed in"),
            Err(other) => panic!("{other}"),
        }
    }
    assert!(throttled >= 4, "{throttled}");
}
