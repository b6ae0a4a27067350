//! `/authorizations/new`: choose a provider; the editor opens with a draft.

use crate::{
    api::{editor, providers},
    components::{Icon, IconName, Load, PageHeader, ProviderIcon, Tone, use_toasts},
    links,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use providers::ProviderCard;

/// The choice of a provider.
#[component]
pub fn New() -> impl IntoView {
    let list = Resource::new(|| (), |()| providers::list());
    view! {
        <PageHeader
            title="New authorization"
            text="Choose whose APIs it is for. Everything else comes after."
            back=("/authorizations", "Authorizations")
        />
        <Load from=list rows=3 let:cards>
            <Cards cards=cards.get_untracked() />
        </Load>
    }
    .into_any()
}

#[component]
fn Cards(cards: Vec<ProviderCard>) -> impl IntoView {
    // Current ones first, each group in the catalogue's order.
    let (current, deprecated): (Vec<_>, Vec<_>) = cards
        .into_iter()
        .partition(|card| card.deprecation.is_none());
    let opening = RwSignal::new(None::<String>);
    view! {
        <ul class="provider-cards">
            {current
                .into_iter()
                .chain(deprecated)
                .map(|card| view! { <Card card=card opening=opening /> })
                .collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Card(card: ProviderCard, opening: RwSignal<Option<String>>) -> impl IntoView {
    let toasts = use_toasts();
    let navigate = use_navigate();
    let id = StoredValue::new(card.id);
    let busy = move || opening.read().as_ref() == Some(&*id.read_value());
    let choose = move |_| {
        if opening.read_untracked().is_some() {
            return;
        }
        let provider = id.get_value();
        opening.set(Some(provider.clone()));
        let navigate = navigate.clone();
        spawn_local(async move {
            match editor::new_draft(provider).await {
                Ok(draft) => navigate(
                    &links::editor(draft.id, "settings"),
                    NavigateOptions::default(),
                ),
                Err(error) => toasts.error("The editor could not be opened", &error),
            }
            let _ = opening.try_set(None);
        });
    };
    view! {
        <li>
            <button
                type="button"
                class="provider-card"
                aria-busy=move || busy().then_some("true")
                on:click=choose
            >
                <ProviderIcon icon=card.icon />
                <span class="provider-card__words">
                    <span class="provider-card__name">{card.name}</span>
                    <span class="provider-card__text">{card.description}</span>
                    {card
                        .deprecation
                        .map(|note| {
                            view! {
                                <span class="provider-card__note">
                                    <Icon name=Tone::Warning.icon() />
                                    <span>{note}</span>
                                </span>
                            }
                        })}
                </span>
                <Icon name=IconName::ChevronRight />
            </button>
        </li>
    }
    .into_any()
}
