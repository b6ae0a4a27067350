//! Making a key: the form, then the key, shown once.

use crate::{
    api::api_keys,
    components::{
        Banner, Button, ButtonKind, Checkbox, CopyButton, Field, FieldError as ErrorText, Form,
        HALF_A_DAY, InputKind, Sending, TextInput, Tone, is_half_typed,
    },
};
use leptos::prelude::*;
use model::{
    api_key::{ApiKeyCreated, ApiKeyInput, KeyScope},
    problem::FieldError,
    validate,
};

/// Id of the field for the last day.
const LAST_DAY: &str = "key-expires";

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
                view! { <KeyForm created=created on_created=on_created on_close=on_close /> }.into_any()
            }
        }}
    }
    .into_any()
}

#[component]
fn KeyForm(
    created: RwSignal<Option<ApiKeyCreated>>,
    on_created: Callback<()>,
    on_close: Callback<()>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let scopes = RwSignal::new(vec![KeyScope::TokensRead]);
    let expires = RwSignal::new(String::new());
    let sending = Sending::new();
    let create = move |()| {
        let day = Some(expires.get_untracked()).filter(|_| !is_half_typed(LAST_DAY));
        match input(
            &name.read_untracked(),
            &scopes.read_untracked(),
            day.as_deref(),
        ) {
            Ok(input) => sending.send(api_keys::create(input), move |key| {
                on_created.try_run(());
                let _ = created.try_set(Some(key));
            }),
            Err(errors) => sending.refuse(errors),
        }
    };
    view! {
        <Form sending=sending on_submit=create>
            <Field
                id="key-name"
                label="Name"
                help="The program that will use it."
                required=true
                error=sending.error_of("name")
            >
                <TextInput
                    placeholder="Nightly import"
                    value=name
                    on_input=move |text| name.set(text)
                    autofocus=true
                />
            </Field>
            <Scopes scopes=scopes error=sending.error_of("scopes") />
            <Field
                id=LAST_DAY
                label="Last day"
                help="It works for ever when left empty."
                error=sending.error_of("expires_on")
            >
                <TextInput
                    kind=InputKind::Date
                    value=expires
                    on_input=move |text| expires.set(text)
                />
            </Field>
            <div class="dialog__actions">
                <Button on_press=on_close>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true busy=sending.busy()>
                    "Create"
                </Button>
            </div>
        </Form>
    }
    .into_any()
}

#[component]
fn Scopes(scopes: RwSignal<Vec<KeyScope>>, error: Signal<Option<String>>) -> impl IntoView {
    const ERROR: &str = "key-scopes-error";
    let choose = move |scope: KeyScope, on: bool| {
        scopes.update(|scopes| {
            scopes.retain(|chosen| *chosen != scope);
            if on {
                scopes.push(scope);
            }
        });
    };
    let is_wrong = Signal::derive(move || error.read().is_some());
    view! {
        <fieldset class="fieldset" aria-describedby=move || is_wrong.get().then_some(ERROR)>
            <legend class="field__label">"May be used to"</legend>
            {KeyScope::ALL
                .into_iter()
                .map(|scope| {
                    view! {
                        <Checkbox
                            id=format!("key-scope-{}", scope.as_str().replace(':', "-"))
                            label=scope.description()
                            checked=Signal::derive(move || scopes.read().contains(&scope))
                            invalid=is_wrong
                            on_change=move |on| choose(scope, on)
                        />
                    }
                })
                .collect_view()}
            <ErrorText id=ERROR.to_owned() error=error />
        </fieldset>
    }
    .into_any()
}

/// The form as the server takes it, or what is wrong with it. No `expires`: it is half typed.
fn input(
    name: &str,
    scopes: &[KeyScope],
    expires: Option<&str>,
) -> Result<ApiKeyInput, Vec<FieldError>> {
    let expires_on = match expires.map(str::trim) {
        None => Err(HALF_A_DAY),
        Some("") => Ok(None),
        Some(day) => day
            .parse()
            .map(Some)
            .map_err(|_| "Write the day as year-month-day: 2026-12-31."),
    };
    let mut scopes = scopes.to_vec();
    scopes.sort();
    let input = ApiKeyInput {
        name: name.trim().to_owned(),
        scopes,
        expires_on: expires_on.unwrap_or_default(),
    };
    let mut errors = validate::api_key(&input);
    errors.extend(
        expires_on
            .err()
            .map(|wrong| FieldError::new("expires_on", wrong)),
    );
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
        assert_eq!(
            fields("", &[], Some("soon")),
            ["name", "scopes", "expires_on"]
        );
        assert_eq!(fields("x", &[KeyScope::Call], None), ["expires_on"]);
        assert!(fields("x", &[KeyScope::Call], Some("2026-12-31")).is_empty());
        assert!(fields("x", &[KeyScope::Call], Some("")).is_empty());
    }
}
