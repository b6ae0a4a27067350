//! How people are told beside the bell: channels, and what was sent through them.

mod add;
mod channel;
mod log;

use crate::{
    api::notifications as api,
    components::{Button, DeleteDialog, Dialog, Icon, IconName, Listing, Load, Rows},
    live::use_live,
};
use add::AddChannel;
use channel::ChannelRow;
use leptos::prelude::*;
use log::DeliveryLog;
use model::{
    health::LiveChange,
    notification::{Channel, Delivery},
};

/// Entries of the log a page.
const PAGE: u32 = 20;

/// Channels and their log.
#[component]
pub(super) fn NotificationSettings() -> impl IntoView {
    let channels = Resource::new(|| (), |()| api::channels());
    let first = Resource::new(|| (), |()| api::deliveries(None, PAGE));
    let log = Listing::<Delivery>::empty();
    let adding = RwSignal::new(false);
    let deleting = RwSignal::new(None::<Channel>);
    let read_again = Callback::new(move |()| {
        channels.refetch();
        log.read_again(PAGE, |entry| entry.id, |limit| api::deliveries(None, limit));
    });
    use_live(
        |change| change == LiveChange::Notified,
        move || read_again.run(()),
    );
    view! {
        <Load from=channels rows=2 let:channels>
            <Channels channels=channels deleting=deleting on_change=read_again />
        </Load>
        <div class="form__actions">
            <Button on_press=move |()| adding.set(true)>
                <Icon name=IconName::Plus />
                "Add e-mail or webhook"
            </Button>
        </div>
        <Transition>
            {move || {
                first
                    .get()
                    .and_then(Result::ok)
                    .map(|page| {
                        log.show(page);
                        view! { <DeliveryLog log=log /> }
                    })
            }}
        </Transition>
        <Dialog
            id="add-channel"
            open=adding
            title="Send notifications to"
            on_close=move |()| adding.set(false)
        >
            <AddChannel on_added=read_again on_close=move |()| adding.set(false) />
        </Dialog>
        <DeleteDialog
            id="delete-channel"
            deleting=deleting
            name=|channel: &Channel| channel.target.clone()
            delete=|channel: Channel| api::delete_channel(channel.id)
            on_deleted=read_again
        >
            <p>
                "What waits to be sent there is not sent, and its deliveries disappear from the log. A webhook's signing secret is gone for good."
            </p>
        </DeleteDialog>
    }
    .into_any()
}

#[component]
fn Channels(
    channels: Signal<Vec<Channel>>,
    deleting: RwSignal<Option<Channel>>,
    on_change: Callback<()>,
) -> impl IntoView {
    let is_empty = Memo::new(move |_| channels.read().is_empty());
    move || {
        if is_empty.get() {
            return view! {
                <p class="muted">
                    "Nothing is sent yet: people are told by the bell at the top of every page, which somebody has to look at."
                </p>
            }
            .into_any();
        }
        view! {
            <ul class="channels">
                <Rows of=channels id=|channel: &Channel| channel.id let:channel>
                    <ChannelRow channel=channel deleting=deleting on_change=on_change />
                </Rows>
            </ul>
        }
        .into_any()
    }
}
