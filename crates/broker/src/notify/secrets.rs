//! Client secrets that expire: told 30, 7 and 1 days before, and when it has happened.
//!
//! While one secret replaces another there are several. The one that lasts longest decides: as long
//! as it works, the end of an earlier one is nothing to worry about, and as long as nobody said when
//! one of them ends, none is known to be the last. Registrations shared by several authorizations
//! are told of in one message.

use super::{
    conditions::client_id,
    dependents::connectors_of,
    words::{self, ExpiringSecret},
};
use crate::{Broker, error::Fault};
use chrono::NaiveDate;
use model::{SecretId, WorkspaceId, authorization::AuthorizationRef};
use std::collections::{BTreeMap, HashMap};
use storage::{
    Transaction,
    authorizations::{AuthorizationRecord, SecretRecord},
    notifications::AlertRecord,
};

const SUBJECT: &str = "secret:";

/// How soon a secret ends, most urgent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Within30Days,
    Within7Days,
    Within1Day,
    Expired,
}

impl Stage {
    const ALL: [Self; 4] = [
        Self::Within30Days,
        Self::Within7Days,
        Self::Within1Day,
        Self::Expired,
    ];

    /// `None` while there is plenty of time. The day is the last one on which it works.
    fn of(expires_on: NaiveDate, today: NaiveDate) -> Option<Self> {
        match (expires_on - today).num_days() {
            ..0 => Some(Self::Expired),
            0..=1 => Some(Self::Within1Day),
            2..=7 => Some(Self::Within7Days),
            8..=30 => Some(Self::Within30Days),
            _ => None,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Within30Days => "30",
            Self::Within7Days => "7",
            Self::Within1Day => "1",
            Self::Expired => "expired",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }
}

/// What makes the secrets of several authorizations one message.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    provider: String,
    client_id: Option<String>,
    field: String,
    ends_in: Option<String>,
    expires_on: NaiveDate,
}

impl Broker {
    pub(super) async fn tell_expiring_secrets(&self) -> Result<(), Fault> {
        let workspaces = self.read().await?.users().workspaces().await?;
        for workspace in workspaces {
            self.tell_expiring_secrets_of(workspace.id).await?;
        }
        Ok(())
    }

    async fn tell_expiring_secrets_of(&self, workspace: WorkspaceId) -> Result<(), Fault> {
        let today = self.now().date_naive();
        let mut tx = self.read().await?;
        let deciding = deciding(tx.authorizations().all_secrets(workspace).await?);
        let quiet = tx
            .notifications()
            .alerts(workspace, SUBJECT)
            .await?
            .is_empty()
            && deciding
                .iter()
                .all(|(_, day)| Stage::of(*day, today).is_none());
        drop(tx);
        if quiet {
            return Ok(());
        }
        let mut tx = self.write().await?;
        let alerts = tx.notifications().alerts(workspace, SUBJECT).await?;
        let mut told: HashMap<String, Option<Stage>> = alerts
            .into_iter()
            .map(|alert| (alert.subject, Stage::parse(&alert.told)))
            .collect();
        let mut news: BTreeMap<Key, Vec<AuthorizationRecord>> = BTreeMap::new();
        for (secret, expires_on) in deciding {
            let subject = subject(secret.id);
            let Some(stage) = Stage::of(expires_on, today) else {
                continue;
            };
            let before = told.remove(&subject).flatten();
            if before == Some(stage) {
                continue;
            }
            let id = secret.authorization_id;
            let Some(record) = tx.authorizations().get(workspace, id).await? else {
                continue;
            };
            if !self.matters(&record) {
                continue;
            }
            self.remember(&mut *tx, workspace, subject, stage).await?;
            if before.is_none_or(|before| before < stage) {
                news.entry(key(&record, secret, expires_on))
                    .or_default()
                    .push(record);
            }
        }
        // What is left was replaced, deleted, no longer decides, or its day was corrected.
        for subject in told.into_keys() {
            tx.notifications().delete_alert(workspace, &subject).await?;
        }
        for (key, records) in news {
            self.tell_secret(&mut *tx, workspace, &key, &records, today)
                .await?;
        }
        tx.save().await?;
        Ok(())
    }

    /// Somebody uses it, or means to.
    pub(super) fn matters(&self, record: &AuthorizationRecord) -> bool {
        let served = self
            .run_time()
            .published_grant(record.workspace_id, record.id);
        record.active || served.is_some()
    }

    async fn remember(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        subject: String,
        stage: Stage,
    ) -> Result<(), Fault> {
        let alert = AlertRecord {
            subject,
            told: stage.as_str().to_owned(),
            since: self.now(),
        };
        Ok(tx.notifications().put_alert(workspace, &alert).await?)
    }

    async fn tell_secret(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        key: &Key,
        records: &[AuthorizationRecord],
        today: NaiveDate,
    ) -> Result<(), Fault> {
        let authorizations: Vec<_> = records
            .iter()
            .map(|record| AuthorizationRef {
                id: record.id,
                name: record.name.clone(),
            })
            .collect();
        let all: Vec<_> = records.iter().collect();
        let provider = self.provider_name(&key.provider);
        let secret = ExpiringSecret {
            authorizations: &authorizations,
            provider: &provider,
            client_id: key.client_id.as_deref(),
            ends_in: key.ends_in.as_deref(),
            expires_on: key.expires_on,
            connectors: connectors_of(tx, workspace, &all).await?,
        };
        self.tell(tx, workspace, words::secret_expiring(secret, today))
            .await
    }
}

fn key(record: &AuthorizationRecord, secret: SecretRecord, expires_on: NaiveDate) -> Key {
    Key {
        provider: record.provider.clone(),
        client_id: client_id(&record.settings).map(str::to_owned),
        field: secret.field,
        ends_in: secret.ends_in,
        expires_on,
    }
}

fn subject(id: SecretId) -> String {
    format!("{SUBJECT}{}", id.0.simple())
}

/// Of every field of every authorization the secret that lasts longest, with its day; none of a
/// field in which one has no known end.
fn deciding(secrets: Vec<SecretRecord>) -> Vec<(SecretRecord, NaiveDate)> {
    let mut fields: BTreeMap<_, Option<(SecretRecord, NaiveDate)>> = BTreeMap::new();
    for secret in secrets {
        let field = (secret.authorization_id, secret.field.clone());
        let this = secret.expires_on.map(|day| (secret, day));
        fields
            .entry(field)
            .and_modify(|longest| {
                *longest = match (longest.take(), this.clone()) {
                    (Some(known), Some(this)) if this.1 > known.1 => Some(this),
                    (Some(known), Some(_)) => Some(known),
                    _ => None,
                };
            })
            .or_insert(this);
    }
    fields.into_values().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::{Stage, deciding};
    use chrono::{DateTime, NaiveDate};
    use model::AuthorizationId;
    use storage::{Ciphertext, authorizations::SecretRecord};
    use uuid::Uuid;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn secret(id: u128, expires_on: Option<NaiveDate>) -> SecretRecord {
        SecretRecord {
            id: Uuid::from_u128(id).into(),
            authorization_id: AuthorizationId(Uuid::from_u128(1)),
            field: "client_secret".to_owned(),
            position: 0,
            value: Ciphertext(Vec::new()),
            ends_in: None,
            expires_on,
            set_at: DateTime::UNIX_EPOCH,
            last_worked_at: None,
            in_use: false,
        }
    }

    #[test]
    fn stages_begin_on_their_day() {
        let stage = |left: u32| Stage::of(day(30), day(30 - left)).map(Stage::as_str);
        assert_eq!(stage(29), Some("30"));
        assert_eq!(stage(8), Some("30"));
        assert_eq!(stage(7), Some("7"));
        assert_eq!(stage(1), Some("1"));
        assert_eq!(stage(0), Some("1"));
        assert_eq!(Stage::of(day(29), day(30)), Some(Stage::Expired));
        let december = NaiveDate::from_ymd_opt(2026, 12, 2).unwrap();
        assert_eq!(Stage::of(december, day(1)), None);
    }

    #[test]
    fn the_secret_that_lasts_longest_decides() {
        let ids = |secrets: Vec<_>| -> Vec<u128> {
            let deciding = deciding(secrets);
            deciding
                .into_iter()
                .map(|(one, _)| one.id.0.as_u128())
                .collect()
        };
        assert_eq!(
            ids(vec![secret(1, Some(day(3))), secret(2, Some(day(9)))]),
            [2]
        );
        assert_eq!(
            ids(vec![secret(1, Some(day(9))), secret(2, Some(day(3)))]),
            [1]
        );
        // Nobody knows how long the second one lasts, in whatever order they come.
        assert!(ids(vec![secret(1, Some(day(3))), secret(2, None)]).is_empty());
        assert!(
            ids(vec![
                secret(1, None),
                secret(2, Some(day(3))),
                secret(3, Some(day(4)))
            ])
            .is_empty()
        );
    }
}
