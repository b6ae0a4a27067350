//! What Tokenry keeps, compared with what the provider would still take.

use super::{Grant, World, provider::Provider, text};
use broker::{
    Broker,
    seeding::{StoredTokens, stored_tokens},
};
use model::{
    GrantId,
    status::{ReauthorizationReason, Status, StatusLabel},
};
use sandbox::{FamilyState, LedgerTotals, fingerprint};
use std::collections::{BTreeMap, HashMap};

/// How grants have fared.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What is stored is not what the provider would take, and nobody is told.
    pub lost: Vec<GrantId>,
    /// The authorization says that an answer was lost, and what to do.
    pub flagged: Vec<GrantId>,
    /// Of those, how many have a token that the provider would still take.
    pub flagged_but_good: usize,
    /// Not authorized for another reason, though nobody took the consent back.
    pub dead: Vec<GrantId>,
    /// Still what was seeded.
    pub untouched: usize,
    /// The provider's own counts.
    pub totals: LedgerTotals,
}

/// Everything that is stored, by grant. What does not open fails the test.
pub async fn stored(world: &World) -> HashMap<GrantId, StoredTokens> {
    let house = world.open().await;
    let stored = stored_by(&house.broker, &*house.storage).await;
    house.storage.close().await;
    stored
}

async fn stored_by(
    broker: &Broker,
    storage: &dyn storage::Storage,
) -> HashMap<GrantId, StoredTokens> {
    stored_tokens(storage, broker.seeding_vault())
        .await
        .expect("the database can be read")
        .into_iter()
        .map(|read| read.expect("a stored token opens"))
        .map(|tokens| (tokens.grant, tokens))
        .collect()
}

/// Judges grants. No server may run: what it has in its journal would count as lost.
pub async fn judge(world: &World, grants: &[Grant]) -> Verdict {
    let stored = stored(world).await;
    let families = world.provider.families().await;
    let mut verdict = Verdict {
        totals: totals(&world.provider).await,
        ..Verdict::default()
    };
    for grant in grants {
        let tokens = &stored[&grant.id];
        let refresh_token = text(tokens.refresh_token.as_ref()).unwrap_or_default();
        if refresh_token == grant.refresh_token {
            verdict.untouched += 1;
        }
        let taken = takes(&families, &grant.family, &refresh_token);
        match tokens.status {
            Status::ReauthorizationNeeded(ReauthorizationReason::AnswerLost) => {
                verdict.flagged.push(grant.id);
                verdict.flagged_but_good += usize::from(taken);
            }
            status if status.label() == StatusLabel::NotAuthorized => {
                verdict.dead.push(grant.id);
            }
            _ if !taken => verdict.lost.push(grant.id),
            _ => {}
        }
    }
    verdict
}

/// Whether the provider would take this refresh token.
fn takes(families: &BTreeMap<String, FamilyState>, family: &str, refresh_token: &str) -> bool {
    let family = &families[family];
    !family.dead && family.unspent.contains(&fingerprint(refresh_token))
}

async fn totals(provider: &Provider) -> LedgerTotals {
    provider.ledger_since(u64::MAX).await.totals
}
