//! An answer on its way into the database: what the journal holds of it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use model::{GrantId, SecretId, WorkspaceId};
use serde::{Deserialize, Serialize};
use storage::{Ciphertext, grants::TokenSet};
use uuid::Uuid;

use crate::{Broker, error::Fault, sealing::Column};

/// What a provider answered to a refresh.
pub(super) struct Answered {
    pub grant_id: GrantId,
    pub workspace_id: WorkspaceId,
    /// The generation whose refresh token was spent.
    pub generation: i64,
    /// The lease under which it was.
    pub holder: Uuid,
    /// The new tokens, each sealed for its column.
    pub tokens: TokenSet,
    /// What they may be used for.
    pub scopes: Vec<String>,
    /// The client secret that worked, if that is news.
    pub secret: Option<SecretId>,
}

/// The sealed part of a record. Its place is told by the two ids before it.
#[derive(Serialize, Deserialize)]
struct Record {
    generation: i64,
    holder: Uuid,
    access_token: Option<String>,
    refresh_token: Option<String>,
    token_type: String,
    expires_at: Option<DateTime<Utc>>,
    refreshed_at: Option<DateTime<Utc>>,
    next_refresh_at: Option<DateTime<Utc>>,
    scopes: Vec<String>,
    secret: Option<SecretId>,
}

impl Broker {
    /// A record of the journal.
    pub(super) fn seal_answer(&self, answered: &Answered) -> Result<Vec<u8>, Fault> {
        let tokens = &answered.tokens;
        let text = |sealed: &Option<Ciphertext>| {
            let sealed = sealed.as_ref();
            sealed.map(|Ciphertext(bytes)| BASE64_STANDARD.encode(bytes))
        };
        let record = Record {
            generation: answered.generation,
            holder: answered.holder,
            access_token: text(&tokens.access_token),
            refresh_token: text(&tokens.refresh_token),
            token_type: tokens.token_type.clone(),
            expires_at: tokens.expires_at,
            refreshed_at: tokens.refreshed_at,
            next_refresh_at: tokens.next_refresh_at,
            scopes: answered.scopes.clone(),
            secret: answered.secret,
        };
        let column = Column::JournalRecord(answered.grant_id);
        let Ciphertext(sealed) = self.seal_json(answered.workspace_id, column, &record)?;
        let mut bytes = answered.workspace_id.0.as_bytes().to_vec();
        bytes.extend(answered.grant_id.0.as_bytes());
        bytes.extend(sealed);
        Ok(bytes)
    }

    /// An answer out of the journal.
    pub(super) fn open_answer(&self, bytes: &[u8]) -> Result<Answered, Fault> {
        let unreadable = || Fault::Unreadable("a record of the journal");
        let (workspace, rest) = bytes.split_first_chunk::<16>().ok_or_else(unreadable)?;
        let (grant, sealed) = rest.split_first_chunk::<16>().ok_or_else(unreadable)?;
        let workspace_id = WorkspaceId(Uuid::from_bytes(*workspace));
        let grant_id = GrantId(Uuid::from_bytes(*grant));
        let sealed = Ciphertext(sealed.to_vec());
        let column = Column::JournalRecord(grant_id);
        let record: Record = self.open_json(workspace_id, column, &sealed)?;
        let bytes = |text: Option<String>| {
            text.map(|text| BASE64_STANDARD.decode(text).map(Ciphertext))
                .transpose()
                .map_err(|_| unreadable())
        };
        Ok(Answered {
            grant_id,
            workspace_id,
            generation: record.generation,
            holder: record.holder,
            tokens: TokenSet {
                generation: record.generation + 1,
                access_token: bytes(record.access_token)?,
                refresh_token: bytes(record.refresh_token)?,
                token_type: record.token_type,
                expires_at: record.expires_at,
                refreshed_at: record.refreshed_at,
                next_refresh_at: record.next_refresh_at,
            },
            scopes: record.scopes,
            secret: record.secret,
        })
    }
}
