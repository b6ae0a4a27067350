//! One channel: where it goes, how the last delivery went, trying it, deleting it.

use crate::{
    api::notifications as api,
    components::{Button, ButtonKind, ButtonSize, RelativeTime, Toast, Tone, use_toasts},
};
use leptos::{prelude::*, task::spawn_local};
use model::notification::{Channel, Delivery, DeliveryState};

/// A line of the list.
#[component]
pub(super) fn ChannelRow(
    /// The channel.
    channel: Memo<Channel>,
    /// The channel that is about to be deleted.
    deleting: RwSignal<Option<Channel>>,
    /// Something about it changed.
    on_change: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let test = move |()| {
        let id = channel.read_untracked().id;
        busy.set(true);
        spawn_local(async move {
            let tried = api::test_channel(id).await;
            let _ = busy.try_set(false);
            match tried {
                Ok(delivery) => toasts.show(outcome(&delivery)),
                Err(error) => toasts.error("The test was not sent", &error),
            }
            on_change.try_run(());
        });
    };
    let disabled = Signal::derive(move || channel.read().disabled_at.is_some());
    let target = move || channel.get().target;
    view! {
        <li class="channel">
            <div class="channel__words">
                <span class="channel__kind">{move || channel.read().kind.label()}</span>
                <strong class="channel__target">{target}</strong>
                <span class="channel__state">{move || state(&channel.read())}</span>
            </div>
            <div class="channel__actions">
                <Button size=ButtonSize::Small busy=busy disabled=disabled on_press=test>
                    "Test"
                    <span class="visually-hidden">" " {target}</span>
                </Button>
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    on_press=move |()| deleting.set(Some(channel.get_untracked()))
                >
                    "Delete"
                    <span class="visually-hidden">" " {target}</span>
                </Button>
            </div>
        </li>
    }
    .into_any()
}

/// How it is doing, in words.
fn state(channel: &Channel) -> AnyView {
    if let Some(at) = channel.disabled_at {
        return view! {
            "Turned off "
            <RelativeTime at=at />
            ": the receiver says that it is gone. Delete it, or add it again."
        }
        .into_any();
    }
    let Some(last) = &channel.last_delivery else {
        return "Nothing was sent yet".into_any();
    };
    let words = match last.state {
        DeliveryState::Pending => "The last message waits to be sent again; tried ",
        DeliveryState::Delivered => "The last message arrived ",
        DeliveryState::Failed => "The last message did not arrive; tried ",
    };
    view! {
        {words}
        <RelativeTime at=last.at />
    }
    .into_any()
}

/// How a test went.
fn outcome(delivery: &Delivery) -> Toast {
    if delivery.state == DeliveryState::Delivered {
        return Toast::success("The test arrived").with_text(delivery.target.clone());
    }
    let reason = delivery.last_error.clone().unwrap_or_default();
    Toast::new(Tone::Error, "The test did not arrive")
        .with_text(format!("{}: {reason}", delivery.target))
}
