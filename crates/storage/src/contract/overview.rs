//! Cases of [`OverviewRepository`](crate::overview::OverviewRepository).

use super::fixture::{Db, Place, at, day, new_id, read, secret, texts, write};
use crate::{
    Transaction,
    authorizations::AuthorizationRecord,
    grants::{GrantRecord, Trouble},
    overview::StatusCount,
};
use chrono::Days;
use model::{
    AuthorizationId, WorkspaceId,
    status::{CancelReason, MisconfigurationReason, ReauthorizationReason, Status},
};

/// Saves an authorization with a grant of that status, given to the settings it has.
async fn with_grant(
    transaction: &mut dyn Transaction,
    place: Place,
    name: &str,
    change: impl FnOnce(&mut AuthorizationRecord, &mut GrantRecord),
) -> AuthorizationId {
    let mut authorization = place.authorization(name);
    let mut grant = place.grant(authorization.id);
    grant.client.settings = authorization.settings.clone();
    authorization.grant_id = Some(grant.id);
    change(&mut authorization, &mut grant);
    transaction.grants().insert(&grant).await.unwrap();
    let mut authorizations = transaction.authorizations();
    authorizations.insert(&authorization).await.unwrap();
    authorization.id
}

async fn without_grant(
    transaction: &mut dyn Transaction,
    place: Place,
    name: &str,
) -> AuthorizationId {
    let authorization = place.authorization(name);
    let mut authorizations = transaction.authorizations();
    authorizations.insert(&authorization).await.unwrap();
    authorization.id
}

/// Active ones by the status of the grant they mean; others are only counted.
pub async fn authorizations_are_counted_by_status(db: Db) {
    let place = Place::new(&db).await;
    let cancelled = Status::Cancelled(CancelReason::AccountDisabled);
    let mut transaction = write(&db).await;
    let tx = &mut *transaction;
    for name in ["one", "two"] {
        with_grant(tx, place, name, |_, _| {}).await;
    }
    with_grant(tx, place, "three", |_, grant| grant.status = cancelled).await;
    without_grant(tx, place, "four").await;
    with_grant(tx, place, "five", |authorization, _| {
        authorization.active = false;
    })
    .await;
    // A grant nobody means.
    tx.grants().insert(&place.grant(new_id())).await.unwrap();
    transaction.save().await.unwrap();

    let mut transaction = read(&db).await;
    let mut overview = transaction.overview();
    let mut counts = overview.by_status(place.workspace).await.unwrap();
    counts.sort_by_key(|count| count.number);
    let number = |status| counts.iter().find(|count| count.status == status);
    let count = |status, number| Some(StatusCount { status, number });
    assert_eq!(counts.len(), 3);
    for (status, expected) in [(Some(Status::Healthy), 2), (Some(cancelled), 1), (None, 1)] {
        assert_eq!(number(status).copied(), count(status, expected));
    }
    assert_eq!(overview.inactive(place.workspace).await.unwrap(), 1);
    let elsewhere: WorkspaceId = new_id();
    assert!(overview.by_status(elsewhere).await.unwrap().is_empty());
    assert_eq!(overview.inactive(elsewhere).await.unwrap(), 0);
}

/// Those in force whose settings are written differently from what the consent was given for.
pub async fn altered_settings_are_found(db: Db) {
    let place = Place::new(&db).await;
    let mut transaction = write(&db).await;
    let tx = &mut *transaction;
    with_grant(tx, place, "same", |_, _| {}).await;
    without_grant(tx, place, "no grant").await;
    let failing = with_grant(tx, place, "failing", |authorization, grant| {
        authorization.settings.set("client_id", "decaf");
        grant.status = Status::RefreshFailing;
    })
    .await;
    with_grant(tx, place, "over", |authorization, grant| {
        authorization.settings.set("client_id", "decaf");
        grant.status = Status::Cancelled(CancelReason::Revoked);
    })
    .await;
    let found = tx.overview().altered(place.workspace).await.unwrap();
    assert_eq!(found, [failing]);
    let elsewhere: WorkspaceId = new_id();
    assert!(tx.overview().altered(elsewhere).await.unwrap().is_empty());
}

/// The most pressing first, and of those the longest.
pub async fn what_is_unwell_comes_by_urgency(db: Db) {
    let place = Place::new(&db).await;
    let mut transaction = write(&db).await;
    let tx = &mut *transaction;
    let never = without_grant(tx, place, "never").await;
    with_grant(tx, place, "well", |_, _| {}).await;
    let expiring = with_grant(tx, place, "expiring", |_, _| {}).await;
    let replaced = with_grant(tx, place, "replaced", |_, _| {}).await;
    let mut fresh = secret(replaced, "client_secret", 1, 2);
    fresh.expires_on = None;
    for (id, secrets) in [
        (expiring, vec![secret(expiring, "client_secret", 0, 1)]),
        // Another one works for longer.
        (
            replaced,
            vec![secret(replaced, "client_secret", 0, 1), fresh],
        ),
    ] {
        let mut authorizations = tx.authorizations();
        let replacing = authorizations.replace_secrets(id, "client_secret", &secrets);
        replacing.await.unwrap();
    }
    let failing = |since| {
        move |_: &mut AuthorizationRecord, grant: &mut GrantRecord| {
            grant.status = Status::RefreshFailing;
            grant.trouble = Trouble {
                since: Some(at(since)),
                ..Trouble::default()
            };
        }
    };
    let later = with_grant(tx, place, "later", failing(200)).await;
    let sooner = with_grant(tx, place, "sooner", failing(100)).await;
    let wrong = with_grant(tx, place, "wrong", |_, grant| {
        grant.status = Status::Misconfigured(MisconfigurationReason::SecretWrong);
    })
    .await;
    let refused = with_grant(tx, place, "refused", |_, grant| {
        grant.status = Status::ReauthorizationNeeded(ReauthorizationReason::Refused);
    })
    .await;

    let mut overview = tx.overview();
    let all = overview.unwell(place.workspace, day(), 20).await.unwrap();
    assert_eq!(all, [refused, wrong, sooner, later, expiring, never]);
    let first = overview.unwell(place.workspace, day(), 2).await.unwrap();
    assert_eq!(first, [refused, wrong]);
    let earlier = day().checked_sub_days(Days::new(1)).expect("a day");
    let all = overview.unwell(place.workspace, earlier, 20).await.unwrap();
    assert!(!all.contains(&expiring));
    let elsewhere: WorkspaceId = new_id();
    assert!(
        overview
            .unwell(elsewhere, day(), 20)
            .await
            .unwrap()
            .is_empty()
    );
}

/// Those that are there, in this workspace.
pub async fn grants_lead_to_their_authorizations(db: Db) {
    let place = Place::new(&db).await;
    let mut transaction = write(&db).await;
    let (one, other, third) = (
        place.grant(new_id()),
        place.grant(new_id()),
        place.grant(new_id()),
    );
    for grant in [&one, &other, &third] {
        transaction.grants().insert(grant).await.unwrap();
    }
    let mut overview = transaction.overview();
    let asked = [one.id, other.id, new_id()];
    let mut found = overview
        .authorizations_of(place.workspace, &asked)
        .await
        .unwrap();
    found.sort_unstable();
    assert_eq!(found, [one.authorization_id, other.authorization_id]);
    let elsewhere: WorkspaceId = new_id();
    let found = overview.authorizations_of(elsewhere, &asked).await.unwrap();
    assert!(found.is_empty());
}

/// Of this workspace alone.
pub async fn the_next_refresh_is_known(db: Db) {
    let place = Place::new(&db).await;
    let mut transaction = write(&db).await;
    let tx = &mut *transaction;
    let other = Place::within(tx, "other").await;
    let mut seconds = 5000;
    for place in [place, other] {
        with_grant(tx, place, "one", |_, grant| {
            grant.tokens.next_refresh_at = Some(at(seconds));
            grant.granted_scopes = texts(&[]);
        })
        .await;
        with_grant(tx, place, "two", |_, grant| {
            grant.tokens.next_refresh_at = None;
        })
        .await;
        seconds -= 1000;
    }
    let mut overview = tx.overview();
    let next = overview.next_refresh(place.workspace).await.unwrap();
    assert_eq!(next, Some(at(5000)));
    let elsewhere: WorkspaceId = new_id();
    assert_eq!(overview.next_refresh(elsewhere).await.unwrap(), None);
}
