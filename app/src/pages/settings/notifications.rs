//! How people are told beside the bell: channels, and what was sent through them.

mod add;
mod channel;
mod log;

use crate::{
    api::notifications as api,
    components::{Button, Dialog, Failure, Icon, IconName, Skeleton},
    live::use_live,
};
use add::AddChannel;
use channel::ChannelRow;
use leptos::prelude::*;
use log::DeliveryLog;
use model::{health::LiveChange, notification::Channel};

/// Channels and their log.
#[component]
pub(super) fn NotificationSettings() -> impl IntoView {
    let channels = Resource::new(|| (), |()| api::channels());
    let log = Resource::new(|| (), |()| api::deliveries(None));
    let adding = RwSignal::new(false);
    let refetch = Callback::new(move |()| {
        channels.refetch();
        log.refetch();
    });
    use_live(
        |change| change == LiveChange::Notified,
        move || refetch.run(()),
    );
    view! {
        <Transition fallback=|| view! { <Skeleton rows=2 /> }>
            {move || {
                channels
                    .get()
                    .map(|channels| match channels {
                        Ok(channels) => {
                            view! { <Channels channels=channels on_change=refetch /> }.into_any()
                        }
                        Err(error) => view! { <Failure error=error on_retry=refetch /> }.into_any(),
                    })
            }}
        </Transition>
        <div class="form__actions">
            <Button on_press=move |()| adding.set(true)>
                <Icon name=IconName::Plus />
                "Add e-mail or webhook"
            </Button>
        </div>
        <Transition>
            {move || {
                log.get().and_then(Result::ok).map(|page| view! { <DeliveryLog first=page /> })
            }}
        </Transition>
        <Dialog
            id="add-channel"
            open=adding
            title="Send notifications to"
            on_close=move |()| adding.set(false)
        >
            <AddChannel on_added=refetch on_close=move |()| adding.set(false) />
        </Dialog>
    }
    .into_any()
}

#[component]
fn Channels(channels: Vec<Channel>, on_change: Callback<()>) -> impl IntoView {
    if channels.is_empty() {
        return view! {
            <p class="muted">
                "Nothing is sent yet: people are told by the bell at the top of every page, which somebody has to look at."
            </p>
        }
        .into_any();
    }
    let deleting = RwSignal::new(None::<Channel>);
    view! {
        <ul class="channels">
            {channels
                .into_iter()
                .map(|channel| {
                    view! { <ChannelRow channel=channel deleting=deleting on_change=on_change /> }
                })
                .collect_view()}
        </ul>
        <channel::DeleteChannel deleting=deleting on_change=on_change />
    }
    .into_any()
}
