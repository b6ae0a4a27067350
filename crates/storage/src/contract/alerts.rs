//! Cases of [`NotificationRepository`](crate::notifications::NotificationRepository): the memory of
//! what was told.

use super::fixture::{Db, Place, at, new_id, saved_authorization, write};
use crate::notifications::{AlertRecord, subject};
use model::{AuthorizationId, GrantId, status::Status};

fn alert(subject: &str, told: &str) -> AlertRecord {
    AlertRecord {
        subject: subject.to_owned(),
        told: told.to_owned(),
        since: at(1),
    }
}

/// Of a subject the last thing told is known.
pub async fn an_alert_replaces_the_last_one(db: Db) {
    let workspace = Place::new(&db).await.workspace;
    let mut tx = write(&db).await;
    let mut notifications = tx.notifications();
    assert_eq!(
        notifications
            .alert(workspace, "secret:1")
            .await
            .expect("read"),
        None
    );
    for told in ["30", "7"] {
        notifications
            .put_alert(workspace, &alert("secret:1", told))
            .await
            .expect("put");
    }
    notifications
        .put_alert(workspace, &alert("other:1", "x"))
        .await
        .expect("put");
    let found = notifications
        .alert(workspace, "secret:1")
        .await
        .expect("read");
    assert_eq!(found, Some(alert("secret:1", "7")));
    let secrets = notifications
        .alerts(workspace, "secret:")
        .await
        .expect("read");
    assert_eq!(secrets, [alert("secret:1", "7")]);
    assert!(
        notifications
            .delete_alert(workspace, "secret:1")
            .await
            .expect("deleted")
    );
    assert!(
        !notifications
            .delete_alert(workspace, "secret:1")
            .await
            .expect("deleted")
    );
}

/// Members join once, leave, and go when they are deleted.
pub async fn an_alert_knows_whom_it_concerns(db: Db) {
    let place = Place::new(&db).await;
    let workspace = place.workspace;
    let first = saved_authorization(&db, place, "Boards").await.id;
    let second = saved_authorization(&db, place, "Builds").await.id;
    let mut tx = write(&db).await;
    let mut notifications = tx.notifications();
    let subject = "registration:azure-devops/c0ffee";
    notifications
        .put_alert(workspace, &alert(subject, "refused"))
        .await
        .expect("put");
    for id in [first, second, first] {
        notifications
            .join_alert(workspace, subject, id)
            .await
            .expect("joined");
    }
    assert_eq!(
        notifications
            .joined(workspace, subject)
            .await
            .expect("read"),
        2
    );
    let left = notifications
        .leave_alerts(workspace, first)
        .await
        .expect("left");
    assert_eq!(left, [(subject.to_owned(), 1)]);
    assert_eq!(
        notifications
            .leave_alerts(workspace, first)
            .await
            .expect("left"),
        []
    );
    drop(notifications);
    tx.authorizations()
        .delete(workspace, second)
        .await
        .expect("deleted");
    assert_eq!(
        tx.notifications()
            .joined(workspace, subject)
            .await
            .expect("read"),
        0
    );
}

/// What is deleted leaves no memory.
pub async fn alerts_go_with_their_authorization(db: Db) {
    let place = Place::new(&db).await;
    let workspace = place.workspace;
    let id = saved_authorization(&db, place, "Boards").await.id;
    let subjects = [subject::authorization(id), subject::published(id)];
    let mut tx = write(&db).await;
    for subject in &subjects {
        tx.notifications()
            .put_alert(workspace, &alert(subject, "failing"))
            .await
            .expect("put");
    }
    tx.authorizations()
        .delete(workspace, id)
        .await
        .expect("deleted");
    for subject in &subjects {
        assert_eq!(
            tx.notifications()
                .alert(workspace, subject)
                .await
                .expect("read"),
            None
        );
    }
}

/// Saves a grant that has been failing since `since`; the authorization points to it or does not.
async fn failing(db: &Db, place: Place, id: AuthorizationId, since: i64, stored: bool) -> GrantId {
    let mut grant = place.grant(id);
    grant.status = Status::RefreshFailing;
    grant.trouble.since = Some(at(since));
    let mut tx = write(db).await;
    tx.grants().insert(&grant).await.expect("inserted");
    if stored {
        let set = tx
            .authorizations()
            .set_grant(place.workspace, id, Some(grant.id))
            .await;
        assert!(set.expect("set"));
    }
    tx.save().await.expect("saved");
    grant.id
}

/// Of stored authorizations alone, and not once it was told.
pub async fn what_fails_for_long_is_found_until_it_is_told(db: Db) {
    let place = Place::new(&db).await;
    let workspace = place.workspace;
    let id = saved_authorization(&db, place, "Boards").await.id;
    let stored = failing(&db, place, id, 20, true).await;
    let published = failing(&db, place, id, 10, false).await;
    failing(&db, place, id, 90, false).await;
    // Of a form that was never saved.
    failing(&db, place, new_id(), 10, false).await;
    let mut tx = write(&db).await;
    let found = tx
        .notifications()
        .failing_untold(at(50))
        .await
        .expect("read");
    let ids: Vec<_> = found.iter().map(|one| one.grant_id).collect();
    assert_eq!(ids, [published, stored]);
    assert_eq!(found[0].since, at(10));
    assert_eq!(
        (found[0].workspace_id, found[0].authorization_id),
        (workspace, id)
    );

    let told = alert(&subject::authorization(id), "failing");
    tx.notifications()
        .put_alert(workspace, &told)
        .await
        .expect("put");
    let found = tx
        .notifications()
        .failing_untold(at(50))
        .await
        .expect("read");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].grant_id, published);

    let outage = alert("outage:azure-devops", "failing");
    tx.notifications()
        .put_alert(workspace, &outage)
        .await
        .expect("put");
    tx.notifications()
        .join_alert(workspace, &outage.subject, id)
        .await
        .expect("joined");
    assert_eq!(
        tx.notifications()
            .failing_untold(at(50))
            .await
            .expect("read"),
        []
    );
}
