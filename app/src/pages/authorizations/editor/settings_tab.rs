//! The Settings tab: the name, and the fields that the provider's definition asks for.

use super::{
    client_secrets::ClientSecrets,
    form::{CLIENT_SECRET, FormStoreFields as _, SECRET_EXPIRY, element_id},
    setup::Setup,
    state::EditorState,
};
use crate::components::{Checkbox, CopyButton, Field, InputKind, SecretInput, Select, TextInput};
use chrono::NaiveDate;
use leptos::prelude::*;
use model::provider::{FieldKind, SettingsField};

/// Name and client registration.
#[component]
pub fn SettingsTab() -> impl IntoView {
    let state = EditorState::expect();
    let provider = state.provider();
    view! {
        <div class="editor__settings">
            <div class="editor__fields">
                <NameField/>
                {provider
                    .fields
                    .iter()
                    .map(|field| view! { <ProviderField field=field.clone()/> })
                    .collect_view()}
                <RedirectUri/>
            </div>
            <Setup/>
        </div>
    }
}

/// What a field needs to know whatever its kind.
#[derive(Clone, Copy)]
struct Wiring {
    error: Signal<Option<String>>,
    on_blur: Callback<()>,
}

fn wiring(state: EditorState, path: &str) -> Wiring {
    let (shown, left) = (path.to_owned(), path.to_owned());
    Wiring {
        error: Signal::derive(move || state.error_of(&shown)),
        on_blur: Callback::new(move |()| state.leave(&left)),
    }
}

#[component]
fn NameField() -> impl IntoView {
    let state = EditorState::expect();
    let Wiring { error, on_blur } = wiring(state, "name");
    view! {
        <Field
            id=element_id("name")
            label="Name"
            help="What it is called here, in lists and in the publish history."
            error
            required=true
        >
            <TextInput
                value=Signal::derive(move || state.form.name().get())
                on_input=move |name| state.form.name().set(name)
                on_blur
            />
        </Field>
    }
}

/// One field of the provider's definition. A new [`FieldKind`] gets its control here.
#[component]
fn ProviderField(field: SettingsField) -> impl IntoView {
    let state = EditorState::expect();
    match field.kind {
        FieldKind::Bool => view! { <Tick field/> }.into_any(),
        FieldKind::Secret => {
            let expires = field.key == CLIENT_SECRET;
            view! {
                <Secret field/>
                {expires
                    .then(|| {
                        view! {
                            <SecretExpiry/>
                            <ClientSecrets/>
                        }
                    })}
            }
            .into_any()
        }
        FieldKind::Choice => view! { <Chosen field/> }.into_any(),
        FieldKind::Text => line(state, field, InputKind::Text),
        FieldKind::Guid | FieldKind::KeyValues => line(state, field, InputKind::Code),
        FieldKind::Url => line(state, field, InputKind::Url),
    }
}

fn path_of(field: &SettingsField) -> String {
    format!("settings.{}", field.key)
}

/// The value of a field and how it is changed.
fn binding(state: EditorState, key: &str) -> (Signal<String>, Callback<String>) {
    let (read, write) = (key.to_owned(), key.to_owned());
    (
        Signal::derive(move || state.setting(&read)),
        Callback::new(move |value| state.set_setting(&write, value)),
    )
}

fn line(state: EditorState, field: SettingsField, kind: InputKind) -> AnyView {
    let path = path_of(&field);
    let Wiring { error, on_blur } = wiring(state, &path);
    let (value, on_input) = binding(state, &field.key);
    let placeholder = field.placeholder.unwrap_or_default();
    let help = field.help.unwrap_or_default();
    view! {
        <Field id=element_id(&path) label=field.label help error required=field.required>
            <TextInput kind value on_input on_blur placeholder/>
        </Field>
    }
    .into_any()
}

#[component]
fn Tick(field: SettingsField) -> impl IntoView {
    let state = EditorState::expect();
    let path = path_of(&field);
    let (value, set) = binding(state, &field.key);
    view! {
        <Checkbox
            id=element_id(&path)
            label=field.label
            help=field.help.unwrap_or_default()
            checked=Signal::derive(move || *value.read() == "true")
            on_change=move |on: bool| set.run(on.to_string())
        />
    }
}

#[component]
fn Chosen(field: SettingsField) -> impl IntoView {
    let state = EditorState::expect();
    let path = path_of(&field);
    let Wiring { error, .. } = wiring(state, &path);
    let (value, on_change) = binding(state, &field.key);
    let options: Vec<_> = field
        .choices
        .into_iter()
        .map(|choice| (choice.value, choice.label))
        .collect();
    view! {
        <Field
            id=element_id(&path)
            label=field.label
            help=field.help.unwrap_or_default()
            error
            required=field.required
        >
            <Select value on_change options placeholder="Choose one"/>
        </Field>
    }
}

#[component]
fn Secret(field: SettingsField) -> impl IntoView {
    let state = EditorState::expect();
    let path = path_of(&field);
    let Wiring { error, on_blur } = wiring(state, &path);
    let (value, on_input) = binding(state, &field.key);
    let key = StoredValue::new(field.key);
    // A first secret stays in its field while it is typed, though the draft has it already.
    let typed_into = RwSignal::new(None::<u32>);
    let typing = Memo::new(move |_| typed_into.get() == Some(state.adopted.get()));
    let info = Signal::derive(move || {
        key.with_value(|key| {
            state.editor.with(|editor| {
                let saved = editor.saved.as_ref();
                let first = !saved.is_some_and(|saved| saved.secrets.contains_key(key));
                let known = editor.secrets.get(key).cloned();
                known.filter(|_| !(first && typing.get()))
            })
        })
    });
    let on_input = Callback::new(move |text: String| {
        typed_into.set(Some(state.adopted.get_untracked()));
        on_input.run(text);
    });
    let placeholder = StoredValue::new(field.placeholder.unwrap_or_default());
    view! {
        <Field
            id=element_id(&path)
            label=field.label
            help=field.help.unwrap_or_default()
            error
            required=field.required
        >
            // Built anew after a save: what was being replaced is stored now.
            {move || {
                state.adopted.track();
                view! {
                    <SecretInput value on_input info on_blur placeholder=placeholder.get_value()/>
                }
            }}
        </Field>
    }
}

/// The last day of the client secret, as the provider said.
#[component]
fn SecretExpiry() -> impl IntoView {
    let state = EditorState::expect();
    let Wiring { error, on_blur } = wiring(state, SECRET_EXPIRY);
    // Follows the server's versions and not every key: a date is incomplete while it is typed, and
    // putting "nothing" back would empty the parts that are typed already.
    let value = Signal::derive(move || {
        state.adopted.track();
        let day = state.form.secret_expires_on().get_untracked();
        day.map(|day| day.to_string()).unwrap_or_default()
    });
    view! {
        <Field
            id=element_id(SECRET_EXPIRY)
            label="Client secret expires on"
            help="As the provider said when it was made. You are warned 30 days before."
            error
        >
            <TextInput
                kind=InputKind::Date
                value
                on_input=move |text: String| {
                    state.form.secret_expires_on().set(text.parse::<NaiveDate>().ok());
                    state.look_at_day();
                }
                on_blur=move |()| {
                    state.look_at_day();
                    on_blur.run(());
                }
            />
        </Field>
    }
}

/// The redirect URI, to be registered at the provider as it is sent.
#[component]
fn RedirectUri() -> impl IntoView {
    let state = EditorState::expect();
    let uri = Memo::new(move |_| state.editor.with(|editor| editor.redirect_uri.clone()));
    view! {
        <div class="editor__redirect">
            <Field
                id=element_id("redirect_uri")
                label="Redirect URI"
                help="Register exactly this at the provider, character by character. Tokenry sends it as it stands here."
                required=true
            >
                <TextInput
                    kind=InputKind::Url
                    value=Signal::derive(move || uri.get())
                    on_input=|_: String| {}
                    readonly=true
                />
            </Field>
            <CopyButton text=Signal::derive(move || uri.get()) what="redirect URI"/>
        </div>
    }
}
