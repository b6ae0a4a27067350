//! What the timeline shows, worked out without drawing it: heights, marks and words.

use crate::text;
use chrono::NaiveDate;
use model::{
    health::{Health, HealthDay, HealthEvent, HealthEventKind},
    status::StatusLabel,
};

/// Tallest bar, in the drawing's units.
pub const TALLEST: u32 = 64;
/// Shortest part of a bar that can still be seen.
const SHORTEST: u32 = 3;
/// Marks of one day that are drawn; the table has them all.
const MARKS: usize = 3;

/// One day of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The day.
    pub day: NaiveDate,
    /// Height of the part that stands for refreshes that worked.
    pub refreshed: u32,
    /// Height of the part that stands for those that failed, on top of it.
    pub failed: u32,
    /// What else happened, the most telling first.
    pub marks: Vec<Mark>,
    /// The day in words.
    pub words: String,
}

/// Told apart by shape; what sorts first is drawn first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The consent ended, or somebody has to act: a cross.
    Over,
    /// Somebody consented: a diamond.
    Consent,
    /// Refreshes failed: a triangle.
    Failure,
    /// It works again: a ring.
    Recovery,
}

impl Mark {
    /// All, in the order of the legend.
    pub const ALL: [Self; 4] = [Self::Consent, Self::Failure, Self::Recovery, Self::Over];

    /// What it stands for.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Over => "Needs somebody, or over",
            Self::Consent => "Authorized",
            Self::Failure => "Refreshes failed",
            Self::Recovery => "Recovered",
        }
    }

    fn of(event: &HealthEvent) -> Self {
        let over = event.state.label() == StatusLabel::NotAuthorized;
        match event.kind {
            HealthEventKind::Consented | HealthEventKind::Reconsented => Self::Consent,
            HealthEventKind::Recovered => Self::Recovery,
            HealthEventKind::Ended => Self::Over,
            HealthEventKind::Failed | HealthEventKind::StateChanged if over => Self::Over,
            HealthEventKind::Failed | HealthEventKind::StateChanged => Self::Failure,
        }
    }
}

/// The columns, oldest first.
pub fn columns(health: &Health) -> Vec<Column> {
    let most = health.days.iter().map(total).max().unwrap_or(0);
    health
        .days
        .iter()
        .map(|day| {
            let (refreshed, failed) = heights(day, most);
            Column {
                day: day.day,
                refreshed,
                failed,
                marks: marks(day, &health.events),
                words: words(day, &health.events),
            }
        })
        .collect()
}

/// The whole timeline in one sentence, for those who do not see it.
pub fn summary(health: &Health) -> String {
    let sum = |of: fn(&HealthDay) -> u32| health.days.iter().map(of).sum::<u32>() as usize;
    let consents = health
        .events
        .iter()
        .filter(|event| Mark::of(event) == Mark::Consent)
        .count();
    format!(
        "Timeline of the last {} days: {}, {}, {}. The table below has the details.",
        health.days.len(),
        refreshes(sum(|day| day.refreshed)),
        text::count(sum(|day| day.failed), "failure"),
        text::count(consents, "authorization"),
    )
}

/// `1 refresh`, `38 refreshes`.
pub fn refreshes(number: usize) -> String {
    let ending = if number == 1 { "" } else { "es" };
    format!("{number} refresh{ending}")
}

fn total(day: &HealthDay) -> u32 {
    day.refreshed.saturating_add(day.failed)
}

fn heights(day: &HealthDay, most: u32) -> (u32, u32) {
    let height = |number: u32| match number {
        0 => 0,
        _ => (u64::from(TALLEST) * u64::from(number) / u64::from(most.max(1)))
            .try_into()
            .unwrap_or(TALLEST)
            .max(SHORTEST),
    };
    let failed = height(day.failed);
    (
        height(day.refreshed).min(TALLEST - failed.min(TALLEST)),
        failed,
    )
}

fn marks(day: &HealthDay, events: &[HealthEvent]) -> Vec<Mark> {
    let mut marks: Vec<_> = of_day(day.day, events).map(Mark::of).collect();
    if day.failed > 0 {
        marks.push(Mark::Failure);
    }
    marks.sort_unstable();
    marks.dedup();
    marks.truncate(MARKS);
    marks
}

fn words(day: &HealthDay, events: &[HealthEvent]) -> String {
    let mut words = format!("{}: {}", day.day, refreshes(day.refreshed as usize));
    if day.failed > 0 {
        words = format!("{words}, {} failed", day.failed);
    }
    // Events come newest first.
    let told: Vec<_> = of_day(day.day, events).map(told).collect();
    for event in told.into_iter().rev() {
        words += "; ";
        words += &event;
    }
    words
}

fn of_day(day: NaiveDate, events: &[HealthEvent]) -> impl Iterator<Item = &HealthEvent> {
    events
        .iter()
        .filter(move |event| event.at.date_naive() == day)
}

/// An event in a few words: `Refresh failed (invalid_grant)`, `Authorized again by svc@contoso`.
pub fn told(event: &HealthEvent) -> String {
    let mut words = match event.kind {
        HealthEventKind::StateChanged => {
            let reason = event.state.reason_text();
            format!("{}: {reason}", event.state.label().text())
        }
        kind => kind.text().to_owned(),
    };
    if let Some(account) = &event.account {
        words += " by ";
        words += account.label();
    }
    if event.kind == HealthEventKind::Ended {
        words += ": ";
        words += event.state.reason_text();
    }
    if let Some(error) = &event.error {
        words = format!("{words} ({})", error.code);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Mark, TALLEST, columns, summary};
    use chrono::{DateTime, Days, NaiveDate};
    use model::{
        authorization::ProviderErrorInfo,
        health::{Health, HealthDay, HealthEvent, HealthEventKind},
        status::{CancelReason, Status},
    };

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
    }

    fn day(ago: u64, refreshed: u32, failed: u32) -> HealthDay {
        HealthDay {
            day: today().checked_sub_days(Days::new(ago)).unwrap(),
            refreshed,
            failed,
        }
    }

    fn event(kind: HealthEventKind, state: Status) -> HealthEvent {
        HealthEvent {
            at: DateTime::from_timestamp(1_795_498_200, 0).unwrap(),
            kind,
            state,
            error: None,
            account: None,
        }
    }

    fn health(days: Vec<HealthDay>, events: Vec<HealthEvent>) -> Health {
        Health {
            state: Status::Healthy,
            next_action: String::new(),
            expires_at: None,
            refreshed_at: None,
            next_refresh_at: None,
            failing_since: None,
            attempts: 0,
            last_error: None,
            days,
            events,
        }
    }

    #[test]
    fn bars_fill_the_height_and_no_failure_is_too_small_to_see() {
        let columns = columns(&health(
            vec![day(2, 0, 0), day(1, 1000, 1), day(0, 500, 0)],
            vec![],
        ));
        let heights: Vec<_> = columns
            .iter()
            .map(|column| (column.refreshed, column.failed))
            .collect();
        assert_eq!(heights[0], (0, 0));
        assert_eq!(heights[1].0 + heights[1].1, TALLEST);
        assert!(heights[1].1 >= 3);
        assert!((31..=32).contains(&heights[2].0));
        // Whatever the numbers are, it fits.
        let many = super::columns(&health(vec![day(0, u32::MAX, u32::MAX)], vec![]));
        assert!(many[0].refreshed + many[0].failed <= TALLEST);
    }

    #[test]
    fn a_day_says_in_order_what_happened() {
        let mut changed = event(
            HealthEventKind::StateChanged,
            Status::Cancelled(CancelReason::AccountDisabled),
        );
        changed.error = Some(ProviderErrorInfo {
            code: "invalid_grant".to_owned(),
            message: String::new(),
            correlation_id: None,
            at: changed.at,
        });
        let events = vec![
            event(HealthEventKind::Reconsented, Status::Healthy),
            changed,
        ];
        let columns = columns(&health(vec![day(1, 24, 0), day(0, 5, 1)], events));
        assert_eq!(columns[0].words, "2026-11-23: 24 refreshes");
        assert!(columns[0].marks.is_empty());
        assert_eq!(
            columns[1].words,
            "2026-11-24: 5 refreshes, 1 failed; Not authorized: account disabled (invalid_grant); Authorized again"
        );
        assert_eq!(columns[1].marks, [Mark::Over, Mark::Consent, Mark::Failure]);
    }

    #[test]
    fn the_summary_adds_up() {
        let events = vec![event(HealthEventKind::Consented, Status::Healthy)];
        let summary = summary(&health(vec![day(1, 1, 0), day(0, 0, 2)], events));
        assert_eq!(
            summary,
            "Timeline of the last 2 days: 1 refresh, 2 failures, 1 authorization. The table below has the details."
        );
    }
}
