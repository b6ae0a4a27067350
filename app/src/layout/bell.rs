//! The bell of the header: how many notifications are unread, on every page.

use crate::{
    api::{UiError, notifications},
    components::{Icon, IconName},
    live::use_live,
};
use leptos::prelude::*;
use model::health::LiveChange;

/// The largest number that is shown.
const MOST: u64 = 99;

/// How many are unread, shared by the bell and the page that marks them.
#[derive(Clone, Copy)]
pub struct Unread(Resource<Result<u64, UiError>>);

impl Unread {
    /// Asks the server again.
    pub fn refetch(self) {
        self.0.refetch();
    }

    fn count(self) -> u64 {
        self.0.get().and_then(Result::ok).unwrap_or(0)
    }
}

/// Counts, and counts again when there is news. Once, around the pages of signed-in people.
pub(super) fn provide_unread() {
    let unread = Unread(Resource::new(|| (), |()| notifications::unread()));
    provide_context(unread);
    use_live(
        |change| change == LiveChange::Notified,
        move || unread.refetch(),
    );
}

/// The count of the page.
pub fn use_unread() -> Unread {
    expect_context()
}

/// The link to the notifications.
#[component]
pub(super) fn Bell() -> impl IntoView {
    view! {
        <Transition fallback=|| view! { <span class="icon-button" aria-hidden="true"></span> }>
            <Link />
        </Transition>
    }
    .into_any()
}

#[component]
fn Link() -> impl IntoView {
    let unread = use_unread();
    view! {
        <a class="icon-button bell" href="/notifications" aria-label=move || label(unread.count())>
            <Icon name=IconName::Bell />
            {move || {
                shown(unread.count())
                    .map(|count| {
                        view! {
                            <span class="bell__count" aria-hidden="true">
                                {count}
                            </span>
                        }
                    })
            }}
        </a>
    }
    .into_any()
}

fn label(unread: u64) -> String {
    match unread {
        0 => "Notifications".to_owned(),
        number => format!("Notifications, {number} unread"),
    }
}

fn shown(unread: u64) -> Option<String> {
    match unread {
        0 => None,
        1..=MOST => Some(unread.to_string()),
        _ => Some(format!("{MOST}+")),
    }
}

#[cfg(test)]
mod tests {
    use super::{label, shown};

    #[test]
    fn the_count_is_short_and_its_name_exact() {
        assert_eq!(shown(0), None);
        assert_eq!(shown(99).as_deref(), Some("99"));
        assert_eq!(shown(100).as_deref(), Some("99+"));
        assert_eq!(label(0), "Notifications");
        assert_eq!(label(120), "Notifications, 120 unread");
    }
}
