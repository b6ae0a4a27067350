//! Creates an Advanced REST API connector without leaving the editor.

use super::{
    connectors_tab::add_connector,
    state::{Asking, EditorState},
};
use crate::{
    api::{UiError, editor::create_connector},
    components::{Banner, Button, ButtonKind, Dialog, Field, InputKind, TextInput, Tone},
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    connector::{AdvancedRestApi, ConnectorConfig, ConnectorInput, default_timeout},
    problem::{Code, FieldError, Problem},
    validate,
};

/// The dialog; a new connector is chosen at once.
#[component]
pub fn ConnectorDialog() -> impl IntoView {
    let state = EditorState::expect();
    let open = Signal::derive(move || state.asking.read().as_ref() == Some(&Asking::NewConnector));
    view! {
        <Dialog
            id="new-connector"
            open
            title="New Advanced REST API connector"
            on_close=move |()| state.asking.set(None)
        >
            <ConnectorForm/>
        </Dialog>
    }
}

/// What was typed into the dialog.
#[derive(Clone, Copy)]
struct Typed {
    name: RwSignal<String>,
    base_url: RwSignal<String>,
    timeout: RwSignal<String>,
}

impl Typed {
    fn new() -> Self {
        Self {
            name: RwSignal::new(String::new()),
            base_url: RwSignal::new(String::new()),
            timeout: RwSignal::new(default_timeout().to_string()),
        }
    }

    /// What the server takes. A timeout that is no number becomes 0, which the check refuses.
    fn input(self) -> ConnectorInput {
        ConnectorInput {
            name: self.name.get(),
            config: ConnectorConfig::AdvancedRestApi(AdvancedRestApi {
                base_url: self.base_url.get(),
                timeout_seconds: self.timeout.get().trim().parse().unwrap_or(0),
            }),
        }
    }
}

#[component]
fn ConnectorForm() -> impl IntoView {
    let state = EditorState::expect();
    let typed = Typed::new();
    let submitted = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<Problem>);
    let errors = Memo::new(move |_| {
        let mut errors = if submitted.get() {
            validate::connector(&typed.input())
        } else {
            Vec::new()
        };
        errors.extend(refused.read().iter().flat_map(field_errors));
        errors
    });
    let error_of = move |field: &'static str| {
        Signal::derive(move || {
            let errors = errors.read();
            let error = errors.iter().find(|error| error.field == field);
            error.map(|error| error.message.clone())
        })
    };
    let created = move |result| {
        busy.set(false);
        match result {
            Ok(connector) => take_in(state, connector),
            Err(UiError(problem)) => refused.set(Some(problem)),
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submitted.set(true);
        refused.set(None);
        let input = untrack(move || typed.input());
        if busy.get_untracked() || !validate::connector(&input).is_empty() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = create_connector(input).await;
            if !busy.is_disposed() {
                created(result);
            }
        });
    };
    view! {
        <form class="editor__connector-form" on:submit=submit novalidate>
            {move || {
                refused
                    .get()
                    .filter(|problem| field_errors(problem).is_empty())
                    .map(|problem| {
                        view! {
                            <Banner tone=Tone::Error title=problem.title live=true>
                                <p>{problem.detail}</p>
                            </Banner>
                        }
                    })
            }}
            <Field id="new-connector-name" label="Name" error=error_of("name") required=true>
                <TextInput value=typed.name on_input=move |text| typed.name.set(text) autofocus=true/>
            </Field>
            <Field
                id="new-connector-base-url"
                label="Base URL"
                help="What every call's path is joined to."
                error=error_of("config.base_url")
                required=true
            >
                <TextInput
                    kind=InputKind::Url
                    value=typed.base_url
                    on_input=move |text| typed.base_url.set(text)
                    placeholder="https://dev.azure.com/your-organization/"
                />
            </Field>
            <Field
                id="new-connector-timeout"
                label="Timeout in seconds"
                help="Total time limit of a call, 1 to 600."
                error=error_of("config.timeout_seconds")
                required=true
            >
                <TextInput
                    kind=InputKind::Number
                    value=typed.timeout
                    on_input=move |text| typed.timeout.set(text)
                />
            </Field>
            <div class="dialog__actions">
                <Button on_press=move |()| state.asking.set(None)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true busy>
                    "Create and add"
                </Button>
            </div>
        </form>
    }
}

fn take_in(state: EditorState, connector: model::connector::Connector) {
    let id = connector.id;
    state.connectors.update(|all| all.push(connector));
    add_connector(state, id);
    state.asking.set(None);
}

/// The objections that belong to a field.
fn field_errors(problem: &Problem) -> Vec<FieldError> {
    if problem.code == Code::NameTaken && problem.errors.is_empty() {
        vec![FieldError::new("name", problem.detail.clone())]
    } else {
        problem.errors.clone()
    }
}
