//! `/connect/done?flow=`: tells a person who followed a connect link how it ended. They may
//! have no account here, so nothing on it needs one.

use super::front::Front;
use crate::components::{Banner, Tone};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// How the trip to the provider ended.
struct Ending {
    tone: Tone,
    title: &'static str,
    text: &'static str,
}

/// The words of `broker::consent` and `api::connect`; whatever else it is, it failed.
fn ending(flow: &str) -> Ending {
    match flow {
        "done" => Ending {
            tone: Tone::Success,
            title: "You are done",
            text: "The connection is authorized; whoever sent you the link can see it now. You can close this page.",
        },
        "kept" => Ending {
            tone: Tone::Success,
            title: "Nothing was replaced",
            text: "The connection acts for the same account as before, and the access you had just given is given back. You can close this page.",
        },
        "late" => Ending {
            tone: Tone::Warning,
            title: "Nothing was replaced",
            text: "The question was answered already, or it took longer than 10 minutes. To do it after all, ask whoever sent you the link for a new one.",
        },
        "admin" => Ending {
            tone: Tone::Warning,
            title: "An administrator has to agree first",
            text: "Your organization lets only an administrator consent to these permissions, so nothing was connected. Tell whoever sent you the link; once an administrator has agreed, ask for a new one.",
        },
        "consented" => Ending {
            tone: Tone::Success,
            title: "Consent was given for your organization",
            text: "You can close this page; whoever wanted to authorize can do so now.",
        },
        "refused" => Ending {
            tone: Tone::Warning,
            title: "No consent was given for your organization",
            text: "Whoever wanted to authorize still cannot. To agree after all, follow the link again.",
        },
        _ => Ending {
            tone: Tone::Warning,
            title: "Nothing was connected",
            text: "The sign-in was not completed or the consent was declined, so no access was given. To do it after all, ask whoever sent you the link for a new one.",
        },
    }
}

/// The end of a connect link.
#[component]
pub fn ConnectDone() -> impl IntoView {
    let flow = use_query_map()
        .read_untracked()
        .get("flow")
        .unwrap_or_default();
    let Ending { tone, title, text } = ending(&flow);
    view! {
        <Front title=title>
            <Banner tone=tone>
                <p>{text}</p>
            </Banner>
        </Front>
    }
    .into_any()
}
