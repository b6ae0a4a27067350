//! Cases of [`FlowRepository`](crate::flows::FlowRepository).

use super::fixture::{Db, Place, at, hash, new_id, race, read, saved_authorization, user, write};
use crate::flows::FlowTarget;
use model::{AuthorizationId, WorkspaceId};

/// Expired or not, and of an authorization that need not be saved yet.
pub async fn a_flow_is_found_by_its_state(db: Db) {
    let place = Place::new(&db).await;
    let drafted = place.flow(new_id(), 1);
    let mut linked = place.flow(new_id(), 2);
    (linked.target, linked.user_id) = (FlowTarget::Stored, None);
    let mut transaction = write(&db).await;
    transaction.flows().insert(&drafted).await.unwrap();
    transaction.flows().insert(&linked).await.unwrap();
    transaction.save().await.unwrap();
    let mut transaction = read(&db).await;
    let mut flows = transaction.flows();
    assert_eq!(flows.get_by_state(&hash(1)).await.unwrap(), Some(drafted));
    assert_eq!(flows.get_by_state(&hash(2)).await.unwrap(), Some(linked));
    assert_eq!(flows.get_by_state(&hash(3)).await.unwrap(), None);
}

/// A state is good for one callback (S1).
pub async fn a_flow_is_used_up_by_one_caller(db: Db) {
    let place = Place::new(&db).await;
    let flow = place.flow(new_id(), 1);
    let mut transaction = write(&db).await;
    transaction.flows().insert(&flow).await.unwrap();
    transaction.save().await.unwrap();
    let winners = race(&db, move |mut transaction| async move {
        let won = transaction.flows().consume(flow.id).await.unwrap();
        (transaction, won)
    })
    .await;
    assert_eq!(winners, 1);
    let found = read(&db)
        .await
        .flows()
        .get_by_state(&hash(1))
        .await
        .unwrap();
    assert_eq!(found, None);
}

/// Each authorization once; not those whose time is over, nor another workspace's.
pub async fn open_flows_are_known(db: Db) {
    let place = Place::new(&db).await;
    let (twice, expired): (AuthorizationId, AuthorizationId) = (new_id(), new_id());
    let mut late = place.flow(expired, 3);
    late.expires_at = at(100);
    let mut transaction = write(&db).await;
    let mut flows = transaction.flows();
    for flow in [place.flow(twice, 1), place.flow(twice, 2), late] {
        flows.insert(&flow).await.unwrap();
    }
    assert_eq!(flows.open(place.workspace, at(100)).await.unwrap(), [twice]);
    assert_eq!(flows.open(place.workspace, at(99)).await.unwrap().len(), 2);
    let elsewhere: WorkspaceId = new_id();
    assert!(flows.open(elsewhere, at(0)).await.unwrap().is_empty());
}

/// One person's, or everybody's.
pub async fn flows_are_closed_together(db: Db) {
    let place = Place::new(&db).await;
    let colleague = user("colleague@example.com");
    let (one, other): (AuthorizationId, AuthorizationId) = (new_id(), new_id());
    let mut theirs = place.flow(one, 2);
    theirs.user_id = Some(colleague.id);
    let mut nobodys = place.flow(one, 3);
    (nobodys.target, nobodys.user_id) = (FlowTarget::Stored, None);
    let mut transaction = write(&db).await;
    transaction.users().insert(&colleague).await.unwrap();
    let mut flows = transaction.flows();
    for flow in [place.flow(one, 1), theirs, nobodys, place.flow(other, 4)] {
        flows.insert(&flow).await.unwrap();
    }
    assert_eq!(flows.close(one, Some(place.user)).await.unwrap(), 1);
    assert!(flows.get_by_state(&hash(1)).await.unwrap().is_none());
    assert!(flows.get_by_state(&hash(2)).await.unwrap().is_some());
    assert_eq!(flows.close(one, None).await.unwrap(), 2);
    assert_eq!(flows.close(one, None).await.unwrap(), 0);
    assert!(flows.get_by_state(&hash(4)).await.unwrap().is_some());
}

/// Of several browsers that open it, one begins a flow.
pub async fn a_link_works_once(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "A").await;
    let link = place.link(authorization.id, 1);
    let mut transaction = write(&db).await;
    transaction.flows().insert_link(&link).await.unwrap();
    transaction.save().await.unwrap();
    let winners = race(&db, move |mut transaction| {
        let link = link.clone();
        async move {
            let taken = transaction
                .flows()
                .take_link(&hash(1), at(0))
                .await
                .unwrap();
            let won = taken.is_some_and(|taken| taken == link);
            (transaction, won)
        }
    })
    .await;
    assert_eq!(winners, 1);
}

/// At the moment it expires it is over.
pub async fn a_link_expires(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "A").await;
    let link = place.link(authorization.id, 1);
    let mut transaction = write(&db).await;
    let mut flows = transaction.flows();
    flows.insert_link(&link).await.unwrap();
    assert_eq!(flows.take_link(&hash(2), at(0)).await.unwrap(), None);
    assert_eq!(
        flows.take_link(&hash(1), link.expires_at).await.unwrap(),
        None
    );
    assert_eq!(
        flows.take_link(&hash(1), at(3599)).await.unwrap(),
        Some(link)
    );
}

/// Those that ended before the time given.
pub async fn ended_flows_and_links_are_forgotten(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "A").await;
    let mut transaction = write(&db).await;
    let mut flows = transaction.flows();
    for (seed, end) in [(1, 99), (2, 100)] {
        let mut flow = place.flow(authorization.id, seed);
        let mut link = place.link(authorization.id, seed);
        (flow.expires_at, link.expires_at) = (at(end), at(end));
        flows.insert(&flow).await.unwrap();
        flows.insert_link(&link).await.unwrap();
    }
    assert_eq!(flows.delete_ended(at(100)).await.unwrap(), 2);
    assert!(flows.get_by_state(&hash(1)).await.unwrap().is_none());
    assert!(flows.get_by_state(&hash(2)).await.unwrap().is_some());
    assert!(flows.take_link(&hash(1), at(0)).await.unwrap().is_none());
    assert!(flows.take_link(&hash(2), at(0)).await.unwrap().is_some());
}
