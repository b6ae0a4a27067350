//! What stands above the form until its reason is gone.

use super::{
    actions::Actions,
    state::{EditorState, Work},
};
use crate::components::{Banner, Button, ButtonLink, PublishBanner, Tone};
use leptos::prelude::*;
use model::problem::{Code, Problem};
use uuid::Uuid;

/// The notices, most pressing first.
#[component]
pub fn Notices() -> impl IntoView {
    let state = EditorState::expect();
    let entity = Signal::derive(move || Some(Uuid::from(state.id)));
    view! {
        {move || state.trouble.get().map(|problem| view! { <Trouble problem/> })}
        <Stale/>
        <Inactive/>
        <Deprecation/>
        <PublishBanner entity serving=state.serving/>
    }
}

/// Something failed that is not a field's fault.
#[component]
fn Trouble(problem: Problem) -> impl IntoView {
    let title = match problem.code {
        Code::Unauthenticated => "Your session has ended",
        _ => problem.code.title(),
    };
    let signed_out = problem.code == Code::Unauthenticated;
    let request = problem
        .request_id
        .clone()
        .filter(|_| problem.code == Code::Internal);
    view! {
        <Banner tone=Tone::Error title live=true>
            <p>{problem.detail.clone()}</p>
            {signed_out
                .then(|| {
                    view! {
                        <p>
                            <a href="/sign-in" target="_blank" rel="noopener">
                                "Sign in in another tab"
                            </a>
                            ", then do it again here. Nothing you typed is lost."
                        </p>
                    }
                })}
            {request
                .map(|id| {
                    view! { <p>"Request " <code>{id}</code> " finds it in the server's log."</p> }
                })}
        </Banner>
    }
}

/// Somebody else saved while this form was open, or since the draft was begun.
#[component]
fn Stale() -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let shown = Memo::new(move |_| state.is_stale() && state.unsaved.get());
    let busy = Signal::derive(move || state.busy.get() == Some(Work::Comparing));
    view! {
        <Show when=move || shown.get()>
            <Banner tone=Tone::Warning title="Somebody else saved meanwhile">
                <p>"Your edits started from an older version. Nothing you typed is lost."</p>
                <Button busy on_press=move |()| actions.compare()>
                    "Compare both versions"
                </Button>
            </Banner>
        </Show>
    }
}

/// An inactive authorization can be edited, but nothing uses it.
#[component]
fn Inactive() -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let inactive = Memo::new(move |_| {
        state
            .editor
            .with(|editor| editor.saved.as_ref().is_some_and(|saved| !saved.active))
    });
    let busy = Signal::derive(move || state.busy.get() == Some(Work::SettingActive));
    view! {
        <Show when=move || inactive.get()>
            <Banner tone=Tone::Warning title="This authorization is inactive">
                <p>"It is not published, and no connector gets a token from it."</p>
                <Button busy on_press=move |()| actions.set_active(true)>
                    "Activate"
                </Button>
            </Banner>
        </Show>
    }
}

/// The provider is going away.
#[component]
fn Deprecation() -> impl IntoView {
    let provider = EditorState::expect().provider();
    provider.deprecation.clone().map(|why| {
        view! {
            <Banner tone=Tone::Warning title=format!("{} is on its way out", provider.name)>
                <p>{why}</p>
                <ButtonLink href="/authorizations/new">"Choose another provider"</ButtonLink>
            </Banner>
        }
    })
}
