//! The form of one connector, here and in the editor of an authorization.

use crate::{
    api::{UiError, connectors},
    components::{Button, ButtonKind, Field, Form, InputKind, Sending, TextInput},
};
use leptos::prelude::*;
use model::{
    connector::{AdvancedRestApi, Connector, ConnectorConfig, ConnectorInput, default_timeout},
    problem::Code,
    validate,
};

/// What is typed.
#[derive(Clone, Copy)]
struct Typed {
    name: RwSignal<String>,
    base_url: RwSignal<String>,
    timeout: RwSignal<String>,
}

impl Typed {
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
pub fn ConnectorForm(
    /// The one to change; a new one when there is none.
    connector: Option<Connector>,
    /// What the button does: "Save".
    verb: &'static str,
    /// It was saved, and is now like this.
    #[prop(into)]
    on_saved: Callback<Connector>,
    /// The form is done with.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let typed = Typed::new(connector.as_ref());
    let stored = connector.map(|connector| (connector.id, connector.version));
    let sending = Sending::new();
    // Goes with this form: when it was saved, another one may be open.
    let close = Callback::new(move |()| on_close.run(()));
    let save = move |()| {
        let input = typed.input();
        let errors = validate::connector(&input);
        if !errors.is_empty() {
            sending.refuse(errors);
            return;
        }
        sending.send(store(stored, input), move |connector| {
            close.try_run(());
            on_saved.try_run(connector);
        });
    };
    view! {
        <Form sending=sending on_submit=save>
            <Fields typed=typed sending=sending />
            <div class="dialog__actions">
                <Button on_press=on_close>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true busy=sending.busy()>
                    {verb}
                </Button>
            </div>
        </Form>
    }
    .into_any()
}

async fn store(
    stored: Option<(model::ConnectorId, i64)>,
    input: ConnectorInput,
) -> Result<Connector, UiError> {
    let Some((id, version)) = stored else {
        return connectors::create(input).await;
    };
    let saved = connectors::update(id, version, input).await;
    saved.map_err(|error| match error.code() {
        Code::Stale => UiError::new(
            Code::Stale,
            "Somebody else changed it meanwhile. Close this, look at their change, and make yours \
             again.",
        ),
        _ => error,
    })
}

#[component]
fn Fields(typed: Typed, sending: Sending) -> impl IntoView {
    view! {
        <Field id="connector-name" label="Name" required=true error=sending.error_of("name")>
            <TextInput value=typed.name on_input=move |text| typed.name.set(text) autofocus=true />
        </Field>
        <Field
            id="connector-base-url"
            label="Base URL"
            help="Paths of calls are joined to it; they can never leave it."
            required=true
            error=sending.error_of("config.base_url")
        >
            <TextInput
                kind=InputKind::Url
                placeholder="https://dev.azure.com/contoso/"
                value=typed.base_url
                on_input=move |text| typed.base_url.set(text)
            />
        </Field>
        <Field
            id="connector-timeout"
            label="Timeout in seconds"
            help="Total time of one call, 1 to 600."
            required=true
            error=sending.error_of("config.timeout_seconds")
        >
            <TextInput
                kind=InputKind::Number
                value=typed.timeout
                on_input=move |text| typed.timeout.set(text)
            />
        </Field>
    }
    .into_any()
}
