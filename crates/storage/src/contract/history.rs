//! Cases of [`HistoryRepository`](crate::history::HistoryRepository).

use super::fixture::{
    Db, Place, at, day, new_id, provider_error, read, saved_authorization, write,
};
use crate::history::{EventRecord, Outcome};
use chrono::{Days, NaiveDate, TimeDelta};
use model::{
    AuthorizationId, WorkspaceId,
    health::{HealthDay, HealthEventKind},
    status::{CancelReason, Status},
};

fn event(place: Place, authorization: AuthorizationId, seconds: i64) -> EventRecord {
    EventRecord {
        id: new_id(),
        workspace_id: place.workspace,
        authorization_id: authorization,
        at: at(seconds),
        kind: HealthEventKind::StateChanged,
        state: Status::Cancelled(CancelReason::AccountDisabled),
        error: Some(provider_error()),
        account: place.grant(authorization).account,
    }
}

fn before(days: u64) -> NaiveDate {
    day().checked_sub_days(Days::new(days)).expect("a day")
}

fn counted(day: NaiveDate, refreshed: u32, failed: u32) -> HealthDay {
    HealthDay {
        day,
        refreshed,
        failed,
    }
}

/// Each refresh adds one to its day, and the answer is what it adds up to.
pub async fn refreshes_add_up_by_day(db: Db) {
    let place = Place::new(&db).await;
    let (one, other) = (new_id(), new_id());
    let mut transaction = write(&db).await;
    let mut history = transaction.history();
    let count = [
        (one, before(1), Outcome::Refreshed, counted(before(1), 1, 0)),
        (one, before(1), Outcome::Failed, counted(before(1), 1, 1)),
        (one, before(1), Outcome::Refreshed, counted(before(1), 2, 1)),
        (one, day(), Outcome::Failed, counted(day(), 0, 1)),
        (other, day(), Outcome::Refreshed, counted(day(), 1, 0)),
    ];
    for (authorization, day, outcome, sum) in count {
        let answer = history.count(place.workspace, authorization, day, outcome);
        assert_eq!(answer.await.unwrap(), sum);
    }
    let days = [day(), before(1), before(2)];
    let stored = history.days(place.workspace, one, &days).await.unwrap();
    assert_eq!(stored, [counted(before(1), 2, 1), counted(day(), 0, 1)]);
    let total = history.total(place.workspace, day()).await.unwrap();
    assert_eq!(total, counted(day(), 1, 1));
    let none = history.total(place.workspace, before(9)).await.unwrap();
    assert_eq!(none, counted(before(9), 0, 0));
}

/// Newest first, those of the same moment by id; with everything there is and with nothing.
pub async fn events_come_newest_first(db: Db) {
    let place = Place::new(&db).await;
    let authorization = new_id();
    let old = event(place, authorization, 0);
    let mut bare = event(place, authorization, 60);
    (bare.error, bare.account) = (None, None);
    bare.kind = HealthEventKind::Recovered;
    let same_moment = event(place, authorization, 60);
    let mut transaction = write(&db).await;
    let mut history = transaction.history();
    for event in [&bare, &old, &same_moment] {
        history.insert(event).await.unwrap();
    }
    history.insert(&event(place, new_id(), 60)).await.unwrap();
    drop(history);
    transaction.save().await.unwrap();
    let mut transaction = read(&db).await;
    let mut history = transaction.history();
    let all = history
        .events(place.workspace, authorization, at(0), 9)
        .await;
    assert_eq!(all.unwrap(), [same_moment.clone(), bare.clone(), old]);
    let late = history
        .events(place.workspace, authorization, at(1), 9)
        .await;
    assert_eq!(late.unwrap(), [same_moment.clone(), bare]);
    let one = history
        .events(place.workspace, authorization, at(0), 1)
        .await;
    assert_eq!(one.unwrap(), [same_moment]);
}

/// Nothing of one workspace is read or counted in another.
pub async fn workspaces_do_not_mix(db: Db) {
    let place = Place::new(&db).await;
    let authorization = new_id();
    let mut transaction = write(&db).await;
    let mut history = transaction.history();
    let counting = history.count(place.workspace, authorization, day(), Outcome::Refreshed);
    counting.await.unwrap();
    history
        .insert(&event(place, authorization, 0))
        .await
        .unwrap();
    let elsewhere: WorkspaceId = new_id();
    let events = history.events(elsewhere, authorization, at(0), 9).await;
    assert!(events.unwrap().is_empty());
    let days = history.days(elsewhere, authorization, &[day()]).await;
    assert!(days.unwrap().is_empty());
    let total = history.total(elsewhere, day()).await.unwrap();
    assert_eq!(total, counted(day(), 0, 0));
    history.forget(elsewhere, authorization).await.unwrap();
    let kept = history.total(place.workspace, day()).await.unwrap();
    assert_eq!(kept, counted(day(), 1, 0));
}

/// What is forgotten is gone, of all days; others keep theirs.
pub async fn an_authorization_is_forgotten(db: Db) {
    let place = Place::new(&db).await;
    let (one, other) = (new_id(), new_id());
    let mut transaction = write(&db).await;
    let mut history = transaction.history();
    for authorization in [one, other] {
        for day in [before(20), before(3), day()] {
            let counting = history.count(place.workspace, authorization, day, Outcome::Failed);
            counting.await.unwrap();
        }
        history
            .insert(&event(place, authorization, 0))
            .await
            .unwrap();
    }
    history.forget(place.workspace, one).await.unwrap();
    let days = [before(20), before(3), day()];
    for (authorization, left) in [(one, 0), (other, 1)] {
        let found = history.days(place.workspace, authorization, &days).await;
        assert_eq!(found.unwrap().len(), 3 * left);
        let found = history
            .events(place.workspace, authorization, at(0), 9)
            .await;
        assert_eq!(found.unwrap().len(), left);
    }
}

/// Its events tell who consented: they go with it.
pub async fn events_go_with_the_authorization(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "Boards").await;
    let mut transaction = write(&db).await;
    let happened = event(place, authorization.id, 0);
    transaction.history().insert(&happened).await.unwrap();
    let deleted = transaction
        .authorizations()
        .delete(place.workspace, authorization.id)
        .await;
    assert!(deleted.unwrap());
    let left = transaction
        .history()
        .events(place.workspace, authorization.id, at(0), 9)
        .await;
    assert!(left.unwrap().is_empty());
}

/// Only from before the day, so many at a time, until none is left.
pub async fn old_history_is_deleted(db: Db) {
    let place = Place::new(&db).await;
    let authorization = new_id();
    let today = at(0).date_naive();
    let days = [0, 1, 2, 3].map(|days| today.checked_sub_days(Days::new(days)).expect("a day"));
    let mut transaction = write(&db).await;
    let mut history = transaction.history();
    for (ago, day) in (0..).zip(days) {
        let counting = history.count(place.workspace, authorization, day, Outcome::Refreshed);
        counting.await.unwrap();
        let mut happened = event(place, authorization, 0);
        happened.at -= TimeDelta::days(ago);
        history.insert(&happened).await.unwrap();
    }
    let mut gone = Vec::new();
    for _ in 0..3 {
        gone.push(history.delete_before(days[1], 1).await.unwrap());
    }
    assert_eq!(gone, [2, 2, 0]);
    let left = history.days(place.workspace, authorization, &days).await;
    assert_eq!(
        left.unwrap(),
        [counted(days[1], 1, 0), counted(days[0], 1, 0)]
    );
    let from = at(0) - TimeDelta::days(9);
    let left = history
        .events(place.workspace, authorization, from, 9)
        .await;
    assert_eq!(left.unwrap().len(), 2);
}
