//! The health column: an icon and words; the next refresh, or the last one, as its title.

use crate::{
    components::{Icon, IconName, use_now},
    links, text,
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use model::{
    authorization::AuthorizationRow,
    health::StateGroup,
    status::{Status, StatusLabel},
};

/// How the consent of a row is doing; leads to its timeline.
#[component]
pub(super) fn HealthCell(row: Memo<AuthorizationRow>) -> impl IntoView {
    let now = use_now();
    let id = row.read_untracked().id;
    let words = Memo::new(move |_| words(&row.read(), now.get()));
    let look = Memo::new(move |_| look(&row.read()));
    let more = move || {
        let row = row.read();
        match (row.next_refresh_at, row.refreshed_at) {
            (Some(at), _) => Some(format!("Next refresh {}", when(at, now.get()))),
            (None, Some(at)) => Some(format!("Last refreshed {}", when(at, now.get()))),
            (None, None) => None,
        }
    };
    move || {
        if StateGroup::of(row.read().state) == StateGroup::Never {
            return view! { <span class="health-cell muted">"Not yet"</span> }.into_any();
        }
        view! {
            <a class="health-cell" href=links::health(id) title=more>
                {move || {
                    let (class, icon) = look.get();
                    view! {
                        <span class=class>
                            <Icon name=icon />
                        </span>
                    }
                }}
                <span>{words}</span>
            </a>
        }
        .into_any()
    }
}

/// Class and icon.
fn look(row: &AuthorizationRow) -> (&'static str, IconName) {
    match row.state {
        Status::Healthy if row.failing_since.is_none() => {
            ("health-cell__icon health-cell__icon--well", IconName::Check)
        }
        state if state.label() == StatusLabel::Authorized => (
            "health-cell__icon health-cell__icon--failing",
            IconName::Warning,
        ),
        _ => ("health-cell__icon health-cell__icon--over", IconName::Error),
    }
}

/// `Refreshed 12 minutes ago`, `Failing for 2 hours`, `Stopped`.
fn words(row: &AuthorizationRow, now: Option<DateTime<Utc>>) -> String {
    let refreshed = row.refreshed_at;
    if row.state.label() == StatusLabel::NotAuthorized {
        return "Stopped".to_owned();
    }
    if let Some(since) = row.failing_since {
        return match now {
            Some(now) => format!("Failing for {}", text::duration(now - since)),
            None => format!("Failing since {}", text::utc(since)),
        };
    }
    match (refreshed, row.next_refresh_at) {
        (Some(at), _) => format!("Refreshed {}", when(at, now)),
        (None, Some(_)) => "Not refreshed yet".to_owned(),
        (None, None) => match row.expires_at {
            Some(at) => format!("Not refreshed; ends {}", when(at, now)),
            None => "Not refreshed".to_owned(),
        },
    }
}

fn when(at: DateTime<Utc>, now: Option<DateTime<Utc>>) -> String {
    now.map_or_else(|| text::utc(at), |now| text::relative(at, now))
}

#[cfg(test)]
mod tests {
    use super::words;
    use chrono::{DateTime, TimeDelta, Utc};
    use model::{
        AuthorizationId,
        authorization::AuthorizationRow,
        status::{CancelReason, Status},
    };

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_498_200, 0).unwrap()
    }

    fn row(state: Status) -> AuthorizationRow {
        AuthorizationRow {
            id: AuthorizationId(uuid::Uuid::nil()),
            name: "Boards".to_owned(),
            provider: "azure-devops".to_owned(),
            provider_name: "Azure DevOps".to_owned(),
            icon: String::new(),
            active: true,
            state,
            account: None,
            refreshed_at: Some(now() - TimeDelta::minutes(12)),
            next_refresh_at: Some(now() + TimeDelta::minutes(30)),
            failing_since: None,
            expires_at: None,
            connectors: 0,
            secret_expires_on: None,
            published: true,
            version: 1,
        }
    }

    #[test]
    fn every_state_has_its_words() {
        let healthy = row(Status::Healthy);
        assert_eq!(words(&healthy, Some(now())), "Refreshed 12 minutes ago");
        assert_eq!(words(&healthy, None), "Refreshed 2026-11-24 05:18 UTC");
        let failing = AuthorizationRow {
            failing_since: Some(now() - TimeDelta::hours(2)),
            ..row(Status::RefreshFailing)
        };
        assert_eq!(words(&failing, Some(now())), "Failing for 2 hours");
        let over = row(Status::Cancelled(CancelReason::AccountDisabled));
        assert_eq!(words(&over, Some(now())), "Stopped");
        let fresh = AuthorizationRow {
            refreshed_at: None,
            ..healthy
        };
        assert_eq!(words(&fresh, Some(now())), "Not refreshed yet");
    }
}
