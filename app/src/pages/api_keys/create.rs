//! Making a key: the form, then the key, shown once.

use crate::{
    api::{UiError, api_keys},
    components::{
        Banner, Button, ButtonKind, Checkbox, CopyButton, Field, InputKind, TextInput, Tone,
    },
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    api_key::{ApiKeyCreated, ApiKeyInput, KeyScope},
    problem::{FieldError, Problem},
    validate,
};

/// The form, and after it the key.
#[component]
pub(super) fn CreateKey(
    /// A key was made.
    #[prop(into)]
    on_created: Callback<()>,
    /// The dialog is done with.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let created = RwSignal::new(None::<ApiKeyCreated>);
    view! {
        {move || match created.get() {
            Some(key) => view! { <ShownOnce created=key on_close=on_close /> }.into_any(),
            None => {
                view! { <Form created=created on_created=on_created on_close=on_close /> }.into_any()
            }
        }}
    }
    .into_any()
}

#[component]
fn Form(
    created: RwSignal<Option<ApiKeyCreated>>,
    on_created: Callback<()>,
    on_close: Callback<()>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let scopes = RwSignal::new(vec![KeyScope::TokensRead]);
    let expires = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<UiError>);
    let error_of = move |field: &'static str| {
        Signal::derive(move || failed.read().as_ref().and_then(|error| error.field(field)))
    };
    let general = move || failed.get().filter(|error| error.0.errors.is_empty());
    let create = move || {
        let input = match input(
            &name.read_untracked(),
            &scopes.read_untracked(),
            &expires.read_untracked(),
        ) {
            Ok(input) => input,
            Err(errors) => {
                failed.set(Some(UiError(Problem::invalid(errors))));
                return;
            }
        };
        busy.set(true);
        spawn_local(async move {
            let result = api_keys::create(input).await;
            let _ = busy.try_set(false);
            match result {
                Ok(key) => {
                    on_created.try_run(());
                    drop(created.try_set(Some(key)));
                }
                Err(error) => drop(failed.try_set(Some(error))),
            }
        });
    };
    view! {
        <form
            class="form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                create();
            }
        >
            {move || {
                general()
                    .map(|error| {
                        view! {
                            <Banner tone=Tone::Error live=true>
                                <p>{error.0.detail}</p>
                            </Banner>
                        }
                    })
            }}
            <Field
                id="key-name"
                label="Name"
                help="The program that will use it."
                required=true
                error=error_of("name")
            >
                <TextInput
                    placeholder="Nightly import"
                    value=name
                    on_input=move |text| name.set(text)
                    autofocus=true
                />
            </Field>
            <Scopes scopes=scopes error=error_of("scopes") />
            <Field
                id="key-expires"
                label="Last day"
                help="It works for ever when left empty."
                error=error_of("expires_on")
            >
                <TextInput
                    kind=InputKind::Date
                    value=expires
                    on_input=move |text| expires.set(text)
                />
            </Field>
            <div class="dialog__actions">
                <Button on_press=on_close>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true busy=busy>
                    "Create"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Scopes(scopes: RwSignal<Vec<KeyScope>>, error: Signal<Option<String>>) -> impl IntoView {
    let choose = move |scope: KeyScope, on: bool| {
        scopes.update(|scopes| {
            scopes.retain(|chosen| *chosen != scope);
            if on {
                scopes.push(scope);
            }
        });
    };
    view! {
        <fieldset class="fieldset" aria-describedby="key-scopes-error">
            <legend class="field__label">"May be used to"</legend>
            {KeyScope::ALL
                .into_iter()
                .map(|scope| {
                    view! {
                        <Checkbox
                            id=format!("key-scope-{}", scope.as_str().replace(':', "-"))
                            label=scope.description()
                            checked=Signal::derive(move || scopes.read().contains(&scope))
                            on_change=move |on| choose(scope, on)
                        />
                    }
                })
                .collect_view()}
            <p class="field__error" id="key-scopes-error" role="alert">
                {move || error.get()}
            </p>
        </fieldset>
    }
    .into_any()
}

/// The form as the server takes it, or what is wrong with it.
fn input(name: &str, scopes: &[KeyScope], expires: &str) -> Result<ApiKeyInput, Vec<FieldError>> {
    let day = expires.trim();
    let expires_on = if day.is_empty() {
        Ok(None)
    } else {
        day.parse().map(Some).map_err(|_| {
            FieldError::new("expires_on", "Write the day as year-month-day: 2026-12-31.")
        })
    };
    let mut scopes = scopes.to_vec();
    scopes.sort();
    let input = ApiKeyInput {
        name: name.trim().to_owned(),
        scopes,
        expires_on: expires_on.clone().unwrap_or_default(),
    };
    let mut errors = validate::api_key(&input);
    errors.extend(expires_on.err());
    if errors.is_empty() {
        Ok(input)
    } else {
        Err(errors)
    }
}

/// The key, the only time it can be read (S22).
#[component]
fn ShownOnce(created: ApiKeyCreated, on_close: Callback<()>) -> impl IntoView {
    let key = created.key;
    let example = format!(
        "curl -H 'Authorization: Bearer {key}' {}/api/v1/authorizations",
        origin()
    );
    view! {
        <Banner tone=Tone::Success title="Copy the key now" live=true>
            <p>"It is stored as a hash only, so nobody can show it again."</p>
        </Banner>
        <div class="shown-once">
            <code class="shown-once__key" id="new-key">
                {key.clone()}
            </code>
            <CopyButton text=key what="API key" />
        </div>
        <p class="field__label">"Try it"</p>
        <pre class="snippet">
            <code>{example.clone()}</code>
        </pre>
        <div class="dialog__actions dialog__actions--spread">
            <CopyButton text=example what="example" />
            <Button kind=ButtonKind::Primary on_press=on_close>
                "Done"
            </Button>
        </div>
    }
    .into_any()
}

/// This server's address as the browser knows it. The dialog opens in the browser only.
fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::input;
    use model::api_key::KeyScope;

    #[test]
    fn errors_stand_beside_their_fields() {
        let fields = |name, scopes: &[_], day| {
            let errors = input(name, scopes, day).err().unwrap_or_default();
            errors
                .into_iter()
                .map(|error| error.field)
                .collect::<Vec<_>>()
        };
        assert_eq!(fields("", &[], "soon"), ["name", "scopes", "expires_on"]);
        assert!(fields("x", &[KeyScope::Call], "2026-12-31").is_empty());
        assert!(fields("x", &[KeyScope::Call], "").is_empty());
    }
}
