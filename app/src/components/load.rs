//! What a page shows of the server: grey rows, then the content, or why there is none.

use super::{Failure, Skeleton};
use crate::api::UiError;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// How far it got.
#[derive(Clone, PartialEq)]
enum Loading {
    Waiting,
    Ready,
    Failed(UiError),
}

/// Shows what was loaded.
///
/// The content is built once. When it is read again, its signal changes: dialogs stay open, and
/// what is typed or has the focus stays as it is.
#[component]
pub fn Load<T, C, V>(
    /// What is loaded.
    from: Resource<Result<T, UiError>>,
    /// How many grey rows stand in for it.
    rows: usize,
    /// What shows it.
    children: C,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    C: Fn(Signal<T>) -> V + Send + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=move || view! { <Skeleton rows=rows /> }>
            {
                // Made in here, so that reading the resource is what the Transition waits for.
                let loading = Memo::new(move |_| from.with(|loaded| how_far(loaded.as_ref())));
                move || match loading.get() {
                    Loading::Waiting => ().into_any(),
                    Loading::Failed(error) => {
                        view! { <Failure error=error on_retry=move |()| from.refetch() /> }
                            .into_any()
                    }
                    Loading::Ready => {
                        loaded(from).map(&children).into_any()
                    }
                }
            }
        </Transition>
    }
    .into_any()
}

fn how_far<T>(loaded: Option<&Result<T, UiError>>) -> Loading {
    match loaded {
        None => Loading::Waiting,
        Some(Ok(_)) => Loading::Ready,
        Some(Err(error)) => Loading::Failed(error.clone()),
    }
}

/// What was loaded last; a failure that comes later changes nothing of it.
fn loaded<T>(from: Resource<Result<T, UiError>>) -> Option<Signal<T>>
where
    T: Clone + Send + Sync + 'static,
{
    // Inside a Transition even an untracked read of a resource is tracked.
    let first = untrack(move || from.get_untracked())?.ok()?;
    let latest = move |before: Option<&T>| {
        let now = from.get().and_then(Result::ok);
        now.or_else(|| before.cloned())
            .unwrap_or_else(|| first.clone())
    };
    // What is loaded need not be comparable: every answer counts as a change.
    Some(Memo::new_with_compare(latest, |_, _| true).into())
}
