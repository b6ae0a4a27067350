//! Cases of the lists of [`AuthorizationRepository`](crate::authorizations::AuthorizationRepository).

use super::fixture::{Db, Place, read, write};
use crate::authorizations::AuthorizationRecord;
use model::{
    authorization::AuthorizationFilter,
    health::StateGroup,
    status::{CancelReason, Status},
};

/// A workspace with authorizations of these names.
async fn with_names(db: &Db, names: &[&str]) -> Place {
    let place = Place::new(db).await;
    let mut transaction = write(db).await;
    for name in names {
        let record = place.authorization(name);
        transaction.authorizations().insert(&record).await.unwrap();
    }
    transaction.save().await.unwrap();
    place
}

fn names(records: &[AuthorizationRecord]) -> Vec<&str> {
    records.iter().map(|record| record.name.as_str()).collect()
}

async fn search(db: &Db, place: Place, text: &str) -> Vec<String> {
    let filter = AuthorizationFilter {
        search: Some(text.to_owned()),
        ..Default::default()
    };
    let mut transaction = read(db).await;
    let page = transaction
        .authorizations()
        .list(place.workspace, &filter)
        .await
        .unwrap();
    assert_eq!(page.next, None);
    page.records.into_iter().map(|record| record.name).collect()
}

/// In any case.
pub async fn all_are_listed_by_name(db: Db) {
    let place = with_names(&db, &["b", "Älter", "A", "älteste", "C"]).await;
    let mut transaction = read(&db).await;
    let mut authorizations = transaction.authorizations();
    let all = authorizations.all(place.workspace).await.unwrap();
    assert_eq!(names(&all), ["A", "b", "C", "Älter", "älteste"]);
    let page = authorizations
        .list(place.workspace, &AuthorizationFilter::default())
        .await
        .unwrap();
    assert_eq!((page.records, page.next), (all, None));
}

/// Both when the filter does not say.
pub async fn active_and_inactive_ones_are_told_apart(db: Db) {
    let place = Place::new(&db).await;
    let (on, mut off) = (place.authorization("On"), place.authorization("Off"));
    off.active = false;
    let mut transaction = write(&db).await;
    let mut authorizations = transaction.authorizations();
    authorizations.insert(&on).await.unwrap();
    authorizations.insert(&off).await.unwrap();
    for (active, expected) in [
        (Some(true), vec!["On"]),
        (Some(false), vec!["Off"]),
        (None, vec!["Off", "On"]),
    ] {
        let filter = AuthorizationFilter {
            active,
            ..Default::default()
        };
        let page = authorizations.list(place.workspace, &filter).await.unwrap();
        assert_eq!(names(&page.records), expected);
    }
}

/// By the status of the grant they mean; altered settings may need another consent.
pub async fn states_are_told_apart(db: Db) {
    let place = Place::new(&db).await;
    let mut transaction = write(&db).await;
    let cancelled = Status::Cancelled(CancelReason::Revoked);
    let grants = [
        ("Altered", Some(Status::Healthy)),
        ("Cancelled", Some(cancelled)),
        ("Never", None),
        ("Well", Some(Status::Healthy)),
    ];
    for (name, status) in grants {
        let mut authorization = place.authorization(name);
        if let Some(status) = status {
            let mut grant = place.grant(authorization.id);
            grant.client.settings = authorization.settings.clone();
            grant.status = status;
            authorization.grant_id = Some(grant.id);
            if name == "Altered" {
                authorization.settings.set("tenant", "another");
            }
            transaction.grants().insert(&grant).await.unwrap();
        }
        let mut authorizations = transaction.authorizations();
        authorizations.insert(&authorization).await.unwrap();
    }
    let mut authorizations = transaction.authorizations();
    for (state, expected) in [
        (StateGroup::Working, vec!["Altered", "Well"]),
        (StateGroup::ReauthorizationNeeded, vec!["Altered"]),
        (StateGroup::Cancelled, vec!["Cancelled"]),
        (StateGroup::Never, vec!["Never"]),
        (StateGroup::RefreshFailing, vec![]),
        (StateGroup::Misconfigured, vec![]),
    ] {
        let filter = AuthorizationFilter {
            state: Some(state),
            ..Default::default()
        };
        let page = authorizations.list(place.workspace, &filter).await.unwrap();
        assert_eq!(names(&page.records), expected, "{state:?}");
    }
}

/// Also beyond ASCII.
pub async fn a_search_finds_parts_of_names_in_any_case(db: Db) {
    let place = with_names(&db, &["Azure Boards", "GitHub", "Großes Büro"]).await;
    assert_eq!(search(&db, place, "BOARD").await, ["Azure Boards"]);
    assert_eq!(search(&db, place, "hub").await, ["GitHub"]);
    assert_eq!(search(&db, place, "BÜRO").await, ["Großes Büro"]);
    assert_eq!(search(&db, place, "").await.len(), 3);
    assert!(search(&db, place, "gitlab").await.is_empty());
}

/// So are backslashes and quotes.
pub async fn wildcards_in_a_search_are_literal(db: Db) {
    let place = with_names(&db, &["100% sure", "a_b", "acb", r"c\d", "it's"]).await;
    for (text, expected) in [
        ("%", "100% sure"),
        ("_", "a_b"),
        (r"\", r"c\d"),
        ("'", "it's"),
    ] {
        assert_eq!(search(&db, place, text).await, [expected]);
    }
}

/// Each entry once, in order, the last page without a cursor.
pub async fn pages_follow_each_other(db: Db) {
    let place = with_names(&db, &["e", "B", "Ä: ö", "d", "A"]).await;
    let mut transaction = read(&db).await;
    let mut filter = AuthorizationFilter {
        limit: Some(2),
        ..Default::default()
    };
    let mut pages = Vec::new();
    loop {
        let page = transaction
            .authorizations()
            .list(place.workspace, &filter)
            .await
            .unwrap();
        pages.push(names(&page.records).join(","));
        let Some(next) = page.next else { break };
        filter.cursor = Some(next);
    }
    assert_eq!(pages, ["A,B", "d,e", "Ä: ö"]);
}

/// A cursor is a place in the order, not an entry.
pub async fn a_page_begins_after_a_deleted_entry(db: Db) {
    let place = with_names(&db, &["a", "b", "c", "d"]).await;
    let mut transaction = write(&db).await;
    let mut authorizations = transaction.authorizations();
    let mut filter = AuthorizationFilter {
        limit: Some(2),
        ..Default::default()
    };
    let first = authorizations.list(place.workspace, &filter).await.unwrap();
    for record in &first.records {
        assert!(
            authorizations
                .delete(place.workspace, record.id)
                .await
                .unwrap()
        );
    }
    filter.cursor = first.next;
    let second = authorizations.list(place.workspace, &filter).await.unwrap();
    assert_eq!(names(&second.records), ["c", "d"]);
    assert_eq!(second.next, None);
}

/// Rather than failing, or hiding entries. A limit out of range is brought into it.
pub async fn a_foreign_cursor_lists_from_the_start(db: Db) {
    let place = with_names(&db, &["a", "b"]).await;
    let mut transaction = read(&db).await;
    for cursor in ["", "zzz", "%", "bmFtZTE6eDp5", "ÄÖ"] {
        let filter = AuthorizationFilter {
            cursor: Some(cursor.to_owned()),
            limit: Some(0),
            ..Default::default()
        };
        let page = transaction
            .authorizations()
            .list(place.workspace, &filter)
            .await
            .unwrap();
        assert_eq!(names(&page.records), ["a"], "{cursor}");
        assert!(page.next.is_some());
    }
}
