//! `/connect/confirm?token=`: another account than before consented over a connect link. Nothing is
//! replaced until the person in that browser says so.

use super::front::Front;
use crate::{
    api::connect::{AnswerConnect, ConnectQuestion, load_question},
    components::{Banner, Failure, Skeleton, Tone},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn as _;

/// The question.
#[component]
pub fn ConnectConfirm() -> impl IntoView {
    let token = use_query_map()
        .read_untracked()
        .get("token")
        .unwrap_or_default();
    let asked = token.clone();
    let question = Resource::new(move || asked.clone(), load_question);
    view! {
        <Suspense fallback=|| view! { <Skeleton rows=4/> }>
            {move || {
                let token = token.clone();
                question
                    .get()
                    .map(|question| match question {
                        Ok(question) => view! { <Question question token/> }.into_any(),
                        Err(error) => {
                            view! {
                                <Front title="Nothing to answer">
                                    <Failure error/>
                                </Front>
                            }
                                .into_any()
                        }
                    })
            }}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Question(question: ConnectQuestion, token: String) -> impl IntoView {
    let ConnectQuestion {
        authorization,
        before,
        now,
        expected,
    } = question;
    let consequence = if expected {
        "The account so far was deactivated, so another one is what it takes."
    } else {
        "The connection then acts for the new account: it sees and changes what that account may. The consent of the account so far ends."
    };
    view! {
        <Front title="Use another account?">
            <p class="front__text">
                "You signed in as " <strong>{now.clone()}</strong> ". The connection “"
                {authorization} "” acts for " <strong>{before.clone()}</strong> " so far."
            </p>
            <Banner tone=Tone::Warning>
                <p>{consequence}</p>
            </Banner>
            <form class="form" method="post" action=AnswerConnect::url()>
                <input type="hidden" name="token" value=token/>
                <button
                    type="submit"
                    name="choice"
                    value="new"
                    class="button button--primary button--wide"
                >
                    {format!("Use {now}")}
                </button>
                <button type="submit" name="choice" value="old" class="button button--wide">
                    {format!("Keep {before}")}
                </button>
            </form>
        </Front>
    }
    .into_any()
}
