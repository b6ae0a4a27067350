//! What the browser of a connect link is asked. It may have no account here: the flow cookie says
//! that it is the one (S2).

use super::UiError;
use leptos::server;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// Another account than before consented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectQuestion {
    /// What the authorization is called.
    pub authorization: String,
    /// The account so far, masked.
    pub before: String,
    /// The account that signed in now.
    pub now: String,
    /// The account so far was deactivated.
    pub expected: bool,
}

/// The question that waits for this browser.
#[server(prefix = "/ui", endpoint = "connect/question", input = Json)]
pub async fn load_question(token: String) -> Result<ConnectQuestion, UiError> {
    let context = crate::context::RequestContext::get();
    let question = context
        .broker
        .link_question(&token, context.flow_cookie.as_deref())
        .await
        .map_err(super::refuse)?;
    Ok(ConnectQuestion {
        authorization: question.authorization,
        before: question.before,
        now: question.now,
        expected: question.expected,
    })
}

/// Takes the answer: `choice` is `new` or `old`. A plain form post, so that it works without scripts;
/// it leads on to the last page.
#[server(prefix = "/ui", endpoint = "connect/answer")]
pub async fn answer_connect(token: String, choice: String) -> Result<(), UiError> {
    use broker::consent::AccountChoice;

    let context = crate::context::RequestContext::get();
    // Only a clear yes replaces anything.
    let (choice, ending) = match choice.as_str() {
        "new" => (AccountChoice::New, "done"),
        _ => (AccountChoice::Old, "kept"),
    };
    let answered = context
        .broker
        .answer_link(&token, context.flow_cookie.as_deref(), choice)
        .await;
    let ending = match answered.map_err(super::refuse) {
        Ok(()) => ending,
        Err(_) => "late",
    };
    leptos_axum::redirect(&format!("/connect/done?flow={ending}"));
    Ok(())
}
