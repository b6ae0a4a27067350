//! What a failed token request makes of a grant: the table of classes and reasons, as data.
//!
//! | class | what is done |
//! |---|---|
//! | transient | back off, or wait as long as the provider asks |
//! | ambiguous | while the token sent may be sent again: the same; otherwise the answer is lost, and a person decides |
//! | `invalid_grant` | the reason if the provider gives one; otherwise a suspicion that a second refusal confirms |
//! | `invalid_client` | the circuit of the client registration; the grant itself is as good as before |
//! | configuration | it rests until somebody corrects the settings |
//! | interaction required | a person has to sign in |

use chrono::{DateTime, TimeDelta, Utc};
use model::status::{MisconfigurationReason, ReauthorizationReason, Status};
use oauth::{ErrorClass, Provider, Reason, Remedy, TokenError};
use rand::Rng;
use storage::grants::{GrantRecord, RefreshLease, Trouble};

use super::timing;
use crate::grants::status_after;

/// Longest pause between two tries of one grant.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// When a suspicion is put to the test: after this, and at most as long again plus this.
const CONFIRMED_AFTER: TimeDelta = TimeDelta::seconds(10);
/// Pause of what a person has to sort out at the provider, and may without telling us.
const SLOW: TimeDelta = TimeDelta::minutes(30);

/// What there is to judge.
pub(super) struct Case<'a> {
    pub error: &'a TokenError,
    pub status: Status,
    pub trouble: Trouble,
    /// The same refresh token may be sent again without doing harm.
    pub may_send_again: bool,
    pub now: DateTime<Utc>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        grant: &GrantRecord,
        error: &'a TokenError,
        may_send_again: bool,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            error,
            status: grant.status,
            trouble: grant.trouble,
            may_send_again,
            now,
        }
    }
}

/// What becomes of the grant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub status: Status,
    pub trouble: Trouble,
    pub retry: Retry,
    /// What was sent may have been acted on: the intent stays open until that is known.
    pub unsettled: bool,
}

/// When it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// After a growing pause.
    BackOff,
    /// When the provider wants to be asked again.
    After(TimeDelta),
    /// Seldom.
    Slowly,
    /// Soon, to confirm a suspicion.
    Confirm,
    /// When the circuit of the client lets one through.
    WithCircuit,
    /// When a person has done something.
    Never,
}

/// Judges a failure.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let (status, retry) = outcome(case);
    // Trouble of the provider in between does not clear a suspicion; only a new token does.
    let suspected = case
        .trouble
        .suspected_at
        .or_else(|| (retry == Retry::Confirm).then_some(case.now));
    Verdict {
        // A grant that already needs a person is not made to look better by trouble of the provider.
        status: case.status.become_(status).unwrap_or(case.status),
        trouble: Trouble {
            since: case.trouble.since.or(Some(case.now)),
            attempts: case.trouble.attempts.saturating_add(1),
            suspected_at: suspected,
        },
        retry,
        unsettled: case.error.class == ErrorClass::Ambiguous && case.may_send_again,
    }
}

fn outcome(case: &Case<'_>) -> (Status, Retry) {
    let error = case.error;
    let pause = error
        .retry_after
        .and_then(|pause| TimeDelta::from_std(pause).ok());
    let waiting = pause.map_or(Retry::BackOff, Retry::After);
    match error.class {
        ErrorClass::Ambiguous if !case.may_send_again => (
            Status::ReauthorizationNeeded(ReauthorizationReason::AnswerLost),
            Retry::Never,
        ),
        ErrorClass::Transient | ErrorClass::Ambiguous => (Status::RefreshFailing, waiting),
        ErrorClass::InvalidClient => (
            known(error).unwrap_or(Status::Misconfigured(MisconfigurationReason::SecretWrong)),
            Retry::WithCircuit,
        ),
        ErrorClass::Configuration => (
            known(error).unwrap_or(Status::Misconfigured(
                MisconfigurationReason::RequestRefused,
            )),
            if is_stated(error) {
                Retry::Never
            } else {
                Retry::Slowly
            },
        ),
        ErrorClass::InteractionRequired => (
            known(error).unwrap_or(Status::ReauthorizationNeeded(
                ReauthorizationReason::PolicyRequiresSignIn,
            )),
            Retry::Never,
        ),
        ErrorClass::InvalidGrant => invalid_grant(case, waiting),
    }
}

fn invalid_grant(case: &Case<'_>, waiting: Retry) -> (Status, Retry) {
    match case.error.reason.map(Reason::remedy) {
        Some(Remedy::KeepAndWarn | Remedy::OpenCircuit) => (
            known(case.error).unwrap_or(Status::RefreshFailing),
            Retry::Slowly,
        ),
        Some(Remedy::BackOff) => (Status::RefreshFailing, waiting),
        Some(Remedy::FixSettings) => (
            known(case.error).unwrap_or(Status::Misconfigured(
                MisconfigurationReason::RequestRefused,
            )),
            Retry::Slowly,
        ),
        Some(_) if known(case.error).is_some() => {
            (known(case.error).unwrap_or(case.status), Retry::Never)
        }
        _ => match case.trouble.suspected_at {
            Some(since) if case.now - since >= CONFIRMED_AFTER => (
                Status::ReauthorizationNeeded(ReauthorizationReason::Refused),
                Retry::Never,
            ),
            _ => (Status::RefreshFailing, Retry::Confirm),
        },
    }
}

/// Whether the provider itself said what is wrong. A redirect or an address that is not allowed may
/// be a page of a proxy or of maintenance, and pass.
fn is_stated(error: &TokenError) -> bool {
    error
        .status
        .is_some_and(|status| !(300..400).contains(&status))
}

fn known(error: &TokenError) -> Option<Status> {
    error.reason.and_then(status_after)
}

/// The time of the next try; `circuit` is when the client is let through again.
pub(super) fn next_try(
    verdict: &Verdict,
    circuit: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    rng: &mut dyn Rng,
) -> Option<DateTime<Utc>> {
    if verdict.status.is_uncertain() {
        return None;
    }
    let pause = match verdict.retry {
        Retry::Never => return None,
        Retry::BackOff => timing::back_off(verdict.trouble.attempts - 1, LONGEST_PAUSE, rng),
        // Later than asked for, never earlier, and not all at once.
        Retry::After(pause) => pause + TimeDelta::seconds(1) + timing::up_to(pause / 10, rng),
        Retry::Slowly => SLOW + timing::up_to(SLOW, rng),
        Retry::Confirm => CONFIRMED_AFTER + timing::up_to(CONFIRMED_AFTER * 2, rng),
        Retry::WithCircuit => {
            let until = circuit.map_or(LONGEST_PAUSE, |until| until - now);
            until + timing::up_to(SLOW / 30, rng)
        }
    };
    now.checked_add_signed(pause)
}

/// Whether a token that was sent may be sent again without doing harm: the provider does not replace
/// tokens, or honours replaced ones for a while.
pub(super) fn may_send_again(provider: &Provider, open: &RefreshLease, now: DateTime<Utc>) -> bool {
    !provider.rotates_refresh_tokens() || now < settled_by(provider, open)
}

/// When an intent without an answer can no longer be repeated.
pub(super) fn settled_by(provider: &Provider, open: &RefreshLease) -> DateTime<Utc> {
    let grace = TimeDelta::from_std(provider.refresh_grace()).unwrap_or(TimeDelta::zero());
    open.started_at + grace
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorClass::{
        Ambiguous, Configuration, InteractionRequired, InvalidClient, InvalidGrant, Transient,
    };
    use MisconfigurationReason as Wrong;
    use ReauthorizationReason as Sign;
    use Status::{Cancelled, Misconfigured, ReauthorizationNeeded, RefreshFailing};
    use model::status::CancelReason;
    use rand::{SeedableRng as _, rngs::StdRng};
    use std::time::Duration;

    fn error(class: ErrorClass, reason: Option<Reason>) -> TokenError {
        TokenError {
            class,
            reason,
            error: "error".to_owned(),
            description: None,
            retry_after: None,
            correlation_id: None,
            status: Some(400),
        }
    }

    fn case(error: &TokenError) -> Case<'_> {
        Case {
            error,
            status: Status::Healthy,
            trouble: Trouble::default(),
            may_send_again: false,
            now: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_table() {
        for (class, reason, status, retry) in [
            (Transient, None, RefreshFailing, Retry::BackOff),
            (
                Ambiguous,
                None,
                ReauthorizationNeeded(Sign::AnswerLost),
                Retry::Never,
            ),
            (InvalidGrant, None, RefreshFailing, Retry::Confirm),
            (
                InvalidGrant,
                Some(Reason::AccountDisabled),
                Cancelled(CancelReason::AccountDisabled),
                Retry::Never,
            ),
            (
                InvalidGrant,
                Some(Reason::AccountNotFound),
                ReauthorizationNeeded(Sign::AccountNotFound),
                Retry::Never,
            ),
            (
                InvalidGrant,
                Some(Reason::AccountLocked),
                Misconfigured(Wrong::AccountLocked),
                Retry::Slowly,
            ),
            (
                InvalidGrant,
                Some(Reason::ClientLoop),
                RefreshFailing,
                Retry::Slowly,
            ),
            (
                InvalidGrant,
                Some(Reason::ProviderTrouble),
                RefreshFailing,
                Retry::BackOff,
            ),
            (
                InvalidGrant,
                Some(Reason::PolicyRequiresSignIn),
                ReauthorizationNeeded(Sign::PolicyRequiresSignIn),
                Retry::Never,
            ),
            (
                InvalidClient,
                Some(Reason::SecretExpired),
                Misconfigured(Wrong::SecretExpired),
                Retry::WithCircuit,
            ),
            (
                InvalidClient,
                None,
                Misconfigured(Wrong::SecretWrong),
                Retry::WithCircuit,
            ),
            (
                Configuration,
                Some(Reason::ScopeInvalid),
                Misconfigured(Wrong::ScopeInvalid),
                Retry::Never,
            ),
            (
                InteractionRequired,
                Some(Reason::ConsentMissing),
                ReauthorizationNeeded(Sign::ConsentMissing),
                Retry::Never,
            ),
        ] {
            let error = error(class, reason);
            let verdict = judge(&case(&error));
            assert_eq!(
                (verdict.status, verdict.retry),
                (status, retry),
                "{class:?} {reason:?}"
            );
            assert_eq!(verdict.trouble.attempts, 1);
            assert!(!verdict.unsettled);
        }
    }

    #[test]
    fn what_the_provider_itself_did_not_say_may_pass() {
        for status in [Some(302), None] {
            let refused = TokenError {
                status,
                ..error(Configuration, None)
            };
            let verdict = judge(&case(&refused));
            assert_eq!(verdict.status, Misconfigured(Wrong::RequestRefused));
            assert_eq!(verdict.retry, Retry::Slowly);
        }
    }

    #[test]
    fn an_answer_that_may_be_asked_for_again_is_not_lost() {
        let error = error(Ambiguous, None);
        let verdict = judge(&Case {
            may_send_again: true,
            ..case(&error)
        });
        assert_eq!(
            (verdict.status, verdict.retry),
            (RefreshFailing, Retry::BackOff)
        );
        assert!(verdict.unsettled);
    }

    #[test]
    fn a_suspicion_is_confirmed_after_a_while_and_outlives_trouble() {
        let refusal = error(InvalidGrant, None);
        let after = |seconds| {
            let trouble = Trouble {
                suspected_at: Some(DateTime::UNIX_EPOCH - TimeDelta::seconds(seconds)),
                ..Trouble::default()
            };
            Case {
                trouble,
                ..case(&refusal)
            }
        };
        assert_eq!(judge(&after(9)).retry, Retry::Confirm);
        assert_eq!(
            judge(&after(10)).status,
            ReauthorizationNeeded(Sign::Refused)
        );
        let trouble = error(Transient, None);
        let kept = judge(&Case {
            error: &trouble,
            ..after(9)
        });
        assert!(kept.trouble.suspected_at.is_some());
    }

    // R10
    #[test]
    fn r10_a_provider_is_never_asked_earlier_than_it_wants() {
        let mut error = error(Transient, None);
        error.retry_after = Some(Duration::from_mins(2));
        let verdict = judge(&case(&error));
        let now = DateTime::UNIX_EPOCH;
        for seed in 0..100 {
            let next = next_try(&verdict, None, now, &mut StdRng::seed_from_u64(seed));
            assert!(next.unwrap() > now + TimeDelta::minutes(2));
        }
    }

    #[test]
    fn trouble_makes_nothing_better() {
        let error = error(Transient, None);
        let lost = ReauthorizationNeeded(Sign::AnswerLost);
        let verdict = judge(&Case {
            status: lost,
            ..case(&error)
        });
        assert_eq!(verdict.status, lost);
        let mut rng = StdRng::seed_from_u64(1);
        let next = next_try(&verdict, None, DateTime::UNIX_EPOCH, &mut rng);
        assert_eq!(next, None, "it stays a person's decision");
    }
}
