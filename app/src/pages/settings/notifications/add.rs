//! Adding a channel: the form, then a webhook's signing secret, shown once.

use crate::{
    api::notifications as api,
    components::{
        Banner, Button, ButtonKind, CopyButton, Field, Form, InputKind, Select, Sending, TextInput,
        Tone, use_toasts,
    },
};
use leptos::prelude::*;
use model::{
    notification::{ChannelCreated, ChannelInput, ChannelKind},
    validate,
};

/// The form, and after it the signing secret.
#[component]
pub(super) fn AddChannel(
    /// A channel was added.
    #[prop(into)]
    on_added: Callback<()>,
    /// The dialog is done with.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let secret = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let added = Callback::new(move |created: ChannelCreated| {
        on_added.try_run(());
        if created.signing_secret.is_some() {
            drop(secret.try_set(created.signing_secret));
        } else {
            toasts.success(format!("Added {}", created.channel.target));
            on_close.try_run(());
        }
    });
    view! {
        {move || match secret.get() {
            Some(secret) => view! { <ShownOnce secret=secret on_close=on_close /> }.into_any(),
            None => view! { <ChannelForm on_created=added on_close=on_close /> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn ChannelForm(on_created: Callback<ChannelCreated>, on_close: Callback<()>) -> impl IntoView {
    let kind = RwSignal::new(ChannelKind::Email);
    let target = RwSignal::new(String::new());
    let sending = Sending::new();
    let error = sending.error_of("target");
    let add = move |()| {
        let input = ChannelInput {
            kind: kind.get_untracked(),
            target: target.get_untracked().trim().to_owned(),
        };
        if let Err(error) = validate::channel(&input) {
            sending.refuse(vec![error]);
            return;
        }
        sending.send(api::add_channel(input), move |created| {
            on_created.try_run(created);
        });
    };
    view! {
        <Form sending=sending on_submit=add>
            <Field id="channel-kind" label="By" required=true>
                <Select
                    value=Signal::derive(move || name(kind.get()).to_owned())
                    options=Signal::derive(options)
                    on_change=move |chosen: String| {
                        sending.clear();
                        kind.set(parse(&chosen));
                    }
                />
            </Field>
            {move || match kind.get() {
                ChannelKind::Email => {
                    view! {
                        <Field
                            id="channel-target"
                            label="Address"
                            help="A mailing list or a group is better than one person."
                            required=true
                            error=error
                        >
                            <TextInput
                                kind=InputKind::Email
                                placeholder="ops@example.com"
                                value=target
                                on_input=move |text| target.set(text)
                            />
                        </Field>
                    }
                        .into_any()
                }
                ChannelKind::Webhook => {
                    view! {
                        <Field
                            id="channel-target"
                            label="URL"
                            help="Gets a signed POST with JSON for every notification."
                            required=true
                            error=error
                        >
                            <TextInput
                                kind=InputKind::Url
                                placeholder="https://hooks.example.com/tokenry"
                                value=target
                                on_input=move |text| target.set(text)
                            />
                        </Field>
                    }
                        .into_any()
                }
            }}
            <div class="dialog__actions">
                <Button on_press=on_close>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true busy=sending.busy()>
                    "Add"
                </Button>
            </div>
        </Form>
    }
    .into_any()
}

/// The signing secret, the only time it can be read.
#[component]
fn ShownOnce(secret: String, on_close: Callback<()>) -> impl IntoView {
    view! {
        <Banner tone=Tone::Success title="Copy the signing secret now" live=true>
            <p>
                "The receiver checks with it that a message is from here. Nobody can show it again."
            </p>
        </Banner>
        <div class="shown-once">
            <code class="shown-once__key" id="new-signing-secret">
                {secret.clone()}
            </code>
            <CopyButton text=secret what="signing secret" />
        </div>
        <p class="muted">
            "Signatures follow the Standard Webhooks specification: libraries for most languages check them."
        </p>
        <div class="dialog__actions">
            <Button kind=ButtonKind::Primary on_press=on_close>
                "Done"
            </Button>
        </div>
    }
    .into_any()
}

const KINDS: [ChannelKind; 2] = [ChannelKind::Email, ChannelKind::Webhook];

const fn name(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Email => "email",
        ChannelKind::Webhook => "webhook",
    }
}

fn options() -> Vec<(String, String)> {
    KINDS
        .map(|kind| (name(kind).to_owned(), kind.label().to_owned()))
        .into()
}

fn parse(chosen: &str) -> ChannelKind {
    KINDS
        .into_iter()
        .find(|kind| name(*kind) == chosen)
        .unwrap_or(ChannelKind::Email)
}
