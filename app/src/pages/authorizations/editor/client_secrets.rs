//! Several client secrets, so that one can replace another: a list, and a dialog to add one.
//!
//! These act at once, on what is stored. With one secret there is nothing to see but the way to a
//! second one.

use super::{
    actions::Actions,
    form::CLIENT_SECRET,
    state::{Asking, EditorState, Work},
};
use crate::{
    components::{
        Button, ButtonKind, ButtonSize, Checkbox, ConfirmDialog, Dialog, Field, HALF_A_DAY,
        InputKind, SecretInput, TextInput, Tone, is_half_typed, use_today,
    },
    text,
};
use chrono::NaiveDate;
use leptos::prelude::*;
use model::{
    SecretId,
    client_secret::{ClientSecretInfo, ClientSecretInput, ClientSecretPatch, MOST_SECRETS},
};

/// Id of the field for the last day of a new secret.
const EXPIRY: &str = "new-secret-expiry";
/// Days before its last one in which a secret stands out.
const SOON: i64 = 30;

/// The secrets of a saved authorization.
#[component]
pub fn ClientSecrets() -> impl IntoView {
    let state = EditorState::expect();
    let secrets = Memo::new(move |_| {
        state.editor.with(|editor| {
            let saved = editor.saved.as_ref();
            saved.map_or_else(Vec::new, |saved| {
                let all = saved.client_secrets.iter();
                all.filter(|secret| secret.field == CLIENT_SECRET)
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    let count = Memo::new(move |_| secrets.with(Vec::len));
    let room = move || (1..MOST_SECRETS).contains(&count.get());
    view! {
        <div class="secrets" hidden=move || count.get() == 0>
            <Show when=move || { count.get() > 1 }>
                <p class="secrets__title" id="secrets-title">
                    "Client secrets, tried in this order"
                </p>
                <ol class="secrets__list" aria-labelledby="secrets-title">
                    {move || {
                        secrets
                            .get()
                            .into_iter()
                            .map(|secret| view! { <Row secret/> })
                            .collect_view()
                    }}
                </ol>
                <p class="field__help">
                    "The one in use goes first; when the provider refuses it, the others are tried. Nobody has to consent again."
                </p>
            </Show>
            <Show when=room>
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    on_press=move |()| state.asking.set(Some(Asking::NewSecret))
                >
                    "Add another secret"
                </Button>
            </Show>
        </div>
        <AddDialog/>
        <RemoveDialog/>
    }
    .into_any()
}

/// How a secret is called in rows and questions.
fn name_of(secret: &ClientSecretInfo) -> String {
    match &secret.ends_in {
        Some(end) => format!("ends in …{end}"),
        None => format!("set on {}", secret.set_at.date_naive()),
    }
}

#[component]
fn Row(secret: ClientSecretInfo) -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let id = secret.id;
    let name = name_of(&secret);
    let spoken = format!(" the secret that {name}");
    let also_spoken = spoken.clone();
    let first = secret.position == 0 && !secret.in_use;
    let busy = Signal::derive(move || state.busy.get() == Some(Work::ChangingSecret(id)));
    let removed = secret.clone();
    let make_first = move |()| {
        let patch = ClientSecretPatch {
            first: true,
            ..ClientSecretPatch::default()
        };
        actions.change_secret(id, patch);
    };
    view! {
        <li class="secrets__row">
            <div class="secrets__facts">
                <span class="secrets__name">{name}</span>
                {secret.in_use.then(|| view! { <span class="badge badge--accent">"in use"</span> })}
                {secret.expires_on.map(|on| view! { <Expiry on/> })}
                <span class="secrets__worked">{worked(&secret)}</span>
            </div>
            <div class="secrets__actions">
                {(secret.position > 0)
                    .then(|| {
                        view! {
                            <Button size=ButtonSize::Small busy on_press=make_first>
                                "Make first"
                                <span class="visually-hidden">{spoken}</span>
                            </Button>
                        }
                    })}
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    on_press=move |()| {
                        state.asking.set(Some(Asking::RemoveSecret(Box::new(removed.clone()))));
                    }
                >
                    "Remove"
                    <span class="visually-hidden">{also_spoken}</span>
                </Button>
            </div>
            {first.then(|| view! { <span class="visually-hidden">"Tried first."</span> })}
        </li>
    }
    .into_any()
}

fn worked(secret: &ClientSecretInfo) -> String {
    match secret.last_worked_at {
        Some(at) => format!("worked last on {}", at.date_naive()),
        None => "not used yet".to_owned(),
    }
}

#[component]
fn Expiry(on: NaiveDate) -> impl IntoView {
    let today = use_today();
    let tone = move || {
        let left = today.get().map(|today| (on - today).num_days());
        match left {
            Some(..0) => Some(Tone::Error),
            Some(0..=SOON) => Some(Tone::Warning),
            _ => None,
        }
    };
    let class = move || match tone() {
        Some(tone) => format!("badge badge--{}", tone.name()),
        None => "badge".to_owned(),
    };
    view! { <span class=class>{move || text::expiry(on, today.get())}</span> }
}

#[component]
fn AddDialog() -> impl IntoView {
    let state = EditorState::expect();
    let open = Signal::derive(move || state.asking.read().as_ref() == Some(&Asking::NewSecret));
    let close = Callback::new(move |()| state.asking.set(None));
    view! {
        <Dialog id="new-secret" open title="Add another secret" on_close=close>
            <AddForm close/>
        </Dialog>
    }
}

#[component]
fn AddForm(close: Callback<()>) -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let value = RwSignal::new(String::new());
    let expires_on = RwSignal::new(None::<NaiveDate>);
    let first = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    let bad_day = RwSignal::new(None::<String>);
    let busy = Signal::derive(move || state.busy.get() == Some(Work::AddingSecret));
    let add = move |()| {
        let blank = value.read_untracked().trim().is_empty();
        let half = is_half_typed(EXPIRY);
        refused.set(blank.then(|| "Fill in the secret.".to_owned()));
        bad_day.set(half.then(|| HALF_A_DAY.to_owned()));
        if blank || half {
            return;
        }
        let input = ClientSecretInput {
            value: value.get_untracked(),
            expires_on: expires_on.get_untracked(),
            first: first.get_untracked(),
        };
        let on_refusal = Callback::new(move |why: String| refused.set(Some(why)));
        actions.add_secret(input, on_refusal);
    };
    view! {
        <form
            class="form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                add(());
            }
        >
            <Field
                id="new-secret-value"
                label="Secret"
                help="It is in force at once. The others stay, and nobody has to consent again."
                error=refused
                required=true
            >
                <SecretInput
                    value
                    on_input=move |text: String| value.set(text)
                    info=Signal::derive(|| None)
                />
            </Field>
            <Field
                id=EXPIRY
                label="Expires on"
                help="As the provider said when it was made."
                error=bad_day
            >
                <TextInput
                    kind=InputKind::Date
                    value=Signal::derive(String::new)
                    on_input=move |text: String| expires_on.set(text.parse().ok())
                />
            </Field>
            <Checkbox
                id="new-secret-first"
                label="Try it before the others"
                checked=first
                on_change=move |on: bool| first.set(on)
            />
            <div class="dialog__actions">
                <Button on_press=close>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true busy>
                    "Add secret"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn RemoveDialog() -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let asked = Memo::new(move |_| match state.asking.get() {
        Some(Asking::RemoveSecret(secret)) => Some(*secret),
        _ => None,
    });
    let id = move || {
        asked
            .get_untracked()
            .map(|secret: ClientSecretInfo| secret.id)
    };
    let busy = Signal::derive(move || {
        let id: Option<SecretId> = asked.get().map(|secret| secret.id);
        id.is_some_and(|id| state.busy.get() == Some(Work::ChangingSecret(id)))
    });
    let told = move || {
        asked.get().map(|secret| {
            let use_now = if secret.in_use {
                " It is the one in use: the next refresh tries the others."
            } else {
                ""
            };
            format!(
                "The secret that {} is forgotten here. At the provider it stays as it is.{use_now}",
                name_of(&secret)
            )
        })
    };
    view! {
        <ConfirmDialog
            id="remove-secret"
            open=Signal::derive(move || asked.get().is_some())
            title="Remove this secret?"
            confirm="Remove"
            danger=true
            busy
            on_confirm=move |()| {
                if let Some(id) = id() {
                    actions.remove_secret(id);
                }
            }
            on_close=move |()| state.asking.set(None)
        >
            <p>{told}</p>
        </ConfirmDialog>
    }
}
