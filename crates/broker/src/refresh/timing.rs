//! When to refresh, and when to try again.

use chrono::{DateTime, TimeDelta, Utc};
use model::GrantId;
use rand::{Rng, RngExt as _};

/// Every grant is refreshed about this often at least: that an account was deactivated shows only
/// when somebody asks.
const AT_LEAST_EVERY: TimeDelta = TimeDelta::hours(1);
/// The part of a lifetime after which refreshes begin.
const EARLIEST: f64 = 0.55;
/// The part of a lifetime over which they are spread.
const SPREAD: f64 = 0.20;
/// The first step of a back-off, and its least pause.
const FIRST_STEP: TimeDelta = TimeDelta::seconds(1);
/// Tokens that live shorter than this are not refreshed any sooner: asking all the time would not
/// help anybody.
const SHORTEST_LIFETIME: TimeDelta = TimeDelta::seconds(2);

/// When a token that was asked for at `sent_at` is refreshed: within the window of its lifetime that
/// the id decides, so that what began together drifts apart and stays apart.
pub(crate) fn next_refresh(
    id: GrantId,
    sent_at: DateTime<Utc>,
    lifetime: Option<TimeDelta>,
) -> DateTime<Utc> {
    let lifetime = lifetime
        .unwrap_or(AT_LEAST_EVERY)
        .clamp(SHORTEST_LIFETIME, AT_LEAST_EVERY);
    sent_at + part(lifetime, EARLIEST + SPREAD * spread(id))
}

/// A pause before trying again after so many failures (full jitter): anything from a second to twice
/// as much for every failure, at most `longest`.
pub(crate) fn back_off(failures: u32, longest: TimeDelta, rng: &mut dyn Rng) -> TimeDelta {
    let steps = 1 << failures.min(20);
    let most = (FIRST_STEP * steps).min(longest);
    FIRST_STEP + up_to(most, rng)
}

/// Anything from nothing to `most`.
pub(crate) fn up_to(most: TimeDelta, rng: &mut dyn Rng) -> TimeDelta {
    TimeDelta::milliseconds(rng.random_range(0..=most.num_milliseconds().max(0)))
}

/// Where in the window a grant is, from 0 to 1: the end of its id is random.
fn spread(id: GrantId) -> f64 {
    let [.., a, b, c, d] = *id.0.as_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

fn part(of: TimeDelta, share: f64) -> TimeDelta {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a part of an hour in milliseconds"
    )]
    TimeDelta::milliseconds((of.num_milliseconds() as f64 * share) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::StdRng};
    use uuid::Uuid;

    proptest! {
        #[test]
        fn a_token_is_refreshed_ahead_of_its_end_and_within_the_hour(
            id: u128, lifetime in proptest::option::of(-10_i64..1_000_000_000_000),
        ) {
            let now = DateTime::UNIX_EPOCH;
            let lifetime = lifetime.and_then(TimeDelta::try_seconds);
            let next = next_refresh(Uuid::from_u128(id).into(), now, lifetime) - now;
            prop_assert!(next >= TimeDelta::seconds(1));
            prop_assert!(next <= TimeDelta::minutes(45));
            if let Some(lifetime) = lifetime.filter(|lifetime| *lifetime >= SHORTEST_LIFETIME) {
                prop_assert!(next * 4 <= lifetime * 3);
            }
        }

        #[test]
        fn back_offs_stay_within_their_bounds(failures: u32, seed: u64) {
            let mut rng = StdRng::seed_from_u64(seed);
            let longest = TimeDelta::minutes(5);
            let pause = back_off(failures, longest, &mut rng);
            prop_assert!(pause >= FIRST_STEP && pause <= longest + FIRST_STEP);
        }
    }

    #[test]
    fn the_window_is_a_fifth_of_the_lifetime() {
        let at = |id| {
            next_refresh(
                Uuid::from_u128(id).into(),
                DateTime::UNIX_EPOCH,
                Some(TimeDelta::hours(1)),
            )
        };
        let (first, last) = (at(0), at(u128::MAX));
        assert_eq!(first - DateTime::UNIX_EPOCH, TimeDelta::minutes(33));
        assert_eq!(last - first, TimeDelta::minutes(12));
    }
}
