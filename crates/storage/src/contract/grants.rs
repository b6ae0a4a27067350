//! Cases of [`GrantRepository`](crate::grants::GrantRepository); those of its leases are in
//! [`leases`](super::leases).

use super::fixture::{
    Db, Place, at, ciphertext, new_id, provider_error, race, read, saved_grant, texts, tokens,
    write,
};
use crate::grants::{Setback, TokenSet, Trouble};
use model::status::{CancelReason, ReauthorizationReason, Status};

/// With everything there is, and with nothing that may be absent.
pub async fn a_grant_round_trips(db: Db) {
    let place = Place::new(&db).await;
    let full = place.grant(new_id());
    let mut bare = place.grant(new_id());
    (bare.account, bare.warning, bare.last_error) = (None, None, None);
    (bare.asked_scopes, bare.granted_scopes) = (Vec::new(), Vec::new());
    bare.status = Status::Cancelled(CancelReason::AccountDisabled);
    bare.tokens = TokenSet::none();
    bare.trouble = Trouble::default();
    let mut transaction = write(&db).await;
    transaction.grants().insert(&full).await.unwrap();
    transaction.grants().insert(&bare).await.unwrap();
    transaction.save().await.unwrap();
    let mut transaction = read(&db).await;
    let mut grants = transaction.grants();
    for grant in [full, bare] {
        assert_eq!(grants.get(grant.id).await.unwrap(), Some(grant));
    }
    assert_eq!(grants.get(new_id()).await.unwrap(), None);
}

/// Those that are there; the others are left out.
pub async fn several_are_read_at_once(db: Db) {
    let place = Place::new(&db).await;
    let one = saved_grant(&db, place).await;
    let two = saved_grant(&db, place).await;
    saved_grant(&db, place).await;
    let mut transaction = read(&db).await;
    let mut grants = transaction.grants();
    let mut found = grants.get_many(&[two.id, new_id(), one.id]).await.unwrap();
    found.sort_by_key(|grant| grant.id);
    assert_eq!(found, [one, two]);
    assert!(grants.get_many(&[]).await.unwrap().is_empty());
}

/// Of several workers that refreshed the same generation, one stores its tokens.
pub async fn a_refresh_is_committed_once(db: Db) {
    let place = Place::new(&db).await;
    let mut grant = saved_grant(&db, place).await;
    let id = grant.id;
    let refreshed = TokenSet {
        generation: 2,
        access_token: Some(ciphertext(20)),
        refresh_token: None,
        token_type: "bearer".to_owned(),
        expires_at: None,
        refreshed_at: Some(at(70)),
        next_refresh_at: None,
    };
    let new_tokens = refreshed.clone();
    let winners = race(&db, move |mut transaction| {
        let tokens = new_tokens.clone();
        async move {
            let scopes = texts(&["vso.code"]);
            let won = transaction
                .grants()
                .commit_refresh(id, 1, &tokens, &scopes, Status::Healthy)
                .await
                .unwrap();
            (transaction, won)
        }
    })
    .await;
    assert_eq!(winners, 1);
    grant.tokens = refreshed;
    (grant.last_error, grant.trouble) = (None, Trouble::default());
    let mut transaction = read(&db).await;
    let mut grants = transaction.grants();
    assert_eq!(grants.get(id).await.unwrap(), Some(grant));
    assert_eq!(grants.commits().await.unwrap(), 1);
}

/// An older token never comes in place of a newer one (R5).
pub async fn a_late_writer_changes_nothing(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    for (expected, done) in [(1, true), (2, true), (1, false), (2, false), (4, false)] {
        let (tokens, scopes) = (tokens(expected + 1), texts(&["vso.code"]));
        let committed = grants
            .commit_refresh(grant.id, expected, &tokens, &scopes, Status::Healthy)
            .await;
        assert_eq!(committed.unwrap(), done, "from generation {expected}");
    }
    let stored = grants.get(grant.id).await.unwrap().unwrap();
    assert_eq!(stored.tokens.generation, 3);
}

/// A refusal of an older token says nothing about the newer one.
pub async fn a_status_needs_the_generation(db: Db) {
    let place = Place::new(&db).await;
    let mut grant = saved_grant(&db, place).await;
    let refused = Status::ReauthorizationNeeded(ReauthorizationReason::Refused);
    let mut error = provider_error();
    error.code = "interaction_required".into();
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();

    let refusal = Setback {
        status: refused,
        error: Some(error),
        trouble: Trouble {
            since: Some(at(40)),
            attempts: 2,
            suspected_at: Some(at(41)),
        },
        next_refresh_at: None,
    };
    assert!(!grants.set_back(grant.id, 0, &refusal).await.unwrap());
    assert_eq!(grants.get(grant.id).await.unwrap().as_ref(), Some(&grant));

    assert!(grants.set_back(grant.id, 1, &refusal).await.unwrap());
    (grant.status, grant.last_error) = (refused, refusal.error.clone());
    (grant.trouble, grant.tokens.next_refresh_at) = (refusal.trouble, None);
    assert_eq!(grants.get(grant.id).await.unwrap().as_ref(), Some(&grant));

    let pause = Setback {
        status: Status::RefreshFailing,
        error: None,
        trouble: Trouble::default(),
        next_refresh_at: Some(at(90)),
    };
    assert!(grants.set_back(grant.id, 1, &pause).await.unwrap());
    (grant.status, grant.last_error) = (pause.status, None);
    (grant.trouble, grant.tokens.next_refresh_at) = (pause.trouble, Some(at(90)));
    assert_eq!(grants.get(grant.id).await.unwrap(), Some(grant));
    assert_eq!(grants.commits().await.unwrap(), 0);
}

/// And whoever was refreshing it meanwhile cannot put one in.
pub async fn an_ended_grant_has_no_tokens(db: Db) {
    let place = Place::new(&db).await;
    let mut grant = saved_grant(&db, place).await;
    let over = Status::Cancelled(CancelReason::Deauthorized);
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    assert!(grants.end(grant.id, over).await.unwrap());
    assert!(!grants.end(new_id(), over).await.unwrap());
    let late = grants
        .commit_refresh(grant.id, 1, &tokens(2), &[], Status::Healthy)
        .await;
    assert!(!late.unwrap());

    grant.status = over;
    grant.tokens.generation = 2;
    (grant.tokens.access_token, grant.tokens.refresh_token) = (None, None);
    (grant.tokens.expires_at, grant.tokens.next_refresh_at) = (None, None);
    assert_eq!(grants.get(grant.id).await.unwrap(), Some(grant));
    assert!(grants.due(at(1_000_000), 10, &[]).await.unwrap().is_empty());
}

/// Those without an expiry last; of those that expire together the one used last is first; none
/// before its time; no more than asked for.
pub async fn the_due_ones_come_soonest_expiry_first(db: Db) {
    let place = Place::new(&db).await;
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    let mut ids = Vec::new();
    for (due, expires) in [
        (Some(10), Some(300)),
        (Some(50), Some(200)),
        (Some(20), None),
        (Some(100), Some(100)),
        (Some(101), Some(90)),
        (None, Some(80)),
        (Some(60), Some(200)),
        (Some(70), Some(200)),
    ] {
        let mut grant = place.grant(new_id());
        grant.tokens.next_refresh_at = due.map(at);
        grant.tokens.expires_at = expires.map(at);
        grants.insert(&grant).await.unwrap();
        ids.push(grant.id);
    }
    let uses = [(ids[6], at(30)), (ids[7], at(40)), (new_id(), at(50))];
    grants.note_uses(&uses).await.unwrap();
    let due = grants.due(at(100), 10, &[]).await.unwrap();
    let first = &due[0];
    assert_eq!(first.workspace_id, place.workspace);
    assert_eq!(first.provider, "azure-devops");
    let due: Vec<_> = due.into_iter().map(|due| due.id).collect();
    assert_eq!(due, [ids[3], ids[7], ids[6], ids[1], ids[0], ids[2]]);
    let two = grants.due(at(100), 2, &[]).await.unwrap();
    assert_eq!(
        two.into_iter().map(|due| due.id).collect::<Vec<_>>(),
        due[..2]
    );
    assert!(grants.due(at(9), 10, &[]).await.unwrap().is_empty());

    let mut other = place.grant(new_id());
    "other".clone_into(&mut other.client.provider);
    other.tokens.next_refresh_at = Some(at(1));
    grants.insert(&other).await.unwrap();
    let except = texts(&["azure-devops", "third"]);
    let due = grants.due(at(100), 10, &except).await.unwrap();
    assert_eq!(
        due.into_iter().map(|due| due.id).collect::<Vec<_>>(),
        [other.id]
    );
}

/// Except where there is nothing to refresh with.
pub async fn the_next_refresh_is_set(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let mut over = place.grant(new_id());
    over.tokens = TokenSet::none();
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    grants.insert(&over).await.unwrap();
    let times = [(grant.id, at(5)), (over.id, at(5)), (new_id(), at(5))];
    grants.schedule(&times).await.unwrap();
    let due = grants.due(at(5), 10, &[]).await.unwrap();
    assert_eq!(
        due.into_iter().map(|due| due.id).collect::<Vec<_>>(),
        [grant.id]
    );
}

/// The clock that the times were taken from was set back.
pub async fn the_schedule_is_brought_forward(db: Db) {
    let place = Place::new(&db).await;
    let grant = saved_grant(&db, place).await;
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    grants.schedule(&[(grant.id, at(700))]).await.unwrap();
    let by = chrono::TimeDelta::seconds(600);
    grants.bring_forward(by).await.unwrap();
    let stored = grants.get(grant.id).await.unwrap().unwrap();
    assert_eq!(stored.tokens.next_refresh_at, Some(at(100)));
}

/// After a restore nothing of these providers is refreshed until somebody says so.
pub async fn grants_are_held_and_resumed(db: Db) {
    let place = Place::new(&db).await;
    let held = saved_grant(&db, place).await;
    let mut other = place.grant(new_id());
    "other".clone_into(&mut other.client.provider);
    let mut resting = place.grant(new_id());
    resting.tokens.next_refresh_at = None;
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    grants.insert(&other).await.unwrap();
    grants.insert(&resting).await.unwrap();

    let restored = Status::ReauthorizationNeeded(ReauthorizationReason::DatabaseRestored);
    let providers = texts(&["azure-devops", "third"]);
    assert_eq!(grants.hold(&providers, restored).await.unwrap(), [held.id]);
    let stored = grants.get(held.id).await.unwrap().unwrap();
    assert_eq!(stored.status, restored);
    assert_eq!(stored.tokens.next_refresh_at, None);
    assert_eq!(stored.tokens.refresh_token, held.tokens.refresh_token);
    assert_eq!(grants.get(other.id).await.unwrap(), Some(other));
    assert_eq!(grants.get(resting.id).await.unwrap(), Some(resting));

    assert_eq!(grants.resume(restored, at(9)).await.unwrap(), [held.id]);
    let stored = grants.get(held.id).await.unwrap().unwrap();
    assert_eq!(stored.status, Status::Healthy);
    assert_eq!(stored.tokens.next_refresh_at, Some(at(9)));
    assert!(grants.resume(restored, at(9)).await.unwrap().is_empty());
}

/// Tokens that nobody came back for are not kept for ever.
pub async fn abandoned_grants_are_wiped(db: Db) {
    let place = Place::new(&db).await;
    let needs = Status::ReauthorizationNeeded(ReauthorizationReason::Refused);
    let mut transaction = write(&db).await;
    let mut grants = transaction.grants();
    let mut ids = Vec::new();
    for (status, since) in [
        (needs, Some(10)),
        (needs, Some(20)),
        (Status::RefreshFailing, Some(10)),
        (needs, None),
    ] {
        let mut grant = place.grant(new_id());
        grant.status = status;
        grant.trouble.since = since.map(at);
        grants.insert(&grant).await.unwrap();
        ids.push(grant.id);
    }
    assert_eq!(grants.wipe_abandoned(at(20), 9).await.unwrap(), [ids[0]]);
    let wiped = grants.get(ids[0]).await.unwrap().unwrap();
    assert_eq!(wiped.status, needs);
    assert_eq!(wiped.tokens.generation, 2);
    assert_eq!(wiped.tokens.access_token, None);
    assert_eq!(wiped.tokens.refresh_token, None);
    assert!(grants.wipe_abandoned(at(20), 9).await.unwrap().is_empty());
}
