//! The queue of deliveries: takes what is due, sends it, and writes down how that went.
//!
//! A delivery is sent at least once. Its id is the same on every attempt, so that a receiver can
//! tell a repetition; the lease keeps two processes from sending at the same time, and what a
//! process that died was sending is due again when the lease ends.

use super::{mail, webhook};
use crate::{Broker, error::Fault, sealing::Column};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    DeliveryId,
    notification::{ChannelKind, DeliveryState, NotificationKind},
};
use std::time::Duration;
use storage::{
    Change,
    notifications::{AttemptOutcome, ChannelRecord, ClaimedDelivery, DeliveryRecord},
};
use uuid::Uuid;

/// How long an attempt has a delivery for itself. Longer than any attempt takes.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Deliveries sent at once.
const AT_ONCE: u32 = 20;
/// How long a webhook may take to answer.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a mail server may take for one message.
const MAIL_TIMEOUT: Duration = Duration::from_secs(20);
/// Pauses after the first, second, … failed attempt; after the last one it is given up.
const PAUSES: [TimeDelta; 7] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(30),
    TimeDelta::minutes(2),
    TimeDelta::minutes(10),
    TimeDelta::hours(1),
    TimeDelta::hours(6),
    TimeDelta::hours(24),
];
/// Longest error that is kept, in characters.
const ERROR_MAX: usize = 300;

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The receiver took it.
    Taken {
        /// What it answered.
        status: Option<u16>,
    },
    /// It may take it later.
    NotNow {
        /// What it answered.
        status: Option<u16>,
        /// Why, in words.
        error: String,
    },
    /// It will never take this one.
    Never {
        /// What it answered.
        status: Option<u16>,
        /// Why, in words.
        error: String,
    },
    /// The receiver does not exist any more.
    Gone,
}

impl Broker {
    /// Sends what is due, at most a handful; answers how many there were. Call it until it answers 0.
    pub async fn deliver_due(&self) -> Result<usize, Fault> {
        let holder: Uuid = self.new_id();
        let now = self.now();
        let mut tx = self.write().await?;
        let claimed = tx
            .notifications()
            .claim(holder, now, now + LEASE, AT_ONCE)
            .await?;
        if claimed.is_empty() {
            return Ok(0);
        }
        tx.save().await?;
        let count = claimed.len();
        let attempts = claimed
            .into_iter()
            .map(|delivery| self.attempt_delivery(delivery, holder));
        for attempt in futures::future::join_all(attempts).await {
            attempt?;
        }
        Ok(count)
    }

    /// Sends one delivery now; gives it back as it is afterwards. `None` when it cannot be had.
    pub(super) async fn deliver_once(
        &self,
        id: DeliveryId,
    ) -> Result<Option<(ChannelRecord, DeliveryRecord)>, Fault> {
        let holder: Uuid = self.new_id();
        let now = self.now();
        let mut tx = self.write().await?;
        let claimed = tx
            .notifications()
            .claim_one(id, holder, now, now + LEASE)
            .await?;
        tx.save().await?;
        match claimed {
            Some(claimed) => self.attempt_delivery(claimed, holder).await.map(Some),
            None => Ok(None),
        }
    }

    async fn attempt_delivery(
        &self,
        claimed: ClaimedDelivery,
        holder: Uuid,
    ) -> Result<(ChannelRecord, DeliveryRecord), Fault> {
        let answer = match claimed.channel.kind {
            ChannelKind::Email => self.mail(&claimed).await,
            ChannelKind::Webhook => self.post(&claimed).await?,
        };
        let now = self.now();
        let outcome = outcome(
            &answer,
            claimed.record.attempts,
            claimed.notification.kind,
            now,
        );
        let mut tx = self.write().await?;
        let settled = tx
            .notifications()
            .settle(claimed.record.id, holder, &outcome)
            .await?;
        if settled && answer == Answer::Gone {
            tx.notifications()
                .disable_channel(claimed.channel.id, now)
                .await?;
        }
        // Pages that show the log read it again.
        tx.announce(Change::Notified(claimed.channel.workspace_id));
        tx.save().await?;
        tracing::info!(delivery = %claimed.record.id, state = ?outcome.state, status = outcome.http_status, error = outcome.error, "notification sent");
        let record = DeliveryRecord {
            state: outcome.state,
            next_attempt_at: outcome.next_attempt_at,
            http_status: outcome.http_status,
            last_error: outcome.error,
            ..claimed.record
        };
        Ok((claimed.channel, record))
    }

    async fn mail(&self, claimed: &ClaimedDelivery) -> Answer {
        let Some(mailer) = self.mailer() else {
            return Answer::NotNow {
                status: None,
                error: "the server's configuration has no section [smtp] any more".to_owned(),
            };
        };
        let mail = mail::compose(claimed, self.public_url());
        let sent = tokio::time::timeout(MAIL_TIMEOUT, mailer.send(&mail)).await;
        match sent {
            Ok(Ok(())) => Answer::Taken { status: None },
            Ok(Err(error)) if error.permanent => Answer::Never {
                status: None,
                error: error.message,
            },
            Ok(Err(error)) => Answer::NotNow {
                status: None,
                error: error.message,
            },
            Err(_) => Answer::NotNow {
                status: None,
                error: format!(
                    "the mail server took longer than {} s",
                    MAIL_TIMEOUT.as_secs()
                ),
            },
        }
    }

    async fn post(&self, claimed: &ClaimedDelivery) -> Result<Answer, Fault> {
        let channel = &claimed.channel;
        let sealed = channel
            .secret
            .as_ref()
            .ok_or(Fault::Unreadable("the signing secret of a webhook"))?;
        let secret = self.open(
            channel.workspace_id,
            Column::WebhookSecret(channel.id),
            sealed,
        )?;
        let body = webhook::body(&claimed.notification, self.public_url());
        let Some(request) =
            webhook::request(channel, claimed.record.id, &body, &secret, self.now())
        else {
            return Ok(Answer::Never {
                status: None,
                error: "the address cannot be sent to".to_owned(),
            });
        };
        let sent = tokio::time::timeout(WEBHOOK_TIMEOUT, self.http().execute(request)).await;
        Ok(match sent {
            Ok(Ok(response)) => webhook::answer(response.status()),
            Ok(Err(error)) => Answer::NotNow {
                status: None,
                error: error.to_string(),
            },
            Err(_) => Answer::NotNow {
                status: None,
                error: format!("no answer within {} s", WEBHOOK_TIMEOUT.as_secs()),
            },
        })
    }
}

/// What becomes of a delivery after its attempt number `attempts`.
fn outcome(
    answer: &Answer,
    attempts: u32,
    kind: NotificationKind,
    now: DateTime<Utc>,
) -> AttemptOutcome {
    let done = |state, http_status, error| AttemptOutcome {
        state,
        next_attempt_at: None,
        http_status,
        error,
    };
    match answer {
        Answer::Taken { status } => done(DeliveryState::Delivered, *status, None),
        Answer::Never { status, error } => {
            done(DeliveryState::Failed, *status, Some(cleaned(error)))
        }
        Answer::Gone => done(
            DeliveryState::Failed,
            Some(410),
            Some("the receiver is gone; the channel was turned off".to_owned()),
        ),
        Answer::NotNow { status, error } => {
            let pause = (attempts as usize)
                .checked_sub(1)
                .and_then(|failed| PAUSES.get(failed))
                // Somebody waits for the outcome of a test; it is of no use later.
                .filter(|_| kind != NotificationKind::Test);
            AttemptOutcome {
                state: pause.map_or(DeliveryState::Failed, |_| DeliveryState::Pending),
                next_attempt_at: pause.map(|pause| now + *pause),
                http_status: *status,
                error: Some(cleaned(error)),
            }
        }
    }
}

/// One short line, whatever the other side said.
fn cleaned(error: &str) -> String {
    error
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(ERROR_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Answer, PAUSES, cleaned, outcome};
    use chrono::{DateTime, TimeDelta, Utc};
    use model::notification::{DeliveryState, NotificationKind};

    fn after(attempts: u32, kind: NotificationKind) -> super::AttemptOutcome {
        let answer = Answer::NotNow {
            status: Some(500),
            error: "answered 500".to_owned(),
        };
        outcome(&answer, attempts, kind, DateTime::<Utc>::UNIX_EPOCH)
    }

    #[test]
    fn pauses_grow_until_it_is_given_up() {
        let kind = NotificationKind::Cancelled;
        let pause = |attempts| {
            let next = after(attempts, kind).next_attempt_at?;
            Some(next - DateTime::UNIX_EPOCH)
        };
        assert_eq!(pause(1), Some(TimeDelta::seconds(5)));
        assert_eq!(pause(7), Some(TimeDelta::hours(24)));
        assert_eq!(pause(8), None);
        assert_eq!(after(8, kind).state, DeliveryState::Failed);
        assert!(PAUSES.is_sorted());
    }

    #[test]
    fn a_test_is_tried_once() {
        assert_eq!(
            after(1, NotificationKind::Test).state,
            DeliveryState::Failed
        );
    }

    #[test]
    fn errors_are_one_short_line() {
        assert_eq!(cleaned("a\r\nb"), "a  b");
        assert_eq!(cleaned(&"x".repeat(1000)).len(), 300);
    }
}
