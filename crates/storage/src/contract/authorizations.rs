//! Cases of [`AuthorizationRepository`](crate::authorizations::AuthorizationRepository); those of
//! its lists are in [`lists`](super::lists).

use super::fixture::{
    Db, Place, assert_taken, at, ciphertext, hash, ids, lease, new_id, read, saved_authorization,
    secret, texts, write,
};
use crate::{
    Transaction,
    authorizations::{AuthorizationRecord, SecretRecord},
    grants::GrantRecord,
};
use model::{WorkspaceId, authorization::AuthorizationFilter};

/// With connectors in the order of the form.
pub async fn an_authorization_round_trips(db: Db) {
    let place = Place::new(&db).await;
    let connectors = ["C", "A", "B"].map(|name| place.connector(name));
    let mut full = place.authorization("Full");
    full.connectors = ids(&connectors);
    let mut bare = place.authorization("Bare");
    (bare.active, bare.scopes) = (false, Vec::new());
    let grant = place.grant(full.id);
    full.grant_id = Some(grant.id);

    let mut transaction = write(&db).await;
    for connector in &connectors {
        transaction.connectors().insert(connector).await.unwrap();
    }
    transaction.grants().insert(&grant).await.unwrap();
    transaction.authorizations().insert(&full).await.unwrap();
    transaction.authorizations().insert(&bare).await.unwrap();
    transaction.save().await.unwrap();

    let mut transaction = read(&db).await;
    let mut authorizations = transaction.authorizations();
    for record in [full, bare] {
        let stored = authorizations
            .get(place.workspace, record.id)
            .await
            .unwrap();
        assert_eq!(stored, Some(record));
    }
    let absent = authorizations.get(place.workspace, new_id()).await.unwrap();
    assert_eq!(absent, None);
}

/// In its workspace; another workspace has names of its own.
pub async fn a_name_is_taken_in_any_case(db: Db) {
    let mut transaction = write(&db).await;
    let one = Place::within(&mut *transaction, "one").await;
    let two = Place::within(&mut *transaction, "two").await;
    let mut authorizations = transaction.authorizations();
    authorizations
        .insert(&one.authorization("Ärger"))
        .await
        .unwrap();
    authorizations
        .insert(&two.authorization("äRGER"))
        .await
        .unwrap();
    let refused = authorizations.insert(&one.authorization("äRGER")).await;
    assert_taken(refused, "name");
}

/// The first of two who started from the same version wins, and its connectors replace the old ones.
pub async fn an_update_needs_the_version(db: Db) {
    let place = Place::new(&db).await;
    let connectors = ["A", "B", "C"].map(|name| place.connector(name));
    let [a, b, c] = connectors.each_ref().map(|connector| connector.id);
    let mut record = place.authorization("Boards");
    record.connectors = vec![a, b];
    let mut transaction = write(&db).await;
    for connector in &connectors {
        transaction.connectors().insert(connector).await.unwrap();
    }
    let mut authorizations = transaction.authorizations();
    authorizations.insert(&record).await.unwrap();

    record.name = "BOARDS".into();
    record.settings.set("tenant", "fabrikam");
    record.scopes = texts(&["vso.build"]);
    record.connectors = vec![c, a];
    record.active = false;
    record.updated_at = at(50);
    assert!(authorizations.update(&record).await.unwrap());
    let mut late = record.clone();
    (late.name, late.connectors) = ("Late".to_owned(), vec![b]);
    assert!(!authorizations.update(&late).await.unwrap());

    record.version = 2;
    let stored = authorizations
        .get(place.workspace, record.id)
        .await
        .unwrap();
    assert_eq!(stored, Some(record));
    let absent = place.authorization("Absent");
    assert!(!authorizations.update(&absent).await.unwrap());
}

/// Renaming to another's name is refused.
pub async fn an_update_cannot_take_a_name(db: Db) {
    let place = Place::new(&db).await;
    let (one, mut two) = (place.authorization("One"), place.authorization("Two"));
    let mut transaction = write(&db).await;
    let mut authorizations = transaction.authorizations();
    authorizations.insert(&one).await.unwrap();
    authorizations.insert(&two).await.unwrap();
    two.name = "ONE".into();
    assert_taken(authorizations.update(&two).await, "name");
}

/// A consent does not make the form of somebody who is editing out of date.
pub async fn a_grant_is_set_without_a_new_version(db: Db) {
    let place = Place::new(&db).await;
    let mut record = saved_authorization(&db, place, "A").await;
    let grant = place.grant(record.id);
    let mut transaction = write(&db).await;
    transaction.grants().insert(&grant).await.unwrap();
    let mut authorizations = transaction.authorizations();
    for grant_id in [Some(grant.id), None] {
        let set = authorizations
            .set_grant(place.workspace, record.id, grant_id)
            .await;
        assert!(set.unwrap());
        record.grant_id = grant_id;
        let stored = authorizations
            .get(place.workspace, record.id)
            .await
            .unwrap();
        assert_eq!(stored.as_ref(), Some(&record));
    }
    let elsewhere: WorkspaceId = new_id();
    assert!(
        !authorizations
            .set_grant(elsewhere, record.id, None)
            .await
            .unwrap()
    );
}

/// Neither to read nor to change it.
pub async fn other_workspaces_do_not_reach_it(db: Db) {
    let place = Place::new(&db).await;
    let record = saved_authorization(&db, place, "A").await;
    let elsewhere: WorkspaceId = new_id();
    let mut transaction = write(&db).await;
    let mut authorizations = transaction.authorizations();
    assert_eq!(
        authorizations.get(elsewhere, record.id).await.unwrap(),
        None
    );
    assert!(authorizations.all(elsewhere).await.unwrap().is_empty());
    assert!(
        authorizations
            .all_secrets(elsewhere)
            .await
            .unwrap()
            .is_empty()
    );
    let page = authorizations
        .list(elsewhere, &AuthorizationFilter::default())
        .await
        .unwrap();
    assert!(page.records.is_empty());
    assert!(!authorizations.delete(elsewhere, record.id).await.unwrap());
    let mut stolen = record.clone();
    stolen.workspace_id = elsewhere;
    assert!(!authorizations.update(&stolen).await.unwrap());
    let stored = authorizations
        .get(place.workspace, record.id)
        .await
        .unwrap();
    assert_eq!(stored, Some(record));
}

/// Secrets, drafts, flows, links, grants and leases go with it; those of another authorization stay.
pub async fn deleting_takes_along_what_belongs_to_it(db: Db) {
    let place = Place::new(&db).await;
    let mut gone = saved_authorization(&db, place, "Gone").await;
    let mut kept = saved_authorization(&db, place, "Kept").await;
    let mut transaction = write(&db).await;
    let gone_grant = furnish(&mut *transaction, place, &mut gone, 1).await;
    let kept_grant = furnish(&mut *transaction, place, &mut kept, 2).await;
    transaction.save().await.unwrap();

    let mut transaction = write(&db).await;
    let mut authorizations = transaction.authorizations();
    assert!(
        authorizations
            .delete(place.workspace, gone.id)
            .await
            .unwrap()
    );
    assert!(
        !authorizations
            .delete(place.workspace, gone.id)
            .await
            .unwrap()
    );
    drop(authorizations);
    transaction.save().await.unwrap();

    for (record, grant, seed, there) in [(gone, gone_grant, 1, false), (kept, kept_grant, 2, true)]
    {
        let mut transaction = write(&db).await;
        let stored = transaction
            .authorizations()
            .get(place.workspace, record.id)
            .await;
        assert_eq!(stored.unwrap().is_some(), there, "authorization");
        let secrets = transaction
            .authorizations()
            .secrets(record.id)
            .await
            .unwrap();
        assert_eq!(!secrets.is_empty(), there, "secrets");
        let draft = transaction
            .drafts()
            .get(place.workspace, place.user, record.id)
            .await;
        assert_eq!(draft.unwrap().is_some(), there, "draft");
        let flow = transaction.flows().get_by_state(&hash(seed)).await.unwrap();
        assert_eq!(flow.is_some(), there, "flow");
        let link = transaction
            .flows()
            .take_link(&hash(seed), at(0))
            .await
            .unwrap();
        assert_eq!(link.is_some(), there, "link");
        let stored = transaction.grants().get(grant.id).await.unwrap();
        assert_eq!(stored.is_some(), there, "grant");
        let lease = transaction.grants().lease(grant.id).await.unwrap();
        assert_eq!(lease.is_some(), there, "lease");
    }
}

/// Gives a stored authorization one of everything.
async fn furnish(
    transaction: &mut dyn Transaction,
    place: Place,
    record: &mut AuthorizationRecord,
    seed: u8,
) -> GrantRecord {
    let grant = place.grant(record.id);
    transaction.grants().insert(&grant).await.unwrap();
    let lease = lease(&grant, 1);
    assert!(transaction.grants().take_lease(&lease, None).await.unwrap());

    let connector = place.connector(&format!("Connector {seed}"));
    transaction.connectors().insert(&connector).await.unwrap();
    (record.connectors, record.grant_id) = (vec![connector.id], Some(grant.id));
    assert!(transaction.authorizations().update(record).await.unwrap());
    let secrets = [secret(record.id, "client_secret", 0, seed)];
    transaction
        .authorizations()
        .replace_secrets(record.id, "client_secret", &secrets)
        .await
        .unwrap();

    let mut draft = place.draft(record.id);
    draft.grant_id = Some(grant.id);
    transaction.drafts().put(&draft).await.unwrap();
    let (flow, link) = (place.flow(record.id, seed), place.link(record.id, seed));
    transaction.flows().insert(&flow).await.unwrap();
    transaction.flows().insert_link(&link).await.unwrap();
    grant
}

/// Replacing those of one field leaves the other field's alone.
pub async fn secrets_are_kept_by_field_and_position(db: Db) {
    let place = Place::new(&db).await;
    let record = saved_authorization(&db, place, "A").await;
    let key = secret(record.id, "api_key", 0, 1);
    let [old, new] = [0, 1].map(|position| secret(record.id, "client_secret", position, 2));
    let mut transaction = write(&db).await;
    let mut authorizations = transaction.authorizations();
    let both = [new, old.clone()];
    authorizations
        .replace_secrets(record.id, "client_secret", &both)
        .await
        .unwrap();
    let [new, _] = both;
    authorizations
        .replace_secrets(record.id, "api_key", std::slice::from_ref(&key))
        .await
        .unwrap();
    let stored = authorizations.secrets(record.id).await.unwrap();
    assert_eq!(stored, [key.clone(), old, new]);

    let mut only = secret(record.id, "client_secret", 0, 3);
    (only.ends_in, only.expires_on) = (None, None);
    let replaced = authorizations
        .replace_secrets(record.id, "client_secret", std::slice::from_ref(&only))
        .await;
    replaced.unwrap();
    let stored = authorizations.secrets(record.id).await.unwrap();
    assert_eq!(stored, [key.clone(), only.clone()]);
    assert_eq!(
        authorizations.all_secrets(place.workspace).await.unwrap(),
        stored
    );

    authorizations
        .replace_secrets(record.id, "client_secret", &[])
        .await
        .unwrap();
    assert_eq!(authorizations.secrets(record.id).await.unwrap(), [key]);
}

/// Of the secret that is tried first.
pub async fn a_secrets_expiry_can_be_corrected(db: Db) {
    let place = Place::new(&db).await;
    let record = saved_authorization(&db, place, "A").await;
    let field = "client_secret";
    let mut transaction = write(&db).await;
    let mut authorizations = transaction.authorizations();
    let absent = authorizations
        .set_secret_expiry(record.id, field, None)
        .await;
    assert!(!absent.unwrap());
    let secrets = [0, 1].map(|position| secret(record.id, field, position, 1));
    authorizations
        .replace_secrets(record.id, field, &secrets)
        .await
        .unwrap();
    let corrected = authorizations
        .set_secret_expiry(record.id, field, None)
        .await;
    assert!(corrected.unwrap());
    let [mut first, second] = secrets;
    first.expires_on = None;
    assert_eq!(first.value, ciphertext(1));
    assert_eq!(
        authorizations.secrets(record.id).await.unwrap(),
        [first, second]
    );
}

/// The one that worked last, among those of its field.
pub async fn one_secret_is_in_use(db: Db) {
    let place = Place::new(&db).await;
    let record = saved_authorization(&db, place, "A").await;
    let other_field = secret(record.id, "api_key", 0, 1);
    let [first, second] = [0, 1].map(|position| secret(record.id, "client_secret", position, 2));
    let mut transaction = write(&db).await;
    let mut authorizations = transaction.authorizations();
    let both = [first.clone(), second.clone()];
    for (field, secrets) in [
        ("client_secret", &both[..]),
        ("api_key", std::slice::from_ref(&other_field)),
    ] {
        authorizations
            .replace_secrets(record.id, field, secrets)
            .await
            .unwrap();
    }
    assert!(
        authorizations
            .secret_worked(second.id, at(60))
            .await
            .unwrap()
    );
    assert!(
        !authorizations
            .secret_worked(new_id(), at(60))
            .await
            .unwrap()
    );
    let expected = [
        other_field,
        SecretRecord {
            in_use: false,
            ..first
        },
        SecretRecord {
            in_use: true,
            last_worked_at: Some(at(60)),
            ..second
        },
    ];
    assert_eq!(authorizations.secrets(record.id).await.unwrap(), expected);
}

/// Whatever points to them; not those that are over, nor another authorization's.
pub async fn grants_with_tokens_are_found(db: Db) {
    let place = Place::new(&db).await;
    let record = saved_authorization(&db, place, "A").await;
    let [live, access_only, over, others] = [0; 4].map(|_| place.grant(record.id));
    let access_only = GrantRecord {
        tokens: crate::grants::TokenSet {
            refresh_token: None,
            ..access_only.tokens
        },
        ..access_only
    };
    let others = GrantRecord {
        authorization_id: new_id(),
        ..others
    };
    let mut transaction = write(&db).await;
    for grant in [&live, &access_only, &over, &others] {
        transaction.grants().insert(grant).await.unwrap();
    }
    transaction
        .grants()
        .end(over.id, over.status)
        .await
        .unwrap();
    let found = transaction.authorizations().live_grants(record.id).await;
    assert_eq!(found.unwrap(), [live.id, access_only.id]);
}
