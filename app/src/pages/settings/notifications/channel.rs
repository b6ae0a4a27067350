//! One channel: where it goes, how the last delivery went, trying it, deleting it.

use crate::{
    api::notifications as api,
    components::{Button, ButtonKind, ButtonSize, ConfirmDialog, RelativeTime, Toast, use_toasts},
};
use leptos::{prelude::*, task::spawn_local};
use model::notification::{Channel, Delivery, DeliveryState};

/// A line of the list.
#[component]
pub(super) fn ChannelRow(
    /// The channel.
    channel: Channel,
    /// The channel that is about to be deleted.
    deleting: RwSignal<Option<Channel>>,
    /// Something about it changed.
    on_change: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let id = channel.id;
    let asked = channel.clone();
    let [name, same_name] = [channel.target.clone(), channel.target.clone()];
    let test = move |()| {
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
    let disabled = channel.disabled_at.is_some();
    view! {
        <li class="channel">
            <div class="channel__words">
                <span class="channel__kind">{channel.kind.label()}</span>
                <strong class="channel__target">{channel.target.clone()}</strong>
                <span class="channel__state">
                    <State channel=channel />
                </span>
            </div>
            <div class="channel__actions">
                <Button size=ButtonSize::Small busy=busy disabled=disabled on_press=test>
                    "Test"
                    <span class="visually-hidden">" " {name}</span>
                </Button>
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    on_press=move |()| deleting.set(Some(asked.clone()))
                >
                    "Delete"
                    <span class="visually-hidden">" " {same_name}</span>
                </Button>
            </div>
        </li>
    }
    .into_any()
}

/// How it is doing, in words.
#[component]
fn State(channel: Channel) -> impl IntoView {
    if let Some(at) = channel.disabled_at {
        return view! {
            "Turned off "
            <RelativeTime at=at />
            ": the receiver says that it is gone. Delete it, or add it again."
        }
        .into_any();
    }
    match channel.last_delivery {
        None => view! { "Nothing was sent yet" }.into_any(),
        Some(last) => {
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
    }
}

/// How a test went.
fn outcome(delivery: &Delivery) -> Toast {
    if delivery.state == DeliveryState::Delivered {
        return Toast::success("The test arrived").with_text(delivery.target.clone());
    }
    let reason = delivery.last_error.clone().unwrap_or_default();
    Toast::new(crate::components::Tone::Error, "The test did not arrive")
        .with_text(format!("{}: {reason}", delivery.target))
}

/// Asks before a channel is deleted.
#[component]
pub(super) fn DeleteChannel(
    /// The channel that is about to be deleted.
    deleting: RwSignal<Option<Channel>>,
    /// It is gone.
    on_change: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let title = move || {
        let target = deleting.get().map(|channel| channel.target);
        format!("Send nothing to {} any more?", target.unwrap_or_default())
    };
    let delete = move |()| {
        let Some(channel) = deleting.get_untracked() else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let deleted = api::delete_channel(channel.id).await;
            let _ = busy.try_set(false);
            let _ = deleting.try_set(None);
            match deleted {
                Ok(_) => {
                    toasts.success(format!("Deleted {}", channel.target));
                    on_change.try_run(());
                }
                Err(error) => toasts.error(format!("{} was not deleted", channel.target), &error),
            }
        });
    };
    view! {
        <ConfirmDialog
            id="delete-channel"
            open=Signal::derive(move || deleting.read().is_some())
            title=Signal::derive(title)
            confirm="Delete"
            danger=true
            busy=busy
            on_confirm=delete
            on_close=move |()| deleting.set(None)
        >
            <p>
                "What waits to be sent there is not sent, and its deliveries disappear from the log. A webhook's signing secret is gone for good."
            </p>
        </ConfirmDialog>
    }
    .into_any()
}
