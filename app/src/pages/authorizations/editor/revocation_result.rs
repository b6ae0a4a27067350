//! Whether the provider knows that a consent is over (S16).

use super::{consent_result::ProviderSaid, state::EditorState};
use crate::components::{Banner, DueTime, RelativeTime, Tone};
use leptos::prelude::*;
use model::{
    authorization::Editor,
    revocation::{Revocation, RevocationState},
    status::{CancelReason, Status},
};

/// The newest revocation, as long as it says something about what is shown: while the consent is
/// over, and for as long as the provider does not know.
pub fn relevant(editor: &Editor) -> Option<Revocation> {
    let newest = editor.revocations.first()?;
    let over = editor.state == Status::Cancelled(CancelReason::Deauthorized);
    let open = matches!(
        newest.state,
        RevocationState::Pending | RevocationState::Failed
    );
    (over || open).then(|| newest.clone())
}

/// A few words for the line beside the status and for toasts.
pub const fn in_short(state: RevocationState) -> &'static str {
    match state {
        RevocationState::Pending => "Revocation pending",
        RevocationState::Done => "Revoked at the provider",
        RevocationState::NotOffered => "The provider does not offer revocation",
        RevocationState::Failed => "Not revoked at the provider",
    }
}

/// The result, in full.
#[component]
pub fn RevocationResult() -> impl IntoView {
    let state = EditorState::expect();
    let revocation = Memo::new(move |_| state.editor.with(relevant));
    move || {
        revocation
            .get()
            .map(|revocation| view! { <Told revocation/> })
    }
}

#[component]
fn Told(revocation: Revocation) -> impl IntoView {
    let Revocation {
        account,
        state,
        attempts,
        next_attempt_at,
        last_error,
        advice,
        created_at,
        ..
    } = revocation;
    let tone = match state {
        RevocationState::Done => Tone::Success,
        RevocationState::Pending | RevocationState::NotOffered => Tone::Info,
        RevocationState::Failed => Tone::Warning,
    };
    let whose = account.map_or_else(
        || "The consent".to_owned(),
        |account| format!("The consent of {account}"),
    );
    let next = next_attempt_at.filter(|_| attempts > 0);
    view! {
        <Banner tone title=in_short(state)>
            <p>
                {whose} " ended here " <RelativeTime at=created_at/> "."
                {next
                    .map(|at| {
                        view! {
                            " The provider could not be told yet; next attempt "
                            <DueTime at/>
                            "."
                        }
                    })}
            </p>
            {last_error.map(|said| view! { <ProviderSaid said/> })}
            {(!advice.is_empty()).then(|| view! { <p>{advice}</p> })}
        </Banner>
    }
    .into_any()
}
