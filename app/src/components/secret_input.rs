//! A secret: it goes in and never comes out.

use super::{Button, ButtonSize, FieldContext, Icon, IconName, use_today};
use crate::text;
use leptos::{html, prelude::*};
use model::authorization::SecretInfo;

/// A write-only secret, inside a [`Field`](super::Field): says what is stored, and takes a new one.
#[component]
pub fn SecretInput(
    /// The new secret, as far as it is typed.
    #[prop(into)]
    value: Signal<String>,
    /// Every change, as typed; empty when the person keeps the stored one.
    #[prop(into)]
    on_input: Callback<String>,
    /// What is told of the stored one.
    #[prop(into)]
    info: Signal<Option<SecretInfo>>,
    /// The field was left.
    #[prop(optional, into)]
    on_blur: Option<Callback<()>>,
    /// Example in the empty field.
    #[prop(optional, into)]
    placeholder: Option<String>,
) -> impl IntoView {
    let field = FieldContext::get();
    let replacing = RwSignal::new(!value.get_untracked().is_empty());
    let typing = Memo::new(move |_| replacing.get() || info.read().is_none());
    let input = NodeRef::<html::Input>::new();
    let replace = move |()| {
        replacing.set(true);
        // The input exists after this turn.
        request_animation_frame(move || {
            if let Some(input) = input.get_untracked() {
                let _ = input.focus();
            }
        });
    };
    let keep = move |()| {
        on_input.run(String::new());
        replacing.set(false);
    };
    view! {
        {move || {
            let field = field.clone();
            if typing.get() {
                view! {
                    <div class="secret">
                        <input
                            node_ref=input
                            id=field.id
                            class="input input--code"
                            type="password"
                            autocomplete="new-password"
                            spellcheck="false"
                            autocapitalize="none"
                            // password managers offer to fill in what is none of theirs
                            data-1p-ignore="true"
                            data-lpignore="true"
                            placeholder=placeholder.clone()
                            required=move || field.required && info.read().is_none()
                            aria-invalid=move || field.error.read().is_some().then_some("true")
                            aria-describedby=field.described_by
                            prop:value=value
                            on:input=move |event| on_input.run(event_target_value(&event))
                            on:blur=move |_| {
                                if let Some(on_blur) = on_blur {
                                    on_blur.run(());
                                }
                            }
                        />
                        {move || {
                            info.read()
                                .is_some()
                                .then(|| view! { <Button on_press=keep>"Keep the stored one"</Button> })
                        }}
                    </div>
                }
                    .into_any()
            } else {
                view! {
                    <div class="secret secret--set" id=field.id tabindex="-1">
                        <SecretFacts info=info />
                        <Button size=ButtonSize::Small on_press=replace>
                            "Replace"
                            <span class="visually-hidden">" the stored secret"</span>
                        </Button>
                    </div>
                }
                    .into_any()
            }
        }}
    }
    .into_any()
}

/// `Set, ends in …a1b2, expires in 23 days`.
#[component]
fn SecretFacts(info: Signal<Option<SecretInfo>>) -> impl IntoView {
    let today = use_today();
    let words = move || {
        info.get().map(|info| {
            let mut words = "Set".to_owned();
            if let Some(end) = info.ends_in {
                words.push_str(", ends in …");
                words.push_str(&end);
            }
            if let Some(on) = info.expires_on {
                words.push_str(", ");
                words.push_str(&text::expiry(on, today.get()));
            }
            words
        })
    };
    view! {
        <span class="secret__facts">
            <Icon name=IconName::Check />
            <span>{words}</span>
        </span>
    }
    .into_any()
}
