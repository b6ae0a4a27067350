//! What is shown of revocations, and what a person can do where they did not work.

use crate::{
    Broker,
    access::{Actor, Permission},
    error::Fault,
};
use chrono::{DateTime, Utc};
use model::{
    AuthorizationId, WorkspaceId,
    revocation::{Revocation, RevocationState},
};
use storage::{Transaction, revocations::RevocationRecord};

/// Revocations of one authorization that are answered.
const SHOWN: u32 = 50;

impl Broker {
    /// What became of the consents of an authorization that ended, newest first; `None` when there
    /// is no such authorization, nor was one lately.
    pub async fn revocations(
        &self,
        actor: &Actor,
        id: AuthorizationId,
    ) -> Result<Option<Vec<Revocation>>, Fault> {
        let workspace = actor.require(Permission::Manage)?;
        let mut tx = self.read().await?;
        let found = self.revocations_of(&mut *tx, workspace, id, SHOWN).await?;
        let known = !found.is_empty() || tx.authorizations().get(workspace, id).await?.is_some();
        Ok(known.then_some(found))
    }

    /// The newest revocations of an authorization.
    pub(crate) async fn revocations_of(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        id: AuthorizationId,
        limit: u32,
    ) -> Result<Vec<Revocation>, Fault> {
        let records = tx
            .revocations()
            .of_authorization(workspace, id, limit)
            .await?;
        Ok(records
            .into_iter()
            .map(|record| self.shown(record))
            .collect())
    }

    fn shown(&self, record: RevocationRecord) -> Revocation {
        let hint = self
            .definition(&record.provider)
            .and_then(|provider| provider.revocation_hint());
        Revocation {
            id: record.id,
            advice: advice(record.state, record.token_ends_at, hint, self.now()),
            authorization_name: record.authorization_name,
            account: record.account,
            state: record.state,
            attempts: record.attempts,
            next_attempt_at: record.next_attempt_at,
            last_error: record.last_error,
            token_ends_at: record.token_ends_at,
            created_at: record.created_at,
            finished_at: record.finished_at,
        }
    }
}

/// What a person can do, and until when the last token works if they do not.
fn advice(
    state: RevocationState,
    token_ends_at: Option<DateTime<Utc>>,
    hint: Option<&str>,
    now: DateTime<Utc>,
) -> String {
    let to_do = match state {
        RevocationState::Pending | RevocationState::Done => return String::new(),
        RevocationState::NotOffered => hint.unwrap_or(
            "The provider offers apps no way to revoke. The account can remove the app in its settings there.",
        ),
        RevocationState::Failed => {
            "If it must not wait, the account can remove the app in its settings at the provider."
        }
    };
    let wiped = "Tokenry has wiped the tokens it had.";
    match token_ends_at {
        Some(end) if end > now => format!(
            "{wiped} The last access token ends by itself at {}. {to_do}",
            end.format("%Y-%m-%d %H:%M UTC")
        ),
        Some(_) => format!("{wiped} The last access token has ended. {to_do}"),
        None => format!("{wiped} {to_do}"),
    }
}

#[cfg(test)]
mod tests {
    use super::advice;
    use chrono::{DateTime, TimeDelta};
    use model::revocation::RevocationState;

    #[test]
    fn advice_says_how_long_the_token_works() {
        let now = DateTime::from_timestamp(1_795_500_000, 0).unwrap();
        let end = Some(now + TimeDelta::minutes(30));
        let not_offered = advice(RevocationState::NotOffered, end, Some("Ask Ada."), now);
        assert!(
            not_offered.ends_with("at 2026-11-24 06:30 UTC. Ask Ada."),
            "{not_offered}"
        );
        assert_eq!(
            advice(RevocationState::Done, end, Some("Ask Ada."), now),
            ""
        );
    }
}
