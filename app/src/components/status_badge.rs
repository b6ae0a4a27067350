//! *Authorized* or *Not authorized*, why, and who consented.

use super::{Icon, IconName};
use leptos::prelude::*;
use model::{
    account::AccountInfo,
    status::{Status, StatusLabel},
};

/// Class and icon of a status.
const fn look(state: Status) -> (&'static str, IconName) {
    match state {
        Status::Healthy => ("badge badge--success", IconName::Check),
        Status::RefreshFailing | Status::Misconfigured(_) => {
            ("badge badge--warning", IconName::Warning)
        }
        Status::Never => ("badge", IconName::Circle),
        Status::Consenting => ("badge", IconName::Clock),
        Status::ReauthorizationNeeded(_) | Status::Cancelled(_) => {
            ("badge badge--error", IconName::Error)
        }
    }
}

/// The status of a consent: an icon and words, never colour alone.
#[component]
pub fn StatusBadge(
    /// The state.
    #[prop(into)]
    state: Signal<Status>,
    /// The account that consented.
    #[prop(optional, into)]
    account: Signal<Option<AccountInfo>>,
) -> impl IntoView {
    let who = move || {
        let authorized = state.get().label() == StatusLabel::Authorized;
        let account = account.get().filter(|_| authorized);
        account.map(|account| {
            let personal = account.personal.then_some(" (personal account)");
            view! {
                <span class="status__account">
                    {account.label().to_owned()} {personal}
                </span>
            }
        })
    };
    let why = move || {
        let reason = state.get().reason_text();
        (!reason.is_empty()).then(|| view! { <span class="status__reason">{reason}</span> })
    };
    view! {
        <span class="status">
            {move || {
                let (class, icon) = look(state.get());
                view! {
                    <span class=class>
                        <Icon name=icon />
                        {state.get().label().text()}
                    </span>
                }
            }}
            {why}
            {who}
        </span>
    }
    .into_any()
}
