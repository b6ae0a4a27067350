//! Another account than before: it is asked about before it replaces the one in use.
//!
//! In the form the answer is kept with the draft, and Save waits for it. Over a connect link nobody
//! may be signed in here, so the browser that consented is asked, once and for ten minutes.

use super::ConsentError;
use crate::{
    Broker,
    access::{Actor, Permission, SessionUser},
    error::{Fault, WriteError},
    events::GrantEvent,
    grants::deauthorized,
};
use model::{
    AuthorizationId, GrantId,
    account::{AccountComparison, AccountInfo, AccountQuestion},
    authorization::Editor,
    status::{CancelReason, Status},
};
use secrecy::{ExposeSecret, SecretString};
use storage::{
    Change, Transaction, authorizations::AuthorizationRecord, drafts::DraftRecord,
    flows::FlowRecord, grants::GrantRecord, waiting_consents::WaitingConsent,
};
use vault::{hash_token, hashes_equal, random_token};

/// Consents that nobody answered, forgotten in one go.
const SWEEP_AT_ONCE: u32 = 100;

/// Whose account to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChoice {
    /// The one that signed in now.
    New,
    /// The one so far: the new consent is given up.
    Old,
}

/// What the browser of a connect link is asked. It need not be known here, so names are masked but
/// for the one that signed in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkQuestion {
    /// What the authorization is called.
    pub authorization: String,
    /// The account so far, masked.
    pub before: String,
    /// The account that signed in now.
    pub now: String,
    /// The account so far was deactivated.
    pub expected: bool,
}

impl Broker {
    /// Answers the question that a draft's consent raised. Keeping the old account revokes the new
    /// consent; the edits stay in either case.
    pub async fn answer_account(
        &self,
        user: &SessionUser,
        id: AuthorizationId,
        choice: AccountChoice,
    ) -> Result<Editor, WriteError> {
        let actor = Actor::from(user);
        let workspace = actor.require(Permission::Manage)?;
        let person = user.user.id;
        let mut tx = self.write().await?;
        let draft = tx.drafts().get(workspace, person, id).await?;
        let mut draft = draft.ok_or(WriteError::NotFound("draft"))?;
        match choice {
            AccountChoice::New => {
                draft.account_confirmed = draft.grant_id.is_some();
                tx.drafts().put(&draft).await?;
            }
            AccountChoice::Old => self.drop_draft_grant(&mut *tx, &actor, id).await?,
        }
        let editor = self.editor_in(&mut *tx, workspace, person, id).await?;
        tx.save().await?;
        editor.ok_or(WriteError::NotFound("authorization"))
    }

    /// The question that a draft's consent raises and nobody has answered.
    pub(crate) async fn open_question(
        &self,
        tx: &mut dyn Transaction,
        stored: &AuthorizationRecord,
        draft: &DraftRecord,
    ) -> Result<Option<AccountQuestion>, Fault> {
        let (Some(grant), false) = (draft.grant_id, draft.account_confirmed) else {
            return Ok(None);
        };
        let now = tx.grants().get(grant).await?;
        let account = now.and_then(|now| now.account);
        question(tx, stored, account.as_ref()).await
    }

    /// Points an authorization to a new consent and ends the one before. `secrets` are those the
    /// client had, if they are no longer stored.
    pub(crate) async fn put_consent(
        &self,
        tx: &mut dyn Transaction,
        stored: &AuthorizationRecord,
        grant: GrantId,
        secrets: Vec<SecretString>,
    ) -> Result<(), Fault> {
        let workspace = stored.workspace_id;
        let before = match stored.grant_id {
            Some(id) => tx.grants().get(id).await?,
            None => None,
        };
        tx.authorizations()
            .set_grant(workspace, stored.id, Some(grant))
            .await?;
        let new = tx.grants().get(grant).await?;
        if let Some(new) = new {
            let status = before
                .as_ref()
                .map_or(Status::Never, |before| before.status);
            let again = before.is_some();
            self.grant_happened(tx, &new, status, GrantEvent::Consented { again })
                .await?;
        }
        if let Some(old) = stored.grant_id.filter(|old| *old != grant) {
            self.retire_unless_published(tx, old, deauthorized(), secrets)
                .await?;
        }
        tx.announce(Change::Grant(workspace, grant));
        tx.announce(Change::Configuration(workspace));
        Ok(())
    }

    /// Stores what came over a connect link, or lets it wait for the person's word when it is
    /// another account. Answers where the browser goes.
    pub(super) async fn put_linked_consent(
        &self,
        tx: &mut dyn Transaction,
        flow: &FlowRecord,
        stored: &AuthorizationRecord,
        grant: GrantId,
        account: Option<&AccountInfo>,
    ) -> Result<Option<SecretString>, Fault> {
        // Whoever consented last is who is asked.
        self.drop_waiting_consents(tx, stored.id).await?;
        if question(tx, stored, account).await?.is_none() {
            self.put_consent(tx, stored, grant, Vec::new()).await?;
            return Ok(None);
        }
        let token = random_token(&mut *self.rng(), 32);
        tx.waiting_consents()
            .insert(&WaitingConsent {
                hash: hash_token(token.expose_secret()),
                workspace_id: stored.workspace_id,
                authorization_id: stored.id,
                grant_id: grant,
                browser_hash: flow.browser_hash,
                expires_at: self.now() + super::FLOW_LIFETIME,
            })
            .await?;
        Ok(Some(token))
    }

    /// What the browser of a connect link is asked.
    pub async fn link_question(
        &self,
        token: &str,
        browser: Option<&str>,
    ) -> Result<LinkQuestion, ConsentError> {
        let mut tx = self.read().await?;
        let (_, stored, grant) = self.waiting(&mut *tx, token, browser).await?;
        let question = question(&mut *tx, &stored, grant.account.as_ref())
            .await?
            .ok_or(ConsentError::QuestionInvalid)?;
        Ok(LinkQuestion {
            authorization: stored.name,
            before: question.before.masked_label(),
            now: question.now.label().to_owned(),
            expected: question.expected,
        })
    }

    /// Takes the answer, once.
    pub async fn answer_link(
        &self,
        token: &str,
        browser: Option<&str>,
        choice: AccountChoice,
    ) -> Result<(), ConsentError> {
        let mut tx = self.write().await?;
        let (waiting, stored, grant) = self.waiting(&mut *tx, token, browser).await?;
        if !tx.waiting_consents().consume(&waiting.hash).await? {
            return Err(ConsentError::QuestionInvalid);
        }
        match choice {
            AccountChoice::New => {
                self.put_consent(&mut *tx, &stored, grant.id, Vec::new())
                    .await?;
            }
            AccountChoice::Old => self.retire(&mut *tx, grant.id, deauthorized()).await?,
        }
        tx.save().await?;
        Ok(())
    }

    /// The consent that waits, if it is this browser's (S2).
    async fn waiting(
        &self,
        tx: &mut dyn Transaction,
        token: &str,
        browser: Option<&str>,
    ) -> Result<(WaitingConsent, AuthorizationRecord, GrantRecord), ConsentError> {
        let waiting = tx.waiting_consents().get(&hash_token(token)).await?;
        let waiting = waiting
            .filter(|waiting| waiting.expires_at > self.now())
            .ok_or(ConsentError::QuestionInvalid)?;
        let same_browser = browser
            .is_some_and(|browser| hashes_equal(&hash_token(browser), &waiting.browser_hash));
        if !same_browser {
            return Err(ConsentError::NotYours);
        }
        let (workspace, id) = (waiting.workspace_id, waiting.authorization_id);
        let stored = tx.authorizations().get(workspace, id).await?;
        let grant = tx.grants().get(waiting.grant_id).await?;
        match (stored, grant) {
            (Some(stored), Some(grant)) => Ok((waiting, stored, grant)),
            _ => Err(ConsentError::QuestionInvalid),
        }
    }

    /// Gives up the consents of an authorization that wait for a word.
    pub(crate) async fn drop_waiting_consents(
        &self,
        tx: &mut dyn Transaction,
        id: AuthorizationId,
    ) -> Result<(), Fault> {
        let overtaken = tx.waiting_consents().take_of(id).await?;
        for waiting in overtaken {
            self.retire(tx, waiting.grant_id, deauthorized()).await?;
        }
        Ok(())
    }

    /// Gives up the consents that nobody answered in time.
    pub(crate) async fn forget_unanswered(&self, tx: &mut dyn Transaction) -> Result<(), Fault> {
        let now = self.now();
        let expired = tx
            .waiting_consents()
            .take_expired(now, SWEEP_AT_ONCE)
            .await?;
        for waiting in expired {
            self.retire(tx, waiting.grant_id, deauthorized()).await?;
        }
        Ok(())
    }
}

/// What to ask before a consent of `account` replaces the one in force or the last one.
async fn question(
    tx: &mut dyn Transaction,
    stored: &AuthorizationRecord,
    account: Option<&AccountInfo>,
) -> Result<Option<AccountQuestion>, Fault> {
    let Some(grant) = stored.grant_id else {
        return Ok(None);
    };
    let before = tx.grants().get(grant).await?;
    let Some(GrantRecord {
        account: Some(before),
        status,
        ..
    }) = before
    else {
        return Ok(None);
    };
    let other = AccountInfo::compare(Some(&before), account) == AccountComparison::Other;
    Ok(account.filter(|_| other).map(|now| AccountQuestion {
        before,
        now: now.clone(),
        expected: status == Status::Cancelled(CancelReason::AccountDisabled),
    }))
}
