//! The form of one connector.

use crate::{
    api::{UiError, connectors},
    components::{Banner, Button, ButtonKind, Field, InputKind, TextInput, Tone, use_toasts},
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    connector::{AdvancedRestApi, Connector, ConnectorConfig, ConnectorInput, default_timeout},
    problem::{Code, Problem},
    validate,
};

/// What is typed.
#[derive(Clone, Copy)]
struct Form {
    name: RwSignal<String>,
    base_url: RwSignal<String>,
    timeout: RwSignal<String>,
}

impl Form {
    fn new(connector: Option<&Connector>) -> Self {
        let config = connector.map(|connector| {
            let ConnectorConfig::AdvancedRestApi(config) = &connector.config;
            config.clone()
        });
        let timeout = config
            .as_ref()
            .map_or_else(default_timeout, |c| c.timeout_seconds);
        Self {
            name: RwSignal::new(connector.map(|c| c.name.clone()).unwrap_or_default()),
            base_url: RwSignal::new(config.map(|c| c.base_url).unwrap_or_default()),
            timeout: RwSignal::new(timeout.to_string()),
        }
    }

    /// As the server takes it. A timeout that is no number becomes 0, which validation refuses.
    fn input(self) -> ConnectorInput {
        ConnectorInput {
            name: self.name.get_untracked().trim().to_owned(),
            config: ConnectorConfig::AdvancedRestApi(AdvancedRestApi {
                base_url: self.base_url.get_untracked().trim().to_owned(),
                timeout_seconds: self.timeout.get_untracked().trim().parse().unwrap_or(0),
            }),
        }
    }
}

/// Creates a connector, or changes one.
#[component]
pub(super) fn ConnectorForm(
    /// The one to change; a new one when absent.
    #[prop(optional)]
    connector: Option<Connector>,
    /// It was saved.
    on_saved: Callback<()>,
    /// The form is done with.
    on_close: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new(connector.as_ref());
    let stored = connector.map(|connector| (connector.id, connector.version));
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<UiError>);
    // What belongs to no field, or to the form as a whole.
    let general = move || {
        failed
            .get()
            .filter(|error| error.0.errors.is_empty())
            .map(|error| match error.code() {
                Code::Stale => "Somebody else changed it meanwhile. Close this, look at their \
                                change, and make yours again."
                    .to_owned(),
                _ => error.0.detail,
            })
    };
    let save = move || {
        let input = form.input();
        let errors = validate::connector(&input);
        if !errors.is_empty() {
            failed.set(Some(UiError(Problem::invalid(errors))));
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let saved = match stored {
                Some((id, version)) => connectors::update(id, version, input).await,
                None => connectors::create(input).await,
            };
            // The dialog may have been closed while it was saved.
            let _ = busy.try_set(false);
            match saved {
                Ok(connector) => {
                    toasts.success(format!("Saved {}", connector.name));
                    on_close.try_run(());
                    on_saved.try_run(());
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
                save();
            }
        >
            {move || {
                general()
                    .map(|message| {
                        view! {
                            <Banner tone=Tone::Error live=true>
                                <p>{message}</p>
                            </Banner>
                        }
                    })
            }}
            <Fields form=form failed=failed />
            <div class="dialog__actions">
                <Button on_press=on_close>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true busy=busy>
                    "Save"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Fields(form: Form, failed: RwSignal<Option<UiError>>) -> impl IntoView {
    let error_of = move |field: &'static str| {
        Signal::derive(move || failed.read().as_ref().and_then(|error| error.field(field)))
    };
    view! {
        <Field id="connector-name" label="Name" required=true error=error_of("name")>
            <TextInput value=form.name on_input=move |text| form.name.set(text) autofocus=true />
        </Field>
        <Field
            id="connector-base-url"
            label="Base URL"
            help="Paths of calls are joined to it; they can never leave it."
            required=true
            error=error_of("config.base_url")
        >
            <TextInput
                kind=InputKind::Url
                placeholder="https://dev.azure.com/contoso/"
                value=form.base_url
                on_input=move |text| form.base_url.set(text)
            />
        </Field>
        <Field
            id="connector-timeout"
            label="Timeout in seconds"
            help="Total time of one call, 1 to 600."
            required=true
            error=error_of("config.timeout_seconds")
        >
            <TextInput
                kind=InputKind::Number
                value=form.timeout
                on_input=move |text| form.timeout.set(text)
            />
        </Field>
    }
    .into_any()
}
