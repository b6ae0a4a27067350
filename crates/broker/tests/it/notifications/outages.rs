//! A provider that is down: who is told how often, and of what else meanwhile.

use crate::support::{PLAIN, World, input};
use model::{
    AuthorizationId,
    notification::NotificationKind::{Cancelled, Recovered, RefreshFailing, RegistrationRefused},
    status::Status,
};
use storage::{Storage, notifications::AlertRecord};

impl World {
    /// These begin to fail, and nobody has been told.
    async fn fail(&self, ids: &[AuthorizationId]) {
        for id in ids {
            assert_eq!(self.refreshed(*id).await, Status::RefreshFailing);
            // Not all at once: the client pauses after some failures in a row.
            self.wait(2);
        }
    }

    /// These fail, and it is time to tell.
    async fn have_failed(&self, ids: &[AuthorizationId]) {
        self.fail(ids).await;
        self.wait(16);
        self.broker.tell_failing().await.unwrap();
    }

    async fn works_again(&self, id: AuthorizationId) {
        self.wait(2);
        assert_eq!(self.refreshed(id).await, Status::Healthy);
    }

    /// Authorizations of plain OAuth 2.0 at one host, all authorized.
    async fn several_at(&self, host: &str, count: usize) -> Vec<AuthorizationId> {
        let mut ids = Vec::new();
        for number in 1..=count {
            let mut form = input(PLAIN, &format!("{host} {number}"));
            let token_url = format!("{host}/oidc/token");
            form.settings.set("token_url", &token_url);
            ids.push(self.authorized_with(form).await.id);
        }
        ids
    }

    async fn newest(&self) -> String {
        self.told().await[0].title.clone()
    }
}

#[tokio::test]
async fn an_outage_that_shows_one_after_the_other_is_told_to_be_one() {
    let mut world = World::new().await;
    let ids = world.several(10).await;
    world.provider_is_down();
    for tick in 0..20 {
        if let Some(id) = ids.get(tick) {
            assert_eq!(world.refreshed(*id).await, Status::RefreshFailing);
        }
        world.wait(2);
        world.broker.tell_failing().await.unwrap();
        if tick == 12 {
            // What was told is known to the next process too.
            world.end().await;
            world.restart().await;
        }
    }
    assert_eq!(world.kinds().await, [RefreshFailing; 4]);
    let told = world.told().await;
    assert!(told[0].title.starts_with("Azure DevOps: no fresh tokens"));
    assert!(
        told[0].title.ends_with("(4 authorizations)"),
        "{}",
        told[0].title
    );
    assert_eq!(told[0].connectors.len(), 4);

    world.provider_is_up();
    for id in &ids {
        assert_eq!(world.kinds().await.len(), 4);
        world.works_again(*id).await;
    }
    world.broker.tell_failing().await.unwrap();
    assert_eq!(world.kinds().await[4..], [Recovered]);
    assert_eq!(world.newest().await, "Azure DevOps: works again");
}

#[tokio::test]
async fn few_that_fail_are_told_one_by_one_and_so_is_their_end() {
    let world = World::new().await;
    let ids = world.several(4).await;
    world.provider_is_down();
    world.have_failed(&ids[..3]).await;
    world.provider_is_up();
    world.works_again(ids[0]).await;
    // The first one is out of it: these are three.
    world.provider_is_down();
    world.have_failed(&ids[3..]).await;
    assert_eq!(
        world.kinds().await,
        [
            RefreshFailing,
            RefreshFailing,
            RefreshFailing,
            Recovered,
            RefreshFailing
        ]
    );
    assert!(world.newest().await.starts_with("Contoso 4"));
}

#[tokio::test]
async fn a_second_host_is_told_while_the_first_is_down() {
    let world = World::new().await;
    let first = world.several_at("http://127.0.0.1:3100", 4).await;
    let second = world.several_at("https://login.example.com", 4).await;
    world.provider_is_down();
    world.have_failed(&first).await;
    assert_eq!(world.kinds().await, [RefreshFailing]);
    assert!(
        world
            .newest()
            .await
            .starts_with("OAuth 2.0 at 127.0.0.1:3100: no fresh tokens")
    );

    world.have_failed(&second[..1]).await;
    assert_eq!(world.kinds().await, [RefreshFailing; 2]);
    let told = world.told().await;
    assert!(told[0].text.starts_with("OAuth 2.0 at login.example.com"));
    world.have_failed(&second[1..]).await;
    assert_eq!(world.kinds().await, [RefreshFailing; 3]);
    assert!(
        world
            .newest()
            .await
            .starts_with("OAuth 2.0 at login.example.com: no fresh tokens")
    );

    world.provider_is_up();
    for id in &first {
        world.works_again(*id).await;
    }
    assert_eq!(world.kinds().await[3..], [Recovered]);
    assert_eq!(
        world.newest().await,
        "OAuth 2.0 at 127.0.0.1:3100: works again"
    );
}

#[tokio::test]
async fn what_fails_for_a_reason_of_its_own_is_told_during_an_outage() {
    let world = World::new().await;
    let ids = world.several(5).await;
    world.provider_is_down();
    world.have_failed(&ids[..4]).await;
    assert_eq!(world.kinds().await, [RefreshFailing]);

    world.provider_answers(serde_json::json!({ "status": 400, "error": "invalid_grant" }));
    world.have_failed(&ids[4..]).await;
    assert_eq!(world.kinds().await, [RefreshFailing; 2]);
    assert!(
        world
            .newest()
            .await
            .starts_with("Contoso 5: no fresh token")
    );
}

#[tokio::test]
async fn an_outage_is_over_though_the_last_one_has_other_trouble() {
    let world = World::new().await;
    let ids = world.several(4).await;
    world.provider_is_down();
    world.have_failed(&ids).await;
    world.provider_is_up();
    for id in &ids[..3] {
        world.works_again(*id).await;
    }
    world.account_is_active(false);
    world.wait(2);
    world.refreshed(ids[3]).await;
    assert_eq!(world.kinds().await, [RefreshFailing, Recovered, Cancelled]);
}

#[tokio::test]
async fn a_refused_registration_is_not_part_of_an_outage() {
    let world = World::new().await;
    let ids = world.several(4).await;
    world.provider_is_down();
    world.have_failed(&ids).await;
    world.provider_answers(serde_json::json!({ "status": 401, "error": "invalid_client" }));
    for id in &ids {
        world.wait(2);
        let state = world.refreshed(*id).await;
        assert!(matches!(state, Status::Misconfigured(_)), "{state:?}");
    }
    assert_eq!(world.kinds().await, [RefreshFailing, RegistrationRefused]);

    // The outage was over with that, and the next one is news.
    world.provider_is_up();
    world.wait(120);
    for id in &ids {
        world.works_again(*id).await;
    }
    let refused = [RefreshFailing, RegistrationRefused, Recovered];
    assert_eq!(world.kinds().await, refused);
    world.provider_is_down();
    world.have_failed(&ids).await;
    assert_eq!(world.kinds().await[3..], [RefreshFailing]);
}

#[tokio::test]
async fn who_stays_behind_long_after_an_outage_is_told_alone_and_the_next_one_is_news() {
    let world = World::new().await;
    let ids = world.several(5).await;
    world.provider_is_down();
    world.have_failed(&ids).await;
    world.provider_is_up();
    for id in &ids[1..] {
        world.works_again(*id).await;
    }
    world.broker.tell_failing().await.unwrap();
    assert_eq!(world.kinds().await, [RefreshFailing]);
    world.wait(61);
    for _ in 0..2 {
        world.broker.tell_failing().await.unwrap();
    }
    let behind = [RefreshFailing, Recovered, RefreshFailing];
    assert_eq!(world.kinds().await, behind);
    assert!(world.newest().await.starts_with("Contoso 1"));

    world.provider_is_down();
    world.have_failed(&ids[1..]).await;
    assert_eq!(world.kinds().await[3..], [RefreshFailing]);
    assert!(world.newest().await.ends_with("(5 authorizations)"));
}

#[tokio::test]
async fn an_outage_of_before_there_was_one_for_each_host_does_not_stay() {
    let world = World::new().await;
    let ids = world.several(4).await;
    let workspace = world.actor.workspace();
    let old = "outage:azure-devops";
    let mut tx = world.storage.write().await.unwrap();
    let mut notifications = tx.notifications();
    let alert = AlertRecord {
        subject: old.to_owned(),
        told: "failing".to_owned(),
        since: world.broker.now(),
    };
    notifications.put_alert(workspace, &alert).await.unwrap();
    for id in &ids {
        notifications.join_alert(workspace, old, *id).await.unwrap();
    }
    drop(notifications);
    tx.save().await.unwrap();

    world.provider_is_down();
    world.have_failed(&ids).await;
    assert_eq!(world.kinds().await, [RefreshFailing]);
    let mut tx = world.storage.read().await.unwrap();
    let left = tx.notifications().alert(workspace, old).await.unwrap();
    assert_eq!(left, None);
}
