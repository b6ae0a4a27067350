//! How times, counts and changes are put in words; the same on server and browser.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use model::publish::{Change, ChangeKind, EntityKind};

/// `2026-11-24 05:30 UTC`.
pub fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// `1 connector`, `2 connectors`.
pub fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// How far away a time is: `in 3 hours`, `5 minutes ago`, `just now`.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (at - now).num_seconds();
    if seconds.unsigned_abs() < 60 {
        return "just now".to_owned();
    }
    let away = duration(at - now);
    if seconds > 0 {
        format!("in {away}")
    } else {
        format!("{away} ago")
    }
}

/// How long something takes, either way: `3 hours`, `less than a minute`.
pub fn duration(time: TimeDelta) -> String {
    let seconds = time.num_seconds().unsigned_abs();
    let (number, unit) = match seconds {
        0..60 => return "less than a minute".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..5_184_000 => (seconds / 86_400, "day"),
        _ => (seconds / 2_592_000, "month"),
    };
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{ending}")
}

/// How soon a last day comes: `expires in 23 days`, `expires today`, `expired 2 days ago`.
/// Without knowing today's date: `expires on 2026-12-17`.
pub fn expiry(on: NaiveDate, today: Option<NaiveDate>) -> String {
    let Some(today) = today else {
        return format!("expires on {on}");
    };
    match (on - today).num_days() {
        0 => "expires today".to_owned(),
        1 => "expires tomorrow".to_owned(),
        -1 => "expired yesterday".to_owned(),
        days if days < 0 => format!("expired {} days ago", -days),
        days if days <= 90 => format!("expires in {days} days"),
        _ => format!("expires on {on}"),
    }
}

/// `Changed authorization Azure DevOps: scopes, consent`, without the name, which is a link.
pub fn change_verb(change: &Change) -> &'static str {
    match (change.kind, change.entity.kind) {
        (ChangeKind::Added, EntityKind::Authorization) => "Added authorization",
        (ChangeKind::Changed, EntityKind::Authorization) => "Changed authorization",
        (ChangeKind::Removed, EntityKind::Authorization) => "Removed authorization",
        (ChangeKind::Added, EntityKind::Connector) => "Added connector",
        (ChangeKind::Changed, EntityKind::Connector) => "Changed connector",
        (ChangeKind::Removed, EntityKind::Connector) => "Removed connector",
    }
}

/// What changed in it, in words: `scopes, client secret`.
pub fn change_fields(change: &Change) -> String {
    let fields: Vec<_> = change
        .fields
        .iter()
        .map(|field| field.rsplit('.').next().unwrap_or(field).replace('_', " "))
        .collect();
    fields.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{count, expiry, relative, utc};
    use chrono::{DateTime, NaiveDate, TimeDelta};

    #[test]
    fn times_read_well() {
        let now = DateTime::from_timestamp(1_795_498_200, 0).unwrap();
        assert_eq!(utc(now), "2026-11-24 05:30 UTC");
        assert_eq!(relative(now, now), "just now");
        assert_eq!(relative(now + TimeDelta::minutes(61), now), "in 1 hour");
        assert_eq!(relative(now - TimeDelta::days(3), now), "3 days ago");
    }

    #[test]
    fn last_days_read_well() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        assert_eq!(expiry(day(24), None), "expires on 2026-11-24");
        assert_eq!(expiry(day(24), Some(day(24))), "expires today");
        assert_eq!(expiry(day(24), Some(day(1))), "expires in 23 days");
        assert_eq!(expiry(day(24), Some(day(26))), "expired 2 days ago");
        assert_eq!(count(1, "connector"), "1 connector");
    }
}
