//! Cases of [`SealedRepository`](crate::sealed::SealedRepository).

use super::fixture::{
    Db, Place, ciphertext, new_id, read, saved_authorization, saved_grant, secret, write,
};
use super::notifications::channel;
use crate::{
    Transaction,
    sealed::{SealedColumn, SealedValue},
};
use model::notification::ChannelKind;
use uuid::Uuid;

async fn page(transaction: &mut dyn Transaction, column: SealedColumn) -> Vec<SealedValue> {
    transaction.sealed().page(column, 0, 10).await.unwrap()
}

/// Each with the row that it is bound to: opened there, it opens (S18).
pub async fn every_ciphertext_is_found(db: Db) {
    let place = Place::new(&db).await;
    let authorization = saved_authorization(&db, place, "A").await;
    let grant = saved_grant(&db, place).await;
    let secret = secret(authorization.id, "client_secret", 0, 1);
    let mut draft = place.draft(authorization.id);
    draft.form = ciphertext(2);
    let flow = place.flow(authorization.id, 3);
    let revocation = place.revocation(new_id());
    let webhook = channel(place.workspace, ChannelKind::Webhook);
    let mut transaction = write(&db).await;
    for column in SealedColumn::ALL {
        let is_grants = column.name().starts_with("grants.");
        let found = page(&mut *transaction, column).await.len();
        assert_eq!(found, usize::from(is_grants), "{}", column.name());
    }
    transaction
        .authorizations()
        .replace_secrets(
            authorization.id,
            "client_secret",
            std::slice::from_ref(&secret),
        )
        .await
        .unwrap();
    transaction.drafts().put(&draft).await.unwrap();
    transaction.flows().insert(&flow).await.unwrap();
    let inserted = transaction.revocations().insert(&revocation).await;
    inserted.unwrap();
    let inserted = transaction.notifications().insert_channel(&webhook).await;
    inserted.unwrap();

    for (column, id, value) in [
        (SealedColumn::ClientSecret, secret.id.0, Some(secret.value)),
        (
            SealedColumn::DraftForm,
            authorization.id.0,
            Some(draft.form),
        ),
        (SealedColumn::FlowDetails, flow.id.0, Some(flow.details)),
        (
            SealedColumn::AccessToken,
            grant.id.0,
            grant.tokens.access_token,
        ),
        (
            SealedColumn::RefreshToken,
            grant.id.0,
            grant.tokens.refresh_token,
        ),
        (
            SealedColumn::RevocationRequest,
            revocation.id.0,
            revocation.request,
        ),
        (SealedColumn::WebhookSecret, webhook.id.0, webhook.secret),
    ] {
        let found = page(&mut *transaction, column).await;
        let [found] = found.as_slice() else {
            panic!("{} gave {found:?}", column.name());
        };
        assert_eq!(found.workspace_id, place.workspace, "{}", column.name());
        assert_eq!(found.id, id, "{}", column.name());
        assert_eq!(Some(&found.value), value.as_ref(), "{}", column.name());
        let is_draft = column == SealedColumn::DraftForm;
        assert_eq!(found.user, is_draft.then_some(place.user));
    }
}

/// One page after another, none twice; what is empty is no ciphertext.
pub async fn ciphertexts_come_in_pages(db: Db) {
    let place = Place::new(&db).await;
    let mut ids: Vec<Uuid> = Vec::new();
    for _ in 0..5 {
        ids.push(saved_grant(&db, place).await.id.0);
    }
    let mut without = place.grant(new_id());
    without.tokens.refresh_token = None;
    let mut transaction = write(&db).await;
    transaction.grants().insert(&without).await.unwrap();
    transaction.save().await.unwrap();

    let mut transaction = read(&db).await;
    let (mut after, mut found) = (0, Vec::new());
    loop {
        let page = transaction
            .sealed()
            .page(SealedColumn::RefreshToken, after, 2)
            .await
            .unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = last.position;
        found.extend(page.iter().map(|value| value.id));
    }
    found.sort();
    ids.sort();
    assert_eq!(found, ids);
}
