//! The ground truth: every token request, what it spent and what it got. No token is in it, only fingerprints.

use std::collections::VecDeque;

use base64::Engine as _;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::dialects::Dialect;

/// Enough for the largest storm; beyond it the oldest entries go, the totals stay.
const CAPACITY: usize = 500_000;

/// The first 16 hex digits of the SHA-256 of a code or token: how the ledger names it.
pub fn fingerprint(token: &str) -> String {
    fingerprint_of(&Sha256::digest(token.as_bytes()))
}

/// The fingerprint of a token of which the hash is known.
pub(crate) fn fingerprint_of(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter()
        .take(8)
        .fold(String::with_capacity(16), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The whole SHA-256 in base64url: the PKCE transformation S256 (RFC 7636 §4.2).
pub(crate) fn s256(verifier: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// How a token request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Tokens were made. Whether they arrived is another matter: see `dropped` and `status`.
    Issued,
    /// The request was refused.
    Refused,
    /// A canned answer was given and the request not looked at.
    Canned,
}

/// One token request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Counts from 1, without gaps.
    pub number: u64,
    /// When the request was processed.
    pub time: DateTime<Utc>,
    /// The endpoint's dialect.
    pub dialect: Dialect,
    /// The client, when one was named or found by its secret.
    pub client_id: Option<String>,
    /// As sent.
    pub grant_type: Option<String>,
    /// [`fingerprint`] of the code or refresh token that was sent.
    pub spent: Option<String>,
    /// Fingerprint of the access token made.
    pub got_access: Option<String>,
    /// Fingerprint of the refresh token made.
    pub got_refresh: Option<String>,
    /// How it ended.
    pub result: Outcome,
    /// The OAuth error answered.
    pub error: Option<String>,
    /// Why it was refused, in words.
    pub reason: Option<String>,
    /// The status answered, also when the answer was dropped.
    pub status: u16,
    /// The code or refresh token had been spent before, whether or not that was forgiven this time.
    pub double_spend: bool,
    /// This request killed its family.
    pub family_revoked: bool,
    /// The connection was closed in place of an answer.
    pub dropped: bool,
    /// All tokens that come from one consent share it.
    pub family: Option<String>,
    /// The account's short name.
    pub account: Option<String>,
}

/// Counts over all requests since the start or the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerTotals {
    /// All token requests.
    pub requests: u64,
    /// Those that made tokens.
    pub issued: u64,
    /// Those refused.
    pub refused: u64,
    /// Those answered with a canned answer.
    pub canned: u64,
    /// Those that sent something spent before.
    pub double_spends: u64,
    /// Families killed by reuse.
    pub families_revoked: u64,
    /// Revocations asked for by clients (RFC 7009), those answered with `revocation_status` too.
    pub revocation_requests: u64,
    /// Revocations done.
    pub revocations: u64,
}

/// Every token request since the start or the last reset.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Counts over all requests.
    pub totals: LedgerTotals,
    /// The requests, oldest first.
    pub entries: VecDeque<LedgerEntry>,
}

/// All tokens of one consent, as they stand now (`GET /_sandbox/families`). What a client keeps is lost when it is not
/// among `unspent`: the provider would not take it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyState {
    /// The client they were given to.
    pub client_id: String,
    /// The account's short name.
    pub account: String,
    /// Every token of the family has been revoked.
    pub dead: bool,
    /// [`fingerprint`]s of the refresh tokens that have neither been used nor expired. More than one when a spent one
    /// was forgiven.
    pub unspent: Vec<String>,
}

impl Ledger {
    /// Adds an entry and gives it its number.
    pub(crate) fn record(&mut self, mut entry: LedgerEntry) {
        self.totals.requests += 1;
        match entry.result {
            Outcome::Issued => self.totals.issued += 1,
            Outcome::Refused => self.totals.refused += 1,
            Outcome::Canned => self.totals.canned += 1,
        }
        self.totals.double_spends += u64::from(entry.double_spend);
        self.totals.families_revoked += u64::from(entry.family_revoked);
        entry.number = self.totals.requests;
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_and_challenges_are_the_known_ones() {
        // NIST's vector for "abc".
        assert_eq!(fingerprint("abc"), "ba7816bf8f01cfea");
        // RFC 7636, appendix B.
        assert_eq!(
            s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
