//! A form that is sent without leaving the page: what is under way, and what was refused.

use super::{Banner, Tone};
use crate::api::UiError;
use leptos::{html, prelude::*, task::spawn_local};
use model::problem::{FieldError, Problem};

/// How it stands with what a form sends.
#[derive(Clone, Copy)]
pub struct Sending {
    busy: RwSignal<bool>,
    failed: RwSignal<Option<UiError>>,
}

impl Sending {
    /// Nothing was sent yet.
    pub fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
        }
    }

    /// It is under way.
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// What was wrong with a field.
    pub fn error_of(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.failed.read().as_ref()?.field(field))
    }

    /// Takes back what was refused.
    pub fn clear(self) {
        self.failed.set(None);
    }

    /// Does not send it.
    pub fn refuse(self, errors: Vec<FieldError>) {
        self.failed.set(Some(UiError(Problem::invalid(errors))));
    }

    /// Sends it. `done` runs when it was taken, even if the form is gone by then.
    pub fn send<T: 'static>(
        self,
        request: impl Future<Output = Result<T, UiError>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.busy.set(true);
        spawn_local(async move {
            let answer = request.await;
            let _ = self.busy.try_set(false);
            match answer {
                Ok(taken) => {
                    let _ = self.failed.try_set(None);
                    done(taken);
                }
                Err(error) => drop(self.failed.try_set(Some(error))),
            }
        });
    }
}

/// A form. A refusal puts the focus into the first field with an error, which is so read out and
/// scrolled to; what concerns no field stands above the fields.
#[component]
pub fn Form(
    /// How it stands with it.
    sending: Sending,
    /// Send it.
    #[prop(into)]
    on_submit: Callback<()>,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if sending.failed.read().is_some()
            && let Some(form) = node.get_untracked()
        {
            // By the next frame its fields show what is wrong.
            request_animation_frame(move || focus_first_error(&form));
        }
    });
    let general = move || {
        let failed = sending.failed.get();
        failed.filter(|error| error.0.errors.is_empty())
    };
    view! {
        <form
            node_ref=node
            class="form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                if !sending.busy.get_untracked() {
                    on_submit.run(());
                }
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
            {children()}
        </form>
    }
    .into_any()
}

fn focus_first_error(form: &web_sys::Element) {
    use wasm_bindgen::JsCast as _;

    let field = form.query_selector("[aria-invalid=true]").ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}
