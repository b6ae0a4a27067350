//! A connector says that the service does not take a token any more (401). A token whose lifetime
//! nobody knows is found out that way, and so is one that was revoked ahead of its time.

use chrono::TimeDelta;
use model::{AuthorizationId, GrantId, authorization::Token};

use super::Why;
use crate::{
    Broker,
    access::{Actor, Permission},
    error::Fault,
    runtime::TokenError,
};

/// A token that is younger than this is not refreshed again: another one would not fare better.
const YOUNG: TimeDelta = TimeDelta::seconds(60);

impl Broker {
    /// Takes the report, and gives a token that is not the one reported, if there is one to be had.
    /// One refresh, however many report it.
    pub async fn token_rejected(
        &self,
        actor: &Actor,
        id: AuthorizationId,
        generation: i64,
    ) -> Result<Token, TokenError> {
        let workspace = actor.require(Permission::ReadTokens)?;
        let published = self.run_time().published_grant(workspace, id);
        if let Some((_, Some(grant))) = published
            && self.run_time().generation(grant) == Some(generation)
            && !self.is_young(grant).await?
        {
            let why = Why::Read { seen: generation };
            self.refresh_grant(grant, why).await?;
        }
        self.token(actor, id).await
    }

    async fn is_young(&self, grant: GrantId) -> Result<bool, Fault> {
        let grant = self.read().await?.grants().get(grant).await?;
        Ok(grant.is_some_and(|grant| {
            let since = grant.tokens.refreshed_at.unwrap_or(grant.authorized_at);
            self.now() - since < YOUNG
        }))
    }
}
